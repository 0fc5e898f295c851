"""Traces (AWS X-Ray), for handlers alone.

A module of its own: X-Ray's library reads AWS settings when it is imported, which the command line
may lack.
"""

from aws_lambda_powertools import Tracer

tracer = Tracer()
