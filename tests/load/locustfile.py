"""The customers and the staff, played by Locust (``python -m tests.load`` starts it).

A customer's app is signed in, follows its orders over a WebSocket, sends a list, shows the link as
it arrives, reads the order, and pays or leaves; then the next customer takes its place. The webhook
comes from PayStack, at the local stack from its stand-in.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final

import gevent
import jwt
from gevent.event import Event
from gevent.lock import Semaphore
from locust import LoadTestShape, User, constant, task
from requests import RequestException, Session

from scripts.auth import Tokens, UserPool, refresh
from scripts.cli.orders.api import GET_ORDER, SUBMIT
from tests.load.mix import shoppers, zipf
from tests.load.observations import Kind, Notebook
from tests.load.profiles import profile
from tests.load.realtime import Subscription

SETTINGS: Final = json.loads(os.environ["LOAD_SETTINGS"])
PATIENCE_SECONDS: Final = 300
LINK: Final = "PAYMENT_INITIATED"
PAID: Final = "PAYMENT_COMPLETED"
#: An order in one of these goes on by itself.
GOING_ON: Final = frozenset({"PENDING_MATCHING", "MATCHED", "PAYMENT_DELAYED"})
PAYING_SHARE: Final = 0.7
STAFF_PAUSE_SECONDS: Final = 5
RENEWED_BEFORE: Final = timedelta(minutes=10)
ATTEMPTS: Final = 12
ORDERS: Final = """
query Orders($status: OrderStatus, $createdAfter: AWSDateTime) {
  orders(status: $status, createdAfter: $createdAfter, limit: 50) { items { orderId status } }
}"""

_random: Final = Random(20)
_messages: Final[Iterator[str]] = zipf(shoppers(), _random)
_file = Path(SETTINGS["observations"]).open("a", encoding="utf-8")  # noqa: SIM115 - until the end
_notebook: Final = Notebook(_file)
_profile: Final = profile(
    SETTINGS["profile"], SETTINGS["orders"], SETTINGS["atOnce"], SETTINGS["seconds"]
)


class Account:
    """A signed-in account, whose tokens are renewed before they expire, as apps do."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.email: str = content["email"]
        self._tokens = Tokens.model_validate(content["tokens"])
        self._renewing = Semaphore()

    @property
    def token(self) -> str:
        """The ID token."""
        with self._renewing:
            left = self._tokens.expires_at - datetime.now(UTC)
            if left < RENEWED_BEFORE and self._tokens.refresh_token:
                self._tokens = refresh(UserPool(**SETTINGS["pool"]), self._tokens.refresh_token)
            return self._tokens.id_token


class _Run:
    """What all customers share."""

    def __init__(self) -> None:
        self.placed = 0
        self.busy = 0
        self.customers = 0
        self.accounts = cycle([*map(Account, SETTINGS["accounts"])])

    def take(self) -> bool:
        """Whether there is one more order to place."""
        if _profile.orders is not None and self.placed >= _profile.orders:
            return False
        self.placed += 1
        return True


run: Final = _Run()


class ApiError(Exception):
    """The API answered with an error."""


