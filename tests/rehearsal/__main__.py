"""``make rehearse``: a release that fails, one that does not, and the loss of the orders' table.

Prints each scene with its time and what it showed; ends with exit code 1 where something was lost.
With ``--write`` the output also becomes docs/rehearsal.md.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from orderflow.orders.status import CLOSED, OrderStatus
from scripts.local.errors import LocalStackError
from tests.chaos.auditor import discrepancies, read_books
from tests.chaos.operators import command, replay_failed
from tests.recovery.losses import lose_table
from tests.rehearsal.releases import broken, deploy_release, improved
from tests.rehearsal.scene import (
    Customers,
    InFlight,
    awaiting_payment,
    reach,
    version_of,
)
from tests.rehearsal.steps import StepError, step
from tests.support.paths import PROJECT
from tests.support.recorded_output import busy, write_output
from tests.support.shop import Shop
from tests.support.stacks import running_shop
from tests.support.waiting import wait_for

#: A canary of five minutes takes a minute, which is enough for some dozen orders on a busy machine.
TIME_FACTOR = 5
PAGE = PROJECT / "docs" / "rehearsal.md"
PATIENCE = 300


class Rehearsal:
    """The scenes, in sequence."""

    def __init__(self, shop: Shop, folder: Path, say: Callable[[str], None]) -> None:
        self.shop = shop
        self.folder = folder
        self.say = say
        self.accepted: list[str] = []

    def one_artefact(self) -> None:
        """One artefact is built for dev, staging and prod, and refused where a file is changed."""
        artefact = self.folder / "artefact"
        digest = step("artefact", ARTEFACT=str(artefact))
        self.say(step("check-artefact", ARTEFACT=str(artefact), DIGEST=digest))
        template = next((artefact / "prod").glob("*-orders.template.json"))
        template.write_bytes(template.read_bytes() + b" ")
        try:
            step("check-artefact", ARTEFACT=str(artefact), DIGEST=digest)
        except StepError:
            self.say("with one byte more in a template of prod it is refused")
        else:
            raise AssertionError("a changed artefact is taken")

    def orders_flow(self) -> None:
        """Orders flow on release A, and some wait in each state."""
        order = awaiting_payment(self.shop)
        self.shop.pay(order)
        reach(self.shop, order.order_id, OrderStatus.PAYMENT_COMPLETED)
        self.accepted.append(order.order_id)
        self.in_flight = self._in_flight()

    def bad_release(self) -> None:
        """Release B fails, its alarm rings, and it is rolled back with orders in flight."""
        before = self._live()
        customers = Customers(self.shop)
        with customers.ordering():
            try:
                deploy_release(self.shop, "B", broken, self.folder)
            except LocalStackError as error:
                reason = next(line for line in str(error).splitlines() if "alarm" in line.lower())
            else:
                raise AssertionError("release B was not rolled back")
        self.say(f"rolled back: {reason.strip().rpartition('): ')[2]}")
        assert self._live() == before, "the alias is not back"
        self.accepted += customers.accepted
        failed = replay_failed()
        for order_id in customers.accepted:
            wait_for(lambda order_id=order_id: self._is_there(order_id), bool, PATIENCE)
        self.say(
            f"{len(customers.accepted)} orders came meanwhile; {len(failed)} failed on B and were "
            f"replayed on version {before}"
        )
        self.in_flight.recover()
        self.say("PayStack is back: the parked order has its link, the verified one is paid")

    def good_release(self) -> None:
        """Release C gets all new orders; those of A end on A."""
        before = self._live()
        self.say(f"make histories: {step('histories')}")
        self._wait_for_quiet_alarms()
        customers = Customers(self.shop)
        with customers.ordering():
            deploy_release(self.shop, "C", improved, self.folder)
        self.accepted += customers.accepted
        assert self._live() != before, "the alias is not at release C"
        self.in_flight.end()
        assert self.in_flight.versions() == {before}, self.in_flight.versions()
        shares = Counter(f"on version {version_of(self.shop, each)}" for each in customers.accepted)
        self.say(f"{len(customers.accepted)} orders came meanwhile, {_listed(shares)}")
        self.say(f"the orders in flight on version {before} were paid and ended on it")
        self.say(f"make smoke: {step('smoke', STAGE='local')}")
        self.say(f"make soak: {step('soak', STAGE='local', MINUTES='0.2')}")

    def way_back(self) -> None:
        """Operators roll C back with orders in flight on it; these end on C, new ones run A."""
        newer = self._live()
        in_flight = self._in_flight()
        done = step("roll-back", STAGE="local", REASON="Rehearsal of a roll-back.")
        self.say(f"make roll-back: {done}")
        older = self._live()
        assert older != newer, "the alias is still at release C"
        in_flight.recover()
        in_flight.end()
        order = awaiting_payment(self.shop)
        self.accepted.append(order.order_id)
        assert in_flight.versions() == {newer}, in_flight.versions()
        assert version_of(self.shop, order.order_id) == older
        self.say(
            f"the orders in flight on version {newer} were paid and ended on it; new ones run "
            f"version {older}"
        )

    def lost_table(self) -> None:
        """The table of orders is deleted while customers order, and restored."""
        known = self._count()
        customers = Customers(self.shop)
        with customers.ordering():
            lost = time.monotonic()
            lose_table(self.shop)
            done = command("restore", "orders", "--reason", "Rehearsal of a loss.")
            restored = time.monotonic()
        self.accepted += customers.accepted
        replayed = len(replay_failed())
        order = awaiting_payment(self.shop)
        again = time.monotonic()
        self.accepted.append(order.order_id)
        self.say(f"restored {known} orders and {done['readersOfItsStream']} readers of the stream")
        self.say(
            f"RPO: {max(known - self._count(), 0)} orders lost; RTO: table after "
            f"{restored - lost:.0f} s, the next link after {again - lost:.0f} s; {replayed} "
            "executions that broke meanwhile were replayed"
        )

    def audit(self) -> None:
        """The auditor compares the books of all parties."""
        command("reconcile")
        for order_id in self.accepted:
            wait_for(lambda order_id=order_id: self._is_settled(order_id), bool, PATIENCE)
        books = read_books(self.shop, self.accepted)
        problems = discrepancies(books, may_fail=True)
        self.say(f"{len(self.accepted)} accepted orders: {_listed(books.statuses)}")
        assert not problems, problems
        self.say("nothing is lost, nothing is doubled")

    def clean_up(self) -> None:
        """Versions that nothing needs are deleted."""
        gone = command("versions", "clean")
        self.say(
            f"{len(gone['stateMachine'])} versions of the workflow and {len(gone['functions'])} "
            "of functions deleted"
        )
        for version in command("versions", "list")["versions"]:
            self.say(f"version {version['version']} stays: {version['reason']}")

    def _live(self) -> str:
        alias = self.shop.sfn.describe_state_machine_alias(
            stateMachineAliasArn=self.shop.state.outputs["LiveStateMachineArn"]
        )
        (route,) = alias["routingConfiguration"]
        return str(route["stateMachineVersionArn"]).rpartition(":")[2]

    def _in_flight(self) -> InFlight:
        in_flight = InFlight(self.shop)
        self.accepted += in_flight.orders
        self.say(f"in flight on version {self._live()}: {', '.join(in_flight.states())}")
        return in_flight

    def _wait_for_quiet_alarms(self) -> None:
        """A deployment that begins while an alarm of the release rings is turned back at once."""
        began = time.monotonic()
        wait_for(
            lambda: command("deploy", "status", succeeds=False)["alarms"],
            lambda ringing: not ringing,
            PATIENCE,
        )
        self.say(f"the alarm is quiet again after {time.monotonic() - began:.0f} s")

    def _is_there(self, order_id: str) -> bool:
        return self.shop._status(order_id) is not None

    def _is_settled(self, order_id: str) -> bool:
        status = self.shop._status(order_id)
        return status is OrderStatus.PAYMENT_INITIATED or status in CLOSED

    def _count(self) -> int:
        dynamodb = self.shop.deployment.client("dynamodb")
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=self.shop.state.outputs["OrdersTable"], Select="COUNT"
        )
        return sum(page["Count"] for page in pages)


def _listed(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items()))


SCENES = (
    Rehearsal.one_artefact,
    Rehearsal.orders_flow,
    Rehearsal.bad_release,
    Rehearsal.good_release,
    Rehearsal.way_back,
    Rehearsal.lost_table,
    Rehearsal.audit,
    Rehearsal.clean_up,
)


def main() -> None:
    """Runs the rehearsal."""
    printed: list[str] = []

    def say(text: str) -> None:
        printed.append(text)
        print(text, flush=True)

    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_shop(Path(folder), "rehearse", time_factor=TIME_FACTOR) as shop,
    ):
        say(f"Release A is deployed. ({time.monotonic() - began:.0f} s)")
        rehearsal = Rehearsal(shop, Path(folder) / "releases", lambda text: say(f"  {text}"))
        for scene in SCENES:
            started = time.monotonic()
            say(str(scene.__doc__))
            scene(rehearsal)
            say(f"  ({time.monotonic() - started:.0f} s)")
        say(f"In all {(time.monotonic() - began) / 60:.0f} minutes; {busy()}.")
    if "--write" in sys.argv:
        write_output(PAGE, printed)


if __name__ == "__main__":
    main()
