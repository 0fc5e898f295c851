"""The customer of the smoke suite: signs in with a second factor, leaves nothing under way."""

from __future__ import annotations

from functools import cached_property

from scripts.auth import Challenge, Tokens, begin, sign_in
from scripts.cli.deployment import Deployment
from scripts.cli.orders.execution import read_progress
from tests.support.attempts.requests import CANCEL
from tests.support.follower import GqlFollower, with_token
from tests.support.shop import Customer
from tests.support.waiting import wait_for

#: Seconds; functions that have not run for long start from their snapshots first.
PATIENCE = 120

CLOSED = {"PAYMENT_COMPLETED", "EXPIRED", "CANCELLED", "REJECTED", "FAILED"}


class SmokeCustomer:
    """A customer whose credentials are the demo customer's, or ``ORDERS_*`` variables.

    Args:
        deployment: the stage.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._placed: list[str] = []

    def begin(self) -> Tokens | Challenge:
        """A sign-in with the password alone."""
        customer = self._deployment.customer
        return begin(self._deployment.user_pool, customer.email, customer.password)

    @cached_property
    def api(self) -> Customer:
        """The API, after a sign-in with the password and a code of the authenticator app."""
        customer, pool = self._deployment.customer, self._deployment.user_pool
        tokens = sign_in(pool, customer.email, customer.password, customer.totp_secret)
        return Customer(
            self._deployment.graphql_url, tokens.id_token, customer.email, tokens.access_token
        )

    def follow(self) -> GqlFollower:
        """A subscription to all of the customer's orders, for a ``with`` block."""
        return with_token(self._deployment.graphql_url, self.api.token, self.api.sub)

    def place(self, grocery_list: str) -> str:
        """Submits a list; the order's id."""
        order_id = self.api.insist(grocery_list)
        self._placed.append(order_id)
        return order_id

    def until(self, order_id: str, *statuses: str) -> dict[str, object]:
        """The order once it has one of these statuses."""
        found: dict[str, object] = wait_for(
            lambda: self._order(order_id), lambda order: order.get("status") in statuses, PATIENCE
        )
        return found

    def cancel(self, order_id: str) -> None:
        """Cancels an order that is not paid."""
        self.api.ask(CANCEL, {"orderId": order_id})

    def clean_up(self) -> None:
        """Cancels what is not closed, and waits until no execution of the suite runs."""
        for order_id in self._placed:
            if self._order(order_id).get("status") not in CLOSED:
                self.cancel(order_id)
            arn = str(self.until(order_id, *CLOSED)["executionArn"])
            wait_for(lambda arn=arn: self._is_running(arn), lambda running: not running, PATIENCE)

    def _is_running(self, arn: str) -> bool:
        progress = read_progress(self._deployment.client("stepfunctions"), arn)
        return progress is not None and not progress.is_over

    def _order(self, order_id: str) -> dict[str, object]:
        """The order; empty before its first state has written it."""
        try:
            return self.api.order(order_id)
        except AssertionError:
            return {}
