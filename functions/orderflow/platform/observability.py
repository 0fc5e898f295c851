"""Logs and metrics, the same for every function.

Logs never hold a customer's e-mail address, name or list; order ids lead to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()


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
