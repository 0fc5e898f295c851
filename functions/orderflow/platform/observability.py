"""Logs and metrics, the same for every function.

Logs never hold a customer's e-mail address, name or list; order ids lead to them.
"""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
