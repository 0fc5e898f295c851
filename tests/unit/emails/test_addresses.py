"""Addresses that bounced or complained, and what SES reports of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.emails.addresses import MARKED_FOR, StoredAddresses, Undeliverable
from orderflow.emails.feedback import record_feedback
from tests.support.events import load_event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ADDRESS = "ada.buyer@mail.example"
BOUNCE, COMPLAINT = Undeliverable.BOUNCE, Undeliverable.COMPLAINT

Marks = list[tuple[str, Undeliverable]]


class Clock:
    """The time, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def addresses(addresses_table: Table, clock: Clock) -> StoredAddresses:
    return StoredAddresses(addresses_table, clock)


class TestStored:
    def test_an_address_is_marked_however_it_is_written(self, addresses: StoredAddresses) -> None:
        addresses.mark(ADDRESS, BOUNCE)

        assert addresses.is_marked(" Ada.Buyer@Mail.example")
        assert not addresses.is_marked("bola.buyer@mail.example")

    def test_the_table_does_not_name_the_address(
        self, addresses: StoredAddresses, addresses_table: Table
    ) -> None:
        addresses.mark(ADDRESS, COMPLAINT)

        (item,) = addresses_table.scan()["Items"]
        assert item["reason"] == "complaint"
        assert "ada" not in json.dumps([item["reason"], item["at"]]).lower()
        assert "@" not in json.dumps(item, default=str)

    @pytest.mark.parametrize("why", Undeliverable)
    def test_a_mark_ends(
        self, addresses: StoredAddresses, clock: Clock, why: Undeliverable
    ) -> None:
        addresses.mark(ADDRESS, why)

        clock.now += MARKED_FOR[why] - timedelta(seconds=1)
        assert addresses.is_marked(ADDRESS)
        clock.now += timedelta(seconds=1)
        assert not addresses.is_marked(ADDRESS)

    @pytest.mark.parametrize("reasons", [(BOUNCE, COMPLAINT), (COMPLAINT, BOUNCE)])
    def test_the_longer_mark_holds(
        self, addresses: StoredAddresses, clock: Clock, reasons: tuple[Undeliverable, ...]
    ) -> None:
        for why in reasons:
            addresses.mark(ADDRESS, why)

        clock.now += MARKED_FOR[BOUNCE]
        assert addresses.is_marked(ADDRESS)


def report(**changes: Any) -> str:
    """SES's report of a bounce, with changes."""
    (record,) = load_event("sns_email_bounce")["Records"]
    return json.dumps(json.loads(record["Sns"]["Message"]) | changes)


def marked_by(message: str) -> Marks:
    marks: Marks = []
    record_feedback(message, lambda address, why: marks.append((address, why)))
    return marks


class TestReports:
    def test_a_bounce_for_good_marks_its_address(self) -> None:
        assert marked_by(report()) == [(ADDRESS, BOUNCE)]

    @pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
    def test_another_bounce_passes(self, kind: str) -> None:
        bounce = json.loads(report())["bounce"] | {"bounceType": kind}
        assert marked_by(report(bounce=bounce)) == []

    def test_a_complaint_marks_its_address(self) -> None:
        complaint = {
            "complainedRecipients": [{"emailAddress": f"Ada Buyer <{ADDRESS}>"}],
            "complaintFeedbackType": "abuse",
        }
        message = report(eventType="Complaint", bounce=None, complaint=complaint)
        assert marked_by(message) == [(ADDRESS, COMPLAINT)]

    def test_notifications_of_an_identity_are_read_too(self) -> None:
        event = json.loads(report())
        event["notificationType"] = event.pop("eventType")
        assert marked_by(json.dumps(event)) == [(ADDRESS, BOUNCE)]

    @pytest.mark.parametrize(
        "message",
        [
            "Successfully validated SNS topic for Amazon SES event publishing.",
            "{}",
            '{"eventType": "Bounce", "bounce": {}}',
            '{"eventType": "Delivery", "delivery": {}}',
            '{"eventType": "Bounce", "bounce": {"bounceType": "Permanent", '
            '"bouncedRecipients": [{"emailAddress": ""}]}}',
        ],
    )
    def test_anything_else_marks_nothing(self, message: str) -> None:
        assert marked_by(message) == []

    @given(st.text() | st.dictionaries(st.sampled_from(["eventType", "bounce"]), st.text()))
    def test_no_report_is_a_failure(self, message: Any) -> None:
        assert marked_by(json.dumps(message)) == []
