"""The metrics that AppSync keeps of its requests, in the emulator's CloudWatch."""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

#: As AppSync names them: https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html.
_NAMESPACE: Final = "AWS/AppSync"
_CLIENT_ERROR: Final = "4XXError"

log = logging.getLogger("front_door")

#: Takes a request's API (its id) and the status of the answer.
Count = Callable[[str, int], None]


def no_metrics(_api_id: str, _status: int) -> None:
    """Counts nothing."""


def counting(cloudwatch: Callable[[], Any]) -> Count:
    """Counts the requests that are refused because of an error of their client.

    Args:
        cloudwatch: returns a boto3 CloudWatch client, which is used in threads.
    """

    def put(api_id: str) -> None:
        try:
            cloudwatch().put_metric_data(
                Namespace=_NAMESPACE,
                MetricData=[
                    {
                        "MetricName": _CLIENT_ERROR,
                        "Dimensions": [{"Name": "GraphQLAPIId", "Value": api_id}],
                        "Value": 1,
                        "Unit": "Count",
                    }
                ],
            )
        except Exception:
            # An answer does not depend on its metric.
            log.exception("request not counted")

    def count(api_id: str, status: int) -> None:
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            asyncio.get_running_loop().run_in_executor(None, put, api_id)

    return count
