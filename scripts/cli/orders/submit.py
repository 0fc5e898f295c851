"""``orders submit``: submits a list and follows the order to its payment link."""

from __future__ import annotations

import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import httpx
import typer.core
from typer._click.exceptions import NoSuchOption

from orderflow.grocery_list.size import length_problem
from orderflow.money import CURRENCY
from orderflow.orders.status import CLOSED, OrderStatus
from scripts.cli.console import (
    CommandError,
    ExitCode,
    TryLaterError,
    err,
    out,
    print_field,
    print_json,
    working,
)
from scripts.cli.deployment import Deployment
from scripts.cli.orders.api import CustomerApi
from scripts.cli.orders.execution import PARKED, REVIEWED, Progress
from scripts.cli.orders.refusals import with_advice, with_lines_named
from scripts.cli.orders.views import lines_table, status_text
from scripts.cli.orders.watch import Watch, look_again

#: The statuses of a successful submission. A delayed order continues by itself.
_SUCCESSFUL: Final = {
    OrderStatus.AWAITING_REVIEW,
    OrderStatus.PAYMENT_INITIATED,
    OrderStatus.PAYMENT_DELAYED,
    OrderStatus.PAYMENT_COMPLETED,
}
_SHOWN_LINE_FIELDS: Final = (
    "text", "productId", "name", "quantity", "unit", "packs", "packSize",
    "unitPriceKobo", "lineTotalKobo", "matchedBy", "confidence", "packing", "priceNote",
)  # fmt: skip
_CHECKOUT_TIMEOUT_SECONDS: Final = 30.0


