"""``orders refunds create``: plans, asks, and has the stage's function make the refund."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from scripts.cli.deployment import Deployment
from scripts.cli.money import refund_creation
from tests.unit.cli.conftest import ACTOR, REFUND_FUNCTION, Audited, Orders

ORDER_ID = "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77"
REFERENCE = f"{ORDER_ID}-1"
PLAN = {"reference": REFERENCE, "amount": 100, "currency": "NGN", "paid": 240_100}
PLANNED = {"outcome": "planned", "plan": PLAN}
MADE = {
    "outcome": "made",
    "refund": {
        "reference": REFERENCE,
        "amount": 100,
        "currency": "NGN",
        "status": "pending",
        "refundId": 3_018_284,
        "at": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:00:00.000Z",
    },
}
COMMAND = ("refunds", "create", ORDER_ID, "--reference", REFERENCE, "--reason", "Too late.")


class Function:
    """The function as boto3's Lambda client shows it."""

    def __init__(self) -> None:
        self.answers: list[Any] = [PLANNED, MADE]
        self.requests: list[dict[str, Any]] = []
        self.error: str | None = None

    def invoke(self, **given: Any) -> dict[str, Any]:
        assert given["FunctionName"] == REFUND_FUNCTION
        self.requests.append(json.loads(given["Payload"]))
        answer = self.answers[len(self.requests) - 1]
        error = {"FunctionError": self.error} if self.error else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **error}


@pytest.fixture
def function(operated: Deployment, monkeypatch: pytest.MonkeyPatch) -> Function:
    found = Function()
    others = Deployment.client

    def client(deployment: Deployment, service: str) -> Any:
        return found if service == "lambda" else others(deployment, service)

    monkeypatch.setattr(Deployment, "client", client)
    return found


def test_a_refund_is_planned_then_made_with_one_number_and_audited(
    orders: Orders, function: Function, audited: Audited
) -> None:
    result = orders(*COMMAND, "--amount", "100", "--yes")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "₦1.00 of ₦2,401.00" in result.stdout
    assert "3018284 is pending" in result.stdout
    planned, made = function.requests
    assert (planned["dryRun"], made["dryRun"]) == (True, False)
    assert planned["requestId"] == made["requestId"]
    assert (made["by"], made["reason"], made["amount"]) == (ACTOR, "Too late.", 100)
    assert audited() == [("refund create", ORDER_ID, "Too late.")]


def test_what_was_shown_is_given_back_and_no_more(orders: Orders, function: Function) -> None:
    orders(*COMMAND, "--yes")

    assert [each["amount"] for each in function.requests] == [None, 100]


def test_a_dry_run_only_plans(orders: Orders, function: Function, audited: Audited) -> None:
    result = orders(*COMMAND, "--dry-run", "--json")

    assert json.loads(result.stdout) == PLAN
    assert len(function.requests) == 1
    assert audited() == []


def test_without_a_terminal_it_needs_yes(
    orders: Orders, function: Function, audited: Audited
) -> None:
    result = orders(*COMMAND)

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert (len(function.requests), audited()) == (1, [])


@pytest.mark.parametrize(("answer", "requests"), [("y", 2), ("n", 1)])
def test_at_a_terminal_it_asks(
    orders: Orders,
    function: Function,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    requests: int,
) -> None:
    monkeypatch.setattr(refund_creation, "is_interactive", lambda: True)

    result = orders(*COMMAND, stdin=answer)

    assert "Give it back on stage dev?" in result.stderr
    assert len(function.requests) == requests


@pytest.mark.parametrize(
    ("outcome", "code"), [("refused", 2), ("unavailable", 3), ("unknown-order", 4)]
)
@pytest.mark.parametrize("at", [0, 1])
def test_a_refusal_is_said_and_has_its_code(
    orders: Orders, function: Function, outcome: str, code: int, at: int
) -> None:
    function.answers[at] = {"outcome": outcome, "message": "The payment is disputed."}

    result = orders(*COMMAND, "--yes")

    assert result.exit_code == code
    assert "The payment is disputed." in result.stderr


def test_a_function_that_fails_leaves_it_unclear(orders: Orders, function: Function) -> None:
    function.error = "Unhandled"
    function.answers[0] = {"errorType": "ConfigurationError", "errorMessage": "secret"}

    result = orders(*COMMAND, "--yes")

    assert result.exit_code == 3
    assert "ConfigurationError" in result.stderr
    assert "secret" not in result.stderr
