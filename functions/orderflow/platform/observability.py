"""Logs and metrics, the same for every function.

Logs never hold a customer's e-mail address, name or list; order ids lead to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from typing_extensions import override

#: What Powertools adds to each line, and the log's name and the invocation's report say, too. These
#: are a quarter of an audit line, which AWS bills by the byte.
_SAID_ELSEWHERE: Final = ("function_arn", "function_memory_size", "function_name")


class _Formatter(LambdaPowertoolsFormatter):
    @override
    def serialize(self, log: Any) -> str:
        return super().serialize({key: log[key] for key in log if key not in _SAID_ELSEWHERE})


logger = Logger(logger_formatter=_Formatter())
metrics = Metrics()


def count(metric: str, number: int) -> None:
    """Count events. None at all leave no line in the log; a sum does not miss it."""
    if number:
        metrics.add_metric(metric, "Count", number)


@dataclass(frozen=True, slots=True)
class Objective:
    """A time that customers are promised.

    Attributes:
        metric: 1 for each event that was late, 0 for each other: its average is the part of late
            events, its sum their number, its sample count that of all events.
        within: how long the event may take.
    """

    metric: str
    within: timedelta

    def measure(self, since: datetime, until: datetime) -> None:
        """Count one event that took from ``since`` to ``until``."""
        metrics.add_metric(self.metric, "Count", int(until - since > self.within))


#: From the order to its payment link.
LINKS: Final = Objective("LinksLate", timedelta(seconds=30))
#: From an order's change to its update of subscribers.
UPDATES: Final = Objective("UpdatesLate", timedelta(seconds=5))
#: From a payment to its confirmation.
PAYMENTS: Final = Objective("PaymentsLate", timedelta(seconds=60))
