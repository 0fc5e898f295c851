"""``orders submit``: a list goes in, a payment link comes out."""

from __future__ import annotations

import sys
import time
from typing import Any, Final

import httpx

from orderflow.order import CLOSED, OrderStatus
from scripts.cli.api import CustomerApi
from scripts.cli.console import (
    CommandError,
    ExitCode,
    err,
    out,
    plain,
    print_error,
    print_field,
    print_json,
)
from scripts.cli.deployment import Deployment
from scripts.cli.execution import PARKED, WAITING, Progress
from scripts.cli.views import lines_table, status_text
from scripts.cli.watch import Watch

#: Where an order may stand when nothing went wrong. Delayed is fine: it goes on by itself.
_FINE: Final = {
    OrderStatus.PAYMENT_INITIATED,
    OrderStatus.PAYMENT_DELAYED,
    OrderStatus.PAYMENT_COMPLETED,
}
_SHOWN_LINE_FIELDS: Final = (
    "text", "productId", "name", "quantity", "unit", "packs", "packSize",
    "unitPriceKobo", "lineTotalKobo", "matchedBy", "confidence",
)  # fmt: skip
_CHECKOUT_TIMEOUT_SECONDS: Final = 30.0


class Submission:
    """One order on its way, as the person who sent it sees it.

    Args:
        deployment: the stage.
        patience_seconds: how long to wait for the link, and for the payment.
        json: the result as JSON, and no word of what happens until then.
    """

    def __init__(self, deployment: Deployment, patience_seconds: float, *, json: bool) -> None:
        self._deployment = deployment
        self._api = CustomerApi(deployment)
        self._patience = patience_seconds
        self._json = json

    def run(self, fields: dict[str, Any], *, wait: bool = True, pay: bool = False) -> ExitCode:
        """Submit the list, follow the order to its link (and payment), and show the result.

        Args:
            fields: the mutation's input; without ``customerEmail`` the link goes to the customer
                who signs in.
            wait: follow the order; else it is only handed in.
            pay: pay it at the local checkout.

        Raises:
            CommandError: the list is refused, or the order takes too long.
        """
        if pay and self._deployment.urls is None:
            raise CommandError("--pay works with the local checkout only.", ExitCode.REFUSED)
        self._api.sign_in()
        started = time.monotonic()
        accepted = self._api.submit({"customerEmail": self._api.email, **fields})
        if not wait:
            self._show(accepted, accepted, None)
            return ExitCode.OK
        self._note(f"Order {accepted['orderId']} accepted.")
        with Watch(self._deployment, self._patience, quiet=self._json) as watch:
            order, elapsed = self._reach_link(watch, accepted, started)
            if pay and order["status"] == OrderStatus.PAYMENT_INITIATED:
                order = self._reach_payment(watch, accepted, order)
        self._show(accepted, order, elapsed)
        fine = {OrderStatus.PAYMENT_COMPLETED} if pay else _FINE
        return ExitCode.OK if order["status"] in fine else ExitCode.FAILED

    def _reach_link(
        self, watch: Watch, accepted: dict[str, Any], started: float
    ) -> tuple[dict[str, Any], float]:
        """The order as soon as it has its link, or has stopped; and after how many seconds."""
        # An old order, found again by its key, may have outlived its execution's history.
        if accepted["status"] not in CLOSED:
            self._check(watch.until(_has_link_or_stopped, accepted["executionArn"]))
        elapsed = time.monotonic() - started
        return self._api.get_order(accepted["orderId"]), elapsed

    def _reach_payment(
        self, watch: Watch, accepted: dict[str, Any], order: dict[str, Any]
    ) -> dict[str, Any]:
        self._note("Paying at the checkout ...")
        answer = httpx.post(
            order["paymentLink"],
            timeout=_CHECKOUT_TIMEOUT_SECONDS,
            trust_env=False,
            follow_redirects=True,
        )
        answer.raise_for_status()
        self._check(watch.until(lambda progress: progress.is_over, accepted["executionArn"]))
        return self._api.get_order(accepted["orderId"])
