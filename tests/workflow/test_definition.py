"""House rules, checked on the definition itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cdk.definition import load_definition
from orderflow import errors
from orderflow.breakers.providers import Provider
from orderflow.matching import guarded as guarded_bedrock
from orderflow.orders.status import PARKED, PREDECESSORS, OrderStatus
from orderflow.payments import guarded as guarded_paystack
from orderflow.payments.paystack import LINK_VALIDITY
from tests.workflow.engine import transitions

STATES: dict[str, dict[str, Any]] = load_definition()["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
OUR_ERRORS = {name for name, value in vars(errors).items() if isinstance(value, type)}
STATUS_WRITERS = {
    "CompleteOrder": OrderStatus.PAYMENT_COMPLETED,
    "ExpireOrder": OrderStatus.EXPIRED,
    "RejectOrder": OrderStatus.REJECTED,
}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_timeout_and_a_retry(name: str) -> None:
    assert TASKS[name]["TimeoutSeconds"] > 0
    assert TASKS[name]["Retry"]


@pytest.mark.parametrize("name", TASKS)
def test_retries_back_off_exponentially_with_full_jitter_and_a_cap(name: str) -> None:
    for policy in TASKS[name]["Retry"]:
        assert policy["IntervalSeconds"] == 1
        assert policy["BackoffRate"] == 2
        assert policy["MaxDelaySeconds"] == 30
        assert policy["JitterStrategy"] == "FULL"
        waits = [
            min(policy["IntervalSeconds"] * policy["BackoffRate"] ** n, policy["MaxDelaySeconds"])
            for n in range(policy["MaxAttempts"])
        ]
        assert waits in ([1, 2, 4, 8, 16], [1, 2]), name


@pytest.mark.parametrize("name", [n for n, s in TASKS.items() if "lambda" in s["Resource"]])
def test_every_function_task_retries_lambdas_own_errors(name: str) -> None:
    retried = {error for policy in TASKS[name]["Retry"] for error in policy["ErrorEquals"]}
    assert {
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Runtime.ExitError",
        "Runtime.Unknown",
        "Sandbox.Timedout",
        "States.Timeout",
        "StoreUnavailable",
    } <= retried


@pytest.mark.parametrize("name", TASKS)
def test_nothing_catches_or_retries_what_has_no_fallback(name: str) -> None:
    blocks = [*TASKS[name]["Retry"], *TASKS[name].get("Catch", [])]
    named = {error for block in blocks for error in block["ErrorEquals"]}
    assert not named & {"States.ALL", "States.TaskFailed", "States.Permissions", "States.Runtime"}


def test_no_fail_state_stands_in_the_way_of_redrive() -> None:
    assert not [name for name, state in STATES.items() if state["Type"] == "Fail"]


@pytest.mark.parametrize("name", TASKS)
def test_our_error_names_exist_in_the_code(name: str) -> None:
    blocks = [*TASKS[name]["Retry"], *TASKS[name].get("Catch", [])]
    ours = {error for block in blocks for error in block["ErrorEquals"] if "." not in error}
    assert ours <= OUR_ERRORS


def _allowed_predecessors(name: str) -> set[str]:
    arguments = STATES[name]["Arguments"]
    allowed = re.search(r"#status IN \((.*?)\)", arguments["ConditionExpression"])
    assert allowed is not None
    values = arguments["ExpressionAttributeValues"]
    return {values[placeholder.strip()]["S"] for placeholder in allowed[1].split(",")}


@pytest.mark.parametrize(("name", "status"), STATUS_WRITERS.items())
def test_direct_writes_allow_the_same_predecessors_as_the_order_store(
    name: str, status: OrderStatus
) -> None:
    values = STATES[name]["Arguments"]["ExpressionAttributeValues"]
    assert _allowed_predecessors(name) == PREDECESSORS[status]
    assert values[":status"]["S"] == status
    assert values[":change"]["L"][0]["M"]["status"]["S"] == status


def test_an_order_is_parked_from_where_the_order_store_allows_both_of_its_statuses() -> None:
    for status in PARKED:
        assert _allowed_predecessors("ParkOrder") == PREDECESSORS[status]
    values = STATES["ParkOrder"]["Arguments"]["ExpressionAttributeValues"]
    assert values[":status"] == values[":change"]["L"][0]["M"]["status"]
    assert set(re.findall(r'"(\w+)"', values[":status"]["S"])) == set(PARKED)


def test_an_order_is_completed_after_its_verification_and_no_other_way() -> None:
    ways = {
        arrow.source for arrow in transitions(load_definition()) if arrow.target == "CompleteOrder"
    }
    assert ways == {"VerifyPayment"}
    condition = STATES["CompleteOrder"]["Arguments"]["ConditionExpression"]
    assert "attribute_exists(payment.verifiedAt)" in condition


@pytest.mark.parametrize("name", ["ExpireOrder", "RejectOrder"])
def test_what_is_paid_neither_expires_nor_is_refused(name: str) -> None:
    condition = STATES[name]["Arguments"]["ConditionExpression"]
    assert "attribute_not_exists(payment)" in condition


def test_no_task_token_travels_through_the_queue() -> None:
    assert "Token" not in json.dumps(STATES["ScheduleRecovery"])


@pytest.mark.parametrize("provider", [guarded_bedrock.BEDROCK, guarded_paystack.PAYSTACK])
def test_the_snapshot_that_the_choice_decides_on_reaches_the_function(provider: Provider) -> None:
    name = provider.key.title()
    read = STATES[f"Read{name}Breaker"]
    assert read["Arguments"]["Key"] == {"provider": {"S": provider.key}}
    call = STATES[{"Bedrock": "MatchProducts", "Paystack": "CreatePaymentLink"}[name]]
    payload = call["Arguments"]["Payload"]
    assert payload["breaker"] == f"{{% ${provider.key}Breaker %}}"
    assert payload["retryCount"] == "{% $states.context.State.RetryCount %}"


def test_the_wait_for_a_payment_lasts_as_long_as_its_link() -> None:
    assert LINK_VALIDITY.total_seconds() == STATES["AwaitPayment"]["TimeoutSeconds"]
