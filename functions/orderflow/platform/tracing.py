"""Traces (AWS X-Ray), for handlers alone.

Apart from logs and metrics, because X-Ray's library asks for AWS settings when it is imported,
and the command line must not need any for the domain's sake.
"""

from aws_lambda_powertools import Tracer

tracer = Tracer()