class Submission:
    """Submits an order and follows it.

    Args:
        deployment: the stage.
        patience_seconds: the limit of the wait for the link, and for the payment.
        json: print the result as JSON, and no progress.
    """

    def __init__(self, deployment: Deployment, patience_seconds: float, *, json: bool) -> None:
        self._deployment = deployment
        self._api = CustomerApi(deployment)
        self._patience = patience_seconds
        self._json = json

    def run(self, fields: dict[str, Any], *, wait: bool = True, pay: bool = False) -> ExitCode:
        """Submit the list, follow the order to its link (and payment), and show the result.

        Args:
            fields: the mutation's input. The verified address of the signed-in customer receives
                the link; ``customerEmail`` may repeat it. Without ``idempotencyKey`` this
                submission gets one of its own.
            wait: follow the order; else it is only submitted.
            pay: pay it at the local checkout.

        Raises:
            CommandError: if the list is refused, the API stays busy, the execution fails or takes
                too long, or Ctrl-C stops the command.
        """
        if pay and self._deployment.urls is None:
            raise CommandError("--pay works with the local checkout only.", ExitCode.REFUSED)
        with working("Signing in", quiet=self._json):
            self._api.sign_in()
        watch = Watch(self._deployment, self._patience, quiet=self._json)
        started = time.monotonic()
        accepted = self._submit({"idempotencyKey": str(uuid.uuid4()), **fields})
        if not wait:
            self._show(accepted, accepted, None)
            return ExitCode.OK
        with watch, _advice_on_interrupt(accepted["orderId"]):
            self._note(f"Order {accepted['orderId']} accepted.")
            order = self._reach_link(watch, accepted)
            elapsed = time.monotonic() - started
            if pay and order["status"] == OrderStatus.PAYMENT_INITIATED:
                order = self._reach_payment(watch, accepted, order["paymentLink"])
        self._show(accepted, order, elapsed)
        successful = {OrderStatus.PAYMENT_COMPLETED} if pay else _SUCCESSFUL
        return ExitCode.OK if order["status"] in successful else ExitCode.FAILED

    def confirm(self, order_id: str) -> ExitCode:
        """Confirm an order in review as it is, and follow it to its link; raises as :meth:`run`."""
        order = self._api.get_order(order_id)
        self._api.confirm(order_id, order["version"])
        with Watch(self._deployment, self._patience, quiet=self._json) as watch:
            watch.until(_has_link_or_parked, order["executionArn"])
        order = self._api.get_order(order_id)
        self._show(order, order, None)
        return ExitCode.OK if order["status"] in _SUCCESSFUL else ExitCode.FAILED

    def _submit(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Submit, again with the same key while the API asks for that and the patience lasts."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                with working("Sending the list", quiet=self._json):
                    return self._api.submit(fields)
            except TryLaterError as refusal:
                # Not all callers that were sent away come back at the same moment.
                pause = refusal.retry_after_seconds * random.SystemRandom().uniform(1, 1.5)
                if time.monotonic() + pause > deadline:
                    raise
                self._note(f"{refusal} Trying again in {pause:.0f} s; no order is doubled.")
                with working("Waiting to try again", quiet=self._json):
                    time.sleep(pause)
            except CommandError as refusal:
                named = with_lines_named(refusal, fields["groceryList"])
                raise with_advice(named, fields["idempotencyKey"], self._deployment) from refusal

    def _reach_link(self, watch: Watch, accepted: dict[str, Any]) -> dict[str, Any]:
        """The order once it has its link or has stopped without one."""
        # An old order, found by its key, may have no execution history any more.
        if accepted["status"] not in CLOSED:
            watch.until(_has_link_or_stopped, accepted["executionArn"])
        # Not earlier: right after the submission the API does not return the order yet.
        return self._api.get_order(accepted["orderId"])

    def _reach_payment(self, watch: Watch, accepted: dict[str, Any], link: str) -> dict[str, Any]:
        self._note("Paying at the checkout ...")
        answer = httpx.post(
            link, timeout=_CHECKOUT_TIMEOUT_SECONDS, trust_env=False, follow_redirects=True
        )
        answer.raise_for_status()
        watch.waits_for("the payment's confirmation")
        watch.until(lambda progress: progress.is_over, accepted["executionArn"])
        return self._api.get_order(accepted["orderId"])

    def _note(self, text: str) -> None:
        if not self._json:
            err.print(text)

    def _show(self, accepted: dict[str, Any], order: dict[str, Any], elapsed: float | None) -> None:
        if self._json:
            print_json(_as_json(accepted, order, elapsed))
            return
        if order.get("lines") or order.get("unmatched"):
            out.print(lines_table(order))
        print_field("Order", accepted["orderId"])
        print_field("Status", status_text(order["status"]))
        if order.get("statusReason"):
            print_field("Reason", order["statusReason"])
        if order.get("paymentLink"):
            print_field("Payment link", order["paymentLink"])
        if order["status"] == OrderStatus.AWAITING_REVIEW:
            print_field("Confirm it", f"orders confirm {accepted['orderId']}")
        if order["status"] == OrderStatus.PAYMENT_INITIATED and self._deployment.urls:
            print_field("Pay it", f"orders pay {accepted['orderId']}")
        if order["status"] == OrderStatus.PAYMENT_DELAYED:
            print_field("It goes on by itself", f"orders show {accepted['orderId']}")
        is_paid = order["status"] == OrderStatus.PAYMENT_COMPLETED
        if elapsed is not None and (is_paid or order.get("paymentLink")):
            print_field("From submission to link", f"{elapsed:.2f} s")


class ListCommand(typer.core.TyperCommand):
    """A command with a grocery list, which may begin with "-" as the names of options do."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; one that begins with "-" and holds a blank is a list."""
        try:
            return super().parse_args(ctx, self._with_list_last(args))
        except NoSuchOption as error:
            error.message += (
                '\nA list of one word that begins with "-" comes last, after "--":\n'
                'orders submit -- "-eggs"'
            )
            raise

    def _with_list_last(self, args: list[str]) -> list[str]:
        if "--" in args:
            return args
        lists = [
            text
            for before, text in pairwise(["", *args])
            if self._is_list(text) and before not in self._with_values
        ]
        return [*(each for each in args if each not in lists), "--", *lists] if lists else args

    def _is_list(self, text: str) -> bool:
        name = text.partition("=")[0]
        names = {name for option in self.params for name in option.opts}
        return text.startswith("-") and any(map(str.isspace, text)) and name not in names

    @property
    def _with_values(self) -> set[str]:
        """The options whose value is the next argument."""
        options: list[Any] = [each for each in self.params if each.param_type_name == "option"]
        return {name for option in options if not option.is_flag for name in option.opts}


def parse_list(text: str | None, file: Path | None) -> str:
    """The grocery list of a command's argument or of a file; ``-`` reads it from standard input.

    Raises:
        CommandError: if not exactly one of them is given, or the list is not UTF-8 text or longer
            than the API accepts.
    """
    if text is not None and file is None:
        content = read_list(text)
    elif file is not None and text is None:
        content = _checked(lambda: file.read_text("utf-8"))
    else:
        raise CommandError(
            "Give one list: in quotes, in a file with -f FILE, or - for standard input.",
            ExitCode.REFUSED,
        )
    if problem := length_problem(content):
        # Sent, a list this long would get no reason: the web ACL refuses the request.
        raise CommandError(f"InvalidOrder: {problem}", ExitCode.REFUSED)
    return content


def read_list(text: str) -> str:
    """A list of any length; ``-`` reads it from standard input.

    Raises:
        CommandError: if it is not UTF-8 text.
    """
    if text == "-" and sys.stdin.isatty():
        err.print("Type the list; Ctrl-D on a line of its own ends it.")
    return _checked(lambda: sys.stdin.read() if text == "-" else text)


def _checked(read: Callable[[], str]) -> str:
    try:
        content = read()
        content.encode()
    except UnicodeError as error:
        raise CommandError("The list is not UTF-8 text.", ExitCode.REFUSED) from error
    # Editors on Windows begin files with a byte order mark.
    return content.removeprefix("\ufeff")


@contextmanager
def _advice_on_interrupt(order_id: str) -> Iterator[None]:
    """Reports on Ctrl-C that the order continues."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise CommandError(
            f"Stopped watching; the order goes on. {look_again(order_id)}", ExitCode.INTERRUPTED
        ) from interrupt


def _has_link_or_parked(progress: Progress) -> bool:
    current = progress.current
    return progress.is_over or progress.has_link or (current is not None and current.name == PARKED)


def _has_link_or_stopped(progress: Progress) -> bool:
    current = progress.current
    return _has_link_or_parked(progress) or (current is not None and current.name == REVIEWED)


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
        "currency": order.get("currency", CURRENCY),
        "paymentLink": order.get("paymentLink"),
        "elapsedSeconds": None if elapsed is None else round(elapsed, 3),
    }