class _App(User):
    """A client of the API with a token."""

    abstract = True
    wait_time = constant(0)
    account: Account
    session: Session

    def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The answer's only field.

        Raises:
            ApiError: the answer has errors.
            RequestException: there is none.
        """
        answer = self.session.post(
            SETTINGS["graphql"],
            json={"query": query, "variables": variables},
            headers={"Authorization": self.account.token},
            timeout=60,
        ).json()
        if answer.get("errors"):
            error = answer["errors"][0]
            raise ApiError(error.get("errorType") or error["message"])
        return dict(next(iter(answer["data"].values())))

    @contextmanager
    def timed(self, kind: Kind, order: str = "") -> Iterator[None]:
        """Notes how long the block takes, or its error."""
        started = time.time()
        try:
            yield
        except (ApiError, RequestException) as error:
            name = str(error) if isinstance(error, ApiError) else type(error).__name__
            self.note(Kind.ERROR, time.time() - started, order, f"{kind}: {name}")
            raise
        self.note(kind, time.time() - started, order)

    def note(self, kind: Kind, seconds: float, order: str = "", detail: str = "") -> None:
        """Writes an observation down."""
        _notebook.note(kind, seconds, order, run.customers, detail)


class Customer(_App):
    """A customer's app."""

    weight = 1

    def on_start(self) -> None:
        """Takes a signed-in account, and follows its orders."""
        self.account, self.session = next(run.accounts), Session()
        self.session.trust_env = False
        token = self.account.token
        self.seen: dict[str, dict[str, Any]] = {}
        self.arrived = Event()
        customer_id = jwt.decode(token, options={"verify_signature": False})["sub"]
        self.subscription = Subscription(SETTINGS["graphql"], token, customer_id)
        gevent.spawn(self.subscription.receive, self.deliver)
        run.customers += 1

    def on_stop(self) -> None:
        """Closes the app."""
        run.customers -= 1
        self.subscription.close()

    def deliver(self, update: dict[str, Any]) -> None:
        """Shows an update; those of another device of the account are seen, too."""
        known = self.seen.get(update["orderId"])
        if known is None or update["version"] > known["version"]:
            self.seen[update["orderId"]] = {**update, "arrived": time.time()}
        self.arrived.set()
        self.arrived.clear()

    @task
    def order(self) -> None:
        """One order, from the list to its payment."""
        if not run.take():
            gevent.sleep(1)
            return
        run.busy += 1
        try:
            self._order()
        except (ApiError, RequestException):
            return  # noted; the next customer comes
        finally:
            run.busy -= 1

    def _order(self) -> None:
        started = time.time()
        order_id = self._submit(next(_messages))
        update = self._wait(order_id, started, until=lambda status: status not in GOING_ON)
        if update is None or update["status"] != LINK:
            status = update["status"] if update else "no link"
            kind = Kind.OTHER if status == "REJECTED" else Kind.ERROR
            self.note(kind, time.time() - started, order_id, status)
            return
        self.note(Kind.LINK, update["arrived"] - started, order_id)
        changed = datetime.fromisoformat(update["updatedAt"]).timestamp()
        self.note(Kind.UPDATE, update["arrived"] - changed, order_id)
        with self.timed(Kind.READ, order_id):
            order = self.ask(GET_ORDER, {"orderId": order_id})
        if SETTINGS["canPay"] and _random.random() < PAYING_SHARE:
            self._pay(order_id, order["paymentLink"])

    def _submit(self, message: str) -> str:
        content = {
            "customerEmail": self.account.email,
            "groceryList": message,
            "idempotencyKey": uuid.uuid4().hex,
        }
        for attempt in range(ATTEMPTS):
            try:
                with self.timed(Kind.ACCEPT):
                    return str(self.ask(SUBMIT, {"input": content})["orderId"])
            except (ApiError, RequestException):
                gevent.sleep(_random.uniform(0, min(2**attempt, 10)))
        raise ApiError("not accepted")

    def _pay(self, order_id: str, link: str) -> None:
        started = time.time()
        self.session.post(link, allow_redirects=False, timeout=60)
        update = self._wait(order_id, started, until=lambda status: status == PAID)
        if update is None:
            self.note(Kind.ERROR, time.time() - started, order_id, "payment: not completed")
        else:
            self.note(Kind.PAYMENT, update["arrived"] - started, order_id)

    def _wait(self, order_id: str, since: float, until: Any) -> dict[str, Any] | None:
        deadline = since + PATIENCE_SECONDS
        while time.time() < deadline:
            update = self.seen.get(order_id)
            if update and until(update["status"]):
                return update
            self.arrived.wait(timeout=0.5)
        return None


class Staff(_App):
    """An employee of operations, who looks for orders."""

    fixed_count = 1
    wait_time = constant(STAFF_PAUSE_SECONDS)
    _statuses: ClassVar = (None, "NEEDS_ATTENTION", "PAYMENT_DELAYED", "FAILED")

    def on_start(self) -> None:
        """Takes the account of the group."""
        self.account, self.session = Account(SETTINGS["staff"]), Session()
        self.session.trust_env = False

    @task
    def look(self) -> None:
        """Asks for the orders of the last hour."""
        since = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for status in self._statuses:
            try:
                with self.timed(Kind.STAFF):
                    self.ask(ORDERS, {"status": status, "createdAfter": since})
            except (ApiError, RequestException):
                continue


if not SETTINGS["staff"]:
    Staff.abstract = True


class Course(LoadTestShape):
    """The profile; the run ends when its orders are placed and none is under way."""

    _faults = Semaphore()
    is_faulty = False

    def tick(self) -> tuple[int, float] | None:
        """The customers now, and how many start a second."""
        second = self.get_run_time()
        self._set_fault(second)
        customers = _profile.customers_at(second)
        is_done = _profile.orders is not None and run.placed >= _profile.orders and not run.busy
        if customers is None or is_done:
            return None
        staff = 0 if Staff.abstract else 1
        return customers + staff, float(max(10, customers))

    def _set_fault(self, second: float) -> None:
        if not _profile.outage or not SETTINGS["paystack"]:
            return
        begin, end = _profile.outage
        wanted = begin <= second < end
        if wanted is not self.is_faulty:
            self.is_faulty = wanted
            url = f"{SETTINGS['paystack']}/_admin/faults"
            with Session() as session:
                session.trust_env = False
                if wanted:
                    session.put(url, json={"mode": "outage"}, timeout=10)
                else:
                    session.delete(url, timeout=10)
