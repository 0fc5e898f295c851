"""The event files are what the state machine really sends."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support.events import load_event
from tests.support.paths import DEFINITION


@pytest.fixture(scope="module")
def states() -> dict[str, Any]:
    definition: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    states: dict[str, Any] = definition["States"]
    return states


@pytest.mark.parametrize(
    ("state", "event"),
    [
        ("ParseOrder", "parse_order"),
        ("MatchProducts", "match_products"),
        ("CreatePaymentLink", "create_payment_link"),
        ("NotifyCustomer", "send_payment_link"),
        ("VerifyPayment", "verify_payment"),
    ],
)
def test_an_event_has_the_payloads_fields(states: dict[str, Any], state: str, event: str) -> None:
    assert load_event(event).keys() == states[state]["Arguments"]["Payload"].keys()


def test_matching_by_name_takes_the_same_without_the_breaker(states: dict[str, Any]) -> None:
    payload = states["MatchByName"]["Arguments"]["Payload"]
    assert payload.keys() == load_event("match_products").keys() - {"breaker", "retryCount"}
    assert payload["useModel"] is False
