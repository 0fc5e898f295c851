"""``orders submit``: a list goes in, a payment link comes out."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import httpx
from rich.live import Live

from scripts.cli.api import CustomerApi
from scripts.cli.console import CommandError, ExitCode, err, out, print_json
from scripts.cli.deployment import Deployment
from scripts.cli.execution import PARKED, WAITING, Progress, read_progress
from scripts.cli.views import lines_table, states_table, status_text

_POLL_SECONDS: Final = {True: 0.1, False: 1.0}  # local, on AWS
_FINE: Final = {"PENDING_MATCHING", "PAYMENT_INITIATED", "PAYMENT_DELAYED", "PAYMENT_COMPLETED"}
_SHOWN_LINE_FIELDS: Final = (
    "text", "productId", "name", "quantity", "unit", "packs", "packSize",
    "unitPriceKobo", "lineTotalKobo", "matchedBy", "confidence",
)  # fmt: skip


class Submission:
    """One order on its way, as the person who sent it sees it.

    Args:
        deployment: the stage.
        patience_seconds: how long to wait for the link, and for the payment.
        quiet: without the live view (for ``--json``).
    """

    def __init__(self, deployment: Deployment, patience_seconds: float, *, quiet: bool) -> None:
        self._deployment = deployment
        self._api = CustomerApi(deployment)
        self._sfn = deployment.client("stepfunctions")
        self._patience = patience_seconds
        self._pause = _POLL_SECONDS[deployment.urls is not None]
        self._quiet = quiet

    def run(self, fields: dict[str, Any], *, wait: bool, pay: bool) -> ExitCode:
        """Submit the list, follow the order to its link (and payment), and show the result."""
        self._api.sign_in()
        started = time.monotonic()
        accepted = self._api.submit({"customerEmail": self._api.email, **fields})
        if not wait:
            self._show(accepted, accepted, None)
            return ExitCode.OK
        self._note(f"Order [bold]{accepted['orderId']}[/bold] accepted.")
        arn = accepted["executionArn"]
        self._follow(arn, _has_link_or_stopped)
        elapsed = time.monotonic() - started
        order = self._api.get_order(accepted["orderId"])
        if pay and order["status"] == "PAYMENT_INITIATED":
            self._pay(order["paymentLink"])
            self._follow(arn, lambda progress: progress.is_over)
            order = self._api.get_order(accepted["orderId"])
        self._show(accepted, order, elapsed)
        return ExitCode.OK if order["status"] in _FINE else ExitCode.FAILED

    def _follow(self, arn: str, enough: Callable[[Progress], bool]) -> None:
        deadline = time.monotonic() + self._patience
        with self._live() as live:
            while True:
                progress = read_progress(self._sfn, arn)
                if live:
                    live.update(states_table(progress), refresh=True)
                if progress and enough(progress):
                    return
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"The order is still on its way after {self._patience:.0f} s; it is not "
                        f"lost. Look again with `orders show {arn.rpartition(':')[2]}`.",
                        ExitCode.FAILED,
                    )
                time.sleep(self._pause)

    def _live(self) -> AbstractContextManager[Live | None]:
        if self._quiet:
            return nullcontext()
        return Live(console=err, auto_refresh=False)

    def _pay(self, link: str) -> None:
        urls = self._deployment.urls
        if urls is None or not link.startswith(urls.paystack):
            raise CommandError(
                f"--pay works with the local checkout only. Pay here: {link}", ExitCode.REFUSED
            )
        self._note("Paying at the checkout ...")
        httpx.post(
            link, timeout=30, trust_env=False, follow_redirects=True
        ).raise_for_status()

    def _note(self, text: str) -> None:
        if not self._quiet:
            err.print(text)

    def _show(self, accepted: dict[str, Any], order: dict[str, Any], elapsed: float | None) -> None:
        if self._quiet:
            print_json(_as_json(accepted, order, elapsed))
            return
        if order.get("lines") or order.get("unmatched"):
            out.print(lines_table(order))
        out.print("Status:", status_text(order["status"]))
        if order.get("statusReason"):
            out.print("Reason:", order["statusReason"])
        if order.get("paymentLink"):
            out.print(f"Payment link: {order['paymentLink']}", soft_wrap=True)
        if elapsed is not None:
            out.print(f"From submission to link: {elapsed:.2f} s")


def _has_link_or_stopped(progress: Progress) -> bool:
    return progress.is_over or progress.current in {WAITING, PARKED}


def _as_json(
    accepted: dict[str, Any], order: dict[str, Any], elapsed: float | None
) -> dict[str, Any]:
    return {
        "orderId": accepted["orderId"],
        "executionArn": accepted["executionArn"],
        "status": order["status"],
        "statusReason": order.get("statusReason"),
        "lines": [
            {name: line[name] for name in _SHOWN_LINE_FIELDS} for line in order.get("lines", [])
        ],
        "unmatched": order.get("unmatched", []),
        "totalKobo": order.get("totalKobo", 0),
        "currency": order.get("currency", "NGN"),
        "paymentLink": order.get("paymentLink"),
        "elapsedSeconds": None if elapsed is None else round(elapsed, 3),
    }
