"""``make recovery``: the loss of the orders' table and of the stack, each under load.

Prints what was lost and how long it took; ends with exit code 1 where an accepted order is lost or
doubled. With ``--write`` the output also becomes part of docs/recovery/objectives.md.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orderflow.orders.status import CLOSED, OrderStatus
from scripts.local.stack.lifecycle import up
from tests.chaos.auditor import discrepancies, read_books
from tests.chaos.operators import command, replay_failed
from tests.chaos.workload import awaiting, settled, statuses
from tests.recovery.load import Accepted, Load
from tests.recovery.losses import lose_stack, lose_table, versions
from tests.support.paths import PROJECT
from tests.support.recorded_output import busy, write_output
from tests.support.shop import Shop
from tests.support.stacks import running_shop
from tests.support.waiting import wait_for

PAGE = PROJECT / "docs" / "recovery" / "objectives.md"
TIME_FACTOR = 60
PATIENCE = 300
#: So many orders are accepted before a loss, and after the way back.
ORDERS = 20


@dataclass(frozen=True)
class Loss:
    """A loss.

    Attributes:
        versions: the version of each order's item just before.
        began: when it began.
        complete: when nothing was left.
        accepted: what had been accepted by then.
    """

    versions: Mapping[str, int]
    began: datetime
    complete: datetime
    accepted: tuple[Accepted, ...]


class Recovery:
    """Losses, one after the other, on one stack whose customers order on."""

    def __init__(self, shop: Shop, load: Load, say: Callable[[str], None]) -> None:
        self.shop = shop
        self.load = load
        self.say = say
        #: Orders whose executions had ended before the stack was lost, and are gone with it.
        self.ended: set[str] = set()

    def lost_table(self) -> None:
        """The table of orders is deleted."""
        loss = self._lose(lose_table)
        command("restore", "orders", "--reason", "The table was deleted.")
        self._took("the table is back", loss)
        replayed = len(replay_failed())
        self._recovered(loss)
        self.say(f"  {replayed} executions that broke meanwhile were replayed")

    def lost_stack(self) -> None:
        """The stack of workflow, functions, API and queues is deleted; the data stack is kept."""
        loss = self._lose(lose_stack)
        found = statuses(self.shop, [each.order_id for each in loss.accepted])
        self.ended |= {order_id for order_id, status in found.items() if status in CLOSED}
        self._took("the stack is gone", loss)
        self.shop.follow(up(redeploy=True))
        self._took("the stack is deployed again", loss)
        done = command("replay", "--lost", "--yes")
        self._recovered(loss)
        restarted = done["summary"]["restarted"]
        self.say(f"  {restarted} orders whose executions were gone were started again")

    def audit(self) -> None:
        """All records are compared at the end."""
        accepted = [each.order_id for each in self.load.accepted]
        command("reconcile", succeeds=False)
        replay_failed()
        settled(self.shop, accepted, PATIENCE)
        awaiting(self.shop, accepted, PATIENCE)
        wait_for(self._unpaid_of_paid, lambda left: not left, PATIENCE)
        books = read_books(self.shop, accepted)
        counts = ", ".join(f"{number} {name}" for name, number in sorted(books.statuses.items()))
        self.say(f"  {len(set(accepted))} accepted orders: {counts}")
        problems = discrepancies(books, may_fail=True, forgotten=self.ended)
        problems += [
            f"{each.order_id}: {each.status} {[change.status for change in each.history]}, "
            f"{each.status_reason}"
            for each in books.orders.values()
            if each.status not in {OrderStatus.PAYMENT_INITIATED, OrderStatus.PAYMENT_COMPLETED}
        ]
        assert not problems, problems
        assert len(set(accepted)) == len(accepted), "two requests became one order"
        self.say("  nothing is lost, nothing is doubled")

    def _lose(self, lose: Callable[[Shop], None]) -> Loss:
        self.load.wait_for_orders(ORDERS)
        before, began = versions(self.shop), datetime.now(UTC)
        lose(self.shop)
        return Loss(before, began, datetime.now(UTC), tuple(self.load.accepted))

    def _took(self, what: str, loss: Loss) -> None:
        self.say(f"  RTO: {what} after {_seconds(datetime.now(UTC) - loss.began)}")

    def _recovered(self, loss: Loss) -> None:
        """Says what is lost, and when orders go on; repeats what has no record."""
        first = self._first_link_after(loss)
        self.say(f"  RTO: the next new order has its link after {_seconds(first - loss.began)}")
        settled(self.shop, list(loss.versions), PATIENCE)
        self._took("all orders of before go on", loss)
        now = versions(self.shop)
        behind = [each for each, seen in loss.versions.items() if now.get(each, -1) < seen]
        assert not behind, f"lost: {behind}"
        missing = [each for each in loss.accepted if each.order_id not in now]
        self.say(
            f"  RPO: {len(behind)} of {len(loss.versions)} recorded orders are lost or behind; "
            f"{_unrecorded(missing, loss.complete)}"
        )
        for each in missing:
            assert each.repeat() == each.order_id, "a repeated request became another order"

    def _first_link_after(self, loss: Loss) -> datetime:
        """When the first order that was accepted after a loss got its link."""

        def links() -> list[datetime]:
            later = {each.order_id for each in self.load.accepted if each.at > loss.complete}
            return [
                change.at
                for order in self.shop.orders.with_status(OrderStatus.PAYMENT_INITIATED)
                if order.order_id in later
                for change in order.history
                if change.status is OrderStatus.PAYMENT_INITIATED and change.at > loss.complete
            ]

        return min(wait_for(links, bool, PATIENCE))

    def _unpaid_of_paid(self) -> list[str]:
        found = statuses(self.shop, sorted(self.load.paid))
        return [each for each, status in found.items() if status != "PAYMENT_COMPLETED"]


def _seconds(taken: timedelta) -> str:
    return f"{taken.total_seconds():.0f} s"


def _unrecorded(missing: Iterable[Accepted], at: datetime) -> str:
    ages = [(at - each.at).total_seconds() for each in missing]
    if not ages:
        return "all accepted ones are recorded"
    return (
        f"{len(ages)} accepted ones of the last {max(ages):.1f} s had no record yet, and are "
        "accepted again as the same orders when their customers repeat the request"
    )


STEPS = (Recovery.lost_table, Recovery.lost_stack)


def main() -> None:
    """Runs the losses."""
    printed: list[str] = []

    def say(text: str) -> None:
        printed.append(text)
        print(text, flush=True)

    with (
        tempfile.TemporaryDirectory() as folder,
        running_shop(Path(folder), "recovery", time_factor=TIME_FACTOR) as shop,
    ):
        load = Load(shop)
        recovery = Recovery(shop, load, say)
        began = time.monotonic()
        with load.going_on():
            for step in STEPS:
                say(str(step.__doc__))
                step(recovery)
            load.wait_for_orders(ORDERS)
        say(str(Recovery.audit.__doc__))
        recovery.audit()
        rate = len(load.accepted) / (time.monotonic() - began)
        say(f"  {rate * 60:.0f} orders a minute were accepted; {busy()}")
    if "--write" in sys.argv:
        write_output(PAGE, printed)


if __name__ == "__main__":
    main()
