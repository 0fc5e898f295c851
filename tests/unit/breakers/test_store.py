"""Breakers in DynamoDB: requests, answers to refused writes, and outages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from orderflow.breakers.ports import Written
from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.breakers.store import DynamoBreakerStore, from_attributes
from orderflow.breakers.transitions import (
    COUNT_FAILURE,
    OPEN_AT_THRESHOLD,
    RESET_FAILURES,
    TRANSITIONS,
)
from orderflow.errors import StoreUnavailable
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

KEY = "paystack"
NOW = 1_800_000_000_000
VALUES: dict[str, Any] = {
    "by": "CreatePaymentLink",
    "now": NOW,
    "threshold": 3,
    "opens": 1,
    "retryAt": NOW + 60_000,
    "reason": "PayStack did not answer.",
    "probeId": "probe-1",
    "probeUntil": NOW + 45_000,
}


@pytest.fixture
def breakers(breakers_table: Table) -> DynamoBreakerStore:
    return DynamoBreakerStore(breakers_table)


def put(table: Table, **attributes: Any) -> BreakerItem:
    item = BreakerItem(provider=KEY, **attributes)
    table.put_item(Item=item.model_dump(by_alias=True, exclude_none=True))
    return item


class TestRead:
    def test_a_provider_without_an_item_is_closed_at_epoch_0(
        self, breakers: DynamoBreakerStore
    ) -> None:
        assert breakers.read(KEY) == BreakerItem(provider=KEY)

    def test_the_item_with_all_its_attributes(
        self, breakers: DynamoBreakerStore, breakers_table: Table
    ) -> None:
        item = put(
            breakers_table,
            state=State.HALF_OPEN,
            epoch=4,
            opens=2,
            opened_at=NOW,
            retry_at=NOW + 1,
            closed_at=NOW - 1,
            probe_id="probe-1",
            probe_until=NOW + 45_000,
            reason="PayStack did not answer.",
            mode=Mode.FORCED_OPEN,
            updated_by="ada",
        )

        assert breakers.read(KEY) == item

    def test_it_is_strongly_consistent(
        self, breakers: DynamoBreakerStore, breakers_table: Table, record_calls: RecordCalls
    ) -> None:
        calls = record_calls(breakers_table.meta.client, "GetItem")

        breakers.read(KEY)

        assert [call["ConsistentRead"] for call in calls] == [True]


class TestWrite:
    def test_an_applied_write_returns_the_new_item(self, breakers: DynamoBreakerStore) -> None:
        written = breakers.write(KEY, COUNT_FAILURE, 0, VALUES)

        assert written == Written(True, breakers.read(KEY))
        assert written.item.failures == 1

    def test_a_refused_write_returns_the_present_item_without_a_read(
        self, breakers: DynamoBreakerStore, breakers_table: Table, record_calls: RecordCalls
    ) -> None:
        item = put(breakers_table, state=State.OPEN, epoch=1, retry_at=NOW)
        reads = record_calls(breakers_table.meta.client, "GetItem")

        assert breakers.write(KEY, COUNT_FAILURE, 0, VALUES) == Written(False, item)
        assert reads == []

    def test_a_write_refused_by_a_missing_item_returns_a_new_one(
        self, breakers: DynamoBreakerStore
    ) -> None:
        assert breakers.write(KEY, RESET_FAILURES, 0, VALUES) == Written(
            False, BreakerItem(provider=KEY)
        )

    @pytest.mark.parametrize(("epoch", "applied"), [(0, True), (1, False)])
    def test_only_a_caller_at_epoch_0_can_create_the_item(
        self, breakers: DynamoBreakerStore, epoch: int, applied: bool
    ) -> None:
        assert breakers.write(KEY, COUNT_FAILURE, epoch, VALUES).applied is applied

    def test_an_opening_creates_no_item(self, breakers: DynamoBreakerStore) -> None:
        assert not breakers.write(KEY, OPEN_AT_THRESHOLD, 0, VALUES).applied

    @pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda one: one.name)
    @pytest.mark.parametrize("epoch", [0, 1])
    def test_no_transition_sends_names_or_values_that_dynamodb_would_refuse(
        self, breakers: DynamoBreakerStore, transition: Any, epoch: int
    ) -> None:
        breakers.write(KEY, transition, epoch, VALUES)

    def test_attributes_of_other_writers_are_kept(
        self, breakers: DynamoBreakerStore, breakers_table: Table
    ) -> None:
        item = put(breakers_table).model_dump(by_alias=True, exclude_none=True)
        breakers_table.put_item(Item=item | {"remindAt": 5})

        breakers.write(KEY, COUNT_FAILURE, 0, VALUES)

        assert breakers_table.get_item(Key={"provider": KEY})["Item"]["remindAt"] == 5


class TestForce:
    def test_the_breakers_own_state_is_kept(
        self, breakers: DynamoBreakerStore, breakers_table: Table
    ) -> None:
        item = put(breakers_table, state=State.OPEN, epoch=7, opens=2, retry_at=NOW)

        forced = breakers.force(KEY, Mode.FORCED_CLOSED, "they say it works", "ada")

        assert forced == item.model_copy(
            update={
                "mode": Mode.FORCED_CLOSED,
                "mode_reason": "they say it works",
                "updated_by": "ada",
            }
        )
        assert breakers.read(KEY) == forced
        assert forced.shown_reason == "they say it works"

    @pytest.mark.parametrize("state", [State.OPEN, State.HALF_OPEN])
    def test_a_breaker_that_was_forced_closed_stays_closed_for_the_operators_reason(
        self, breakers: DynamoBreakerStore, breakers_table: Table, state: State
    ) -> None:
        put(breakers_table, state=state, epoch=7, opens=2, retry_at=NOW, reason="HTTP 503")
        breakers.force(KEY, Mode.FORCED_CLOSED, "they say it works", "ada")

        released = breakers.force(KEY, Mode.AUTO, "Left to itself again.", "kemi")

        assert (released.state, released.mode, released.epoch) == (State.CLOSED, Mode.AUTO, 8)
        assert (released.shown_reason, released.mode_reason) == ("they say it works", None)
        assert (released.probe_id, released.updated_by) == (None, "kemi")
        assert released.closed_at is not None

    @pytest.mark.parametrize("forced", [Mode.FORCED_OPEN, Mode.AUTO])
    def test_any_other_breaker_keeps_its_state_and_that_states_reason(
        self, breakers: DynamoBreakerStore, breakers_table: Table, forced: Mode
    ) -> None:
        item = put(breakers_table, state=State.OPEN, epoch=7, retry_at=NOW, reason="HTTP 503")
        breakers.force(KEY, forced, "planned", "ada")

        released = breakers.force(KEY, Mode.AUTO, "done", "kemi")

        assert released == item.model_copy(update={"updated_by": "kemi"})

    def test_a_forced_breaker_that_never_failed_counts_failures_afterwards(
        self, breakers: DynamoBreakerStore
    ) -> None:
        breakers.force(KEY, Mode.FORCED_OPEN, "planned", "ada")

        written = breakers.write(KEY, COUNT_FAILURE, 0, VALUES)

        assert (written.applied, written.item.failures) == (True, 1)
        assert written.item.mode is Mode.FORCED_OPEN


class TestOutages:
    @pytest.mark.parametrize(
        "error",
        [
            client_error("ThrottlingException"),
            client_error("InternalServerError", 500),
            ConnectTimeoutError(endpoint_url="https://dynamodb.example"),
            ReadTimeoutError(endpoint_url="https://dynamodb.example"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_no_answer_means_that_the_store_is_unavailable(
        self,
        breakers: DynamoBreakerStore,
        breakers_table: Table,
        fail_calls: FailCalls,
        error: Exception,
    ) -> None:
        for operation in ("GetItem", "UpdateItem"):
            fail_calls(breakers_table.meta.client, operation, error)

        with pytest.raises(StoreUnavailable):
            breakers.read(KEY)
        with pytest.raises(StoreUnavailable):
            breakers.write(KEY, COUNT_FAILURE, 0, VALUES)
        with pytest.raises(StoreUnavailable):
            breakers.force(KEY, Mode.AUTO, "", "ada")

    def test_a_refused_permission_is_raised(
        self, breakers: DynamoBreakerStore, breakers_table: Table, fail_calls: FailCalls
    ) -> None:
        refusal = client_error("AccessDeniedException")
        fail_calls(breakers_table.meta.client, "UpdateItem", refusal)

        with pytest.raises(ClientError, match="AccessDenied"):
            breakers.write(KEY, COUNT_FAILURE, 0, VALUES)


class TestFromAttributes:
    @pytest.mark.parametrize("attributes", [None, {}])
    def test_no_item_is_a_new_one(self, attributes: Any) -> None:
        assert from_attributes(KEY, attributes) == BreakerItem(provider=KEY)

    def test_the_wire_format_is_read(self) -> None:
        attributes = {
            "provider": {"S": KEY},
            "state": {"S": "OPEN"},
            "epoch": {"N": "3"},
            "retryAt": {"N": str(NOW)},
            "remindAt": {"N": "5"},
        }

        assert from_attributes(KEY, attributes) == BreakerItem(
            provider=KEY, state=State.OPEN, epoch=3, retry_at=NOW
        )
