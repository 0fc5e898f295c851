"""Rules that the definition keeps."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from cdk.definition import load_definition
from orderflow import errors
from orderflow.breakers.providers import Provider
from orderflow.matching import guarded as guarded_bedrock
from orderflow.orders.model import LinkTimes
from orderflow.orders.status import PARKED, PREDECESSORS, OrderStatus
from orderflow.payments import guarded as guarded_paystack
from tests.support.judges import ask
from tests.workflow.engine import default_path, transitions

STATES: dict[str, dict[str, Any]] = load_definition()["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
OUR_ERRORS = {name for name, value in vars(errors).items() if isinstance(value, type)}
STATUS_WRITERS = {
    "CompleteOrder": OrderStatus.PAYMENT_COMPLETED,
    "CancelOrder": OrderStatus.CANCELLED,
    "ExpireOrder": OrderStatus.EXPIRED,
    "ExpireReview": OrderStatus.EXPIRED,
    "AwaitReview": OrderStatus.AWAITING_REVIEW,
    "RejectOrder": OrderStatus.REJECTED,
}


def test_an_order_without_trouble_passes_these_states() -> None:
    milestones = [
        "ParseOrder",
        "ReadBreakers",
        "BedrockAvailable?",
        "MatchProducts",
        "LinkPossible?",
        "CreatePaymentLink",
        "NotifyCustomer",
        "AwaitPayment",
        "VerifyPayment",
        "CompleteOrder",
    ]
    path = default_path("ParseOrder", "CompleteOrder")

    assert [name for name in path if name in milestones] == milestones
    assert STATES["CompleteOrder"]["End"] is True


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_timeout_and_a_retry(name: str) -> None:
    assert TASKS[name]["TimeoutSeconds"] > 0
    assert TASKS[name]["Retry"]


FUNCTION_TASKS = [name for name, state in TASKS.items() if "lambda" in state["Resource"]]

# Lambda prepares the function, or has no free capacity: the function has not run.
NOT_READY = {
    "Lambda.CodeArtifactUserPendingException",
    "Lambda.ResourceConflictException",
    "Lambda.ResourceNotReadyException",
    "Lambda.SnapStartNotReadyException",
}
THROTTLED = {"Lambda.TooManyRequestsException", "Lambda.Unknown"}


def _waits(policy: dict[str, Any]) -> list[float]:
    """The longest wait before each retry, in seconds."""
    cap = policy.get("MaxDelaySeconds", math.inf)
    delays = (
        policy["IntervalSeconds"] * policy["BackoffRate"] ** n for n in range(policy["MaxAttempts"])
    )
    return [min(delay, cap) for delay in delays]


def _retrier(name: str, errors: set[str]) -> dict[str, Any]:
    """The one retrier of a task that names any of these errors."""
    (policy,) = [each for each in TASKS[name]["Retry"] if errors & set(each["ErrorEquals"])]
    return dict(policy)


@pytest.mark.parametrize("name", TASKS)
def test_retries_of_transient_errors_back_off_exponentially_with_full_jitter_and_a_cap(
    name: str,
) -> None:
    for policy in TASKS[name]["Retry"]:
        if set(policy["ErrorEquals"]) & (NOT_READY | THROTTLED):
            continue
        assert policy["IntervalSeconds"] == 1
        assert policy["BackoffRate"] == 2
        assert policy["MaxDelaySeconds"] == 30
        assert policy["JitterStrategy"] == "FULL"
        assert _waits(policy) in ([1, 2, 4, 8, 16], [1, 2]), name


@pytest.mark.parametrize("name", FUNCTION_TASKS)
def test_a_function_that_is_not_ready_is_called_again_for_four_minutes(name: str) -> None:
    """Lambda restores idle SnapStart versions in minutes; jitter would only shorten the waits."""
    policy = _retrier(name, NOT_READY)
    assert set(policy["ErrorEquals"]) == NOT_READY
    assert _waits(policy) == [30] * 8
    assert policy["JitterStrategy"] == "NONE"


@pytest.mark.parametrize("name", FUNCTION_TASKS)
def test_a_throttled_function_is_called_again_for_a_quarter_of_an_hour(name: str) -> None:
    """Without a cap, because the emulator ignores it."""
    policy = _retrier(name, THROTTLED)
    assert set(policy["ErrorEquals"]) == THROTTLED
    assert 12 * 60 < sum(_waits(policy)) <= 15 * 60
    assert max(_waits(policy)) < 3 * 60
    assert policy["JitterStrategy"] == "FULL"


@pytest.mark.parametrize("name", FUNCTION_TASKS)
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
def test_errors_without_a_fallback_are_neither_caught_nor_retried(name: str) -> None:
    blocks = [*TASKS[name]["Retry"], *TASKS[name].get("Catch", [])]
    named = {error for block in blocks for error in block["ErrorEquals"]}
    assert not named & {"States.ALL", "States.TaskFailed", "States.Permissions", "States.Runtime"}


def test_no_fail_state_prevents_a_redrive() -> None:
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


def test_parking_allows_the_predecessors_of_both_parked_statuses() -> None:
    for status in PARKED:
        assert _allowed_predecessors("ParkOrder") == PREDECESSORS[status]
    values = STATES["ParkOrder"]["Arguments"]["ExpressionAttributeValues"]
    assert values[":status"] == values[":change"]["L"][0]["M"]["status"]
    assert set(re.findall(r'"(\w+)"', values[":status"]["S"])) == set(PARKED)


# Errors that botocore's service models do not contain: generic errors of the SDK and the service,
# which Step Functions documents, and `Lambda.Unknown`, which the emulator reports for throttles.
GENERIC_ERRORS = {
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Runtime.Unknown",
    "Sandbox.Timedout",
    "DynamoDB.AmazonDynamoDBException",
    "DynamoDB.SdkClientException",
    "DynamoDb.DynamoDbException",
    "DynamoDb.SdkClientException",
    "SQS.AmazonSQSException",
    "SQS.SdkClientException",
}

# By the task's resource: the prefix of its errors, and the operation in botocore's terms.
INTEGRATIONS = {
    "arn:aws:states:::lambda:invoke": ("Lambda", "lambda", "Invoke"),
    "arn:aws:states:::dynamodb:updateItem": ("DynamoDB", "dynamodb", "UpdateItem"),
    "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken": (
        "DynamoDb",
        "dynamodb",
        "UpdateItem",
    ),
    "arn:aws:states:::aws-sdk:dynamodb:batchGetItem": ("DynamoDb", "dynamodb", "BatchGetItem"),
    "arn:aws:states:::sqs:sendMessage": ("SQS", "sqs", "SendMessage"),
}


def _documented_errors(resource: str) -> set[str]:
    """The errors that a task with this resource can end with."""
    prefix, service, operation = INTEGRATIONS[resource]
    model = Session().get_service_model(service).operation_model(operation)
    # Step Functions appends "Exception" to the shapes whose names lack it.
    modelled = {
        f"{prefix}.{shape.name.removesuffix('Exception')}Exception" for shape in model.error_shapes
    }
    prefixes = {prefix, "Runtime", "Sandbox"} if service == "lambda" else {prefix}
    generic = {error for error in GENERIC_ERRORS if error.split(".")[0] in prefixes}
    return modelled | generic | {"States.Timeout"}


@pytest.mark.parametrize("name", TASKS)
def test_the_error_names_of_aws_exist(name: str) -> None:
    blocks = [*TASKS[name]["Retry"], *TASKS[name].get("Catch", [])]
    of_aws = {error for block in blocks for error in block["ErrorEquals"] if "." in error}
    assert of_aws <= _documented_errors(TASKS[name]["Resource"])


@pytest.mark.parametrize("name", TASKS)
def test_errors_that_the_service_does_not_model_are_retried(name: str) -> None:
    """Throttles of the optimized integrations, for example, have no names of their own."""
    unmodelled = {
        "Lambda": "Lambda.AWSLambdaException",
        "DynamoDB": "DynamoDB.AmazonDynamoDBException",
        "DynamoDb": "DynamoDb.DynamoDbException",
        "SQS": "SQS.AmazonSQSException",
    }[INTEGRATIONS[TASKS[name]["Resource"]][0]]
    assert unmodelled in {error for each in TASKS[name]["Retry"] for error in each["ErrorEquals"]}


def _throttles(resource: str) -> set[str]:
    """The errors by which a task's service says that it is busy, by its model."""
    prefix, service, operation = INTEGRATIONS[resource]
    model = Session().get_service_model(service).operation_model(operation)
    busy = re.compile(r"Throttl|ThroughputExceeded|RequestLimitExceeded|TooManyRequests")
    names = [shape.name.removesuffix("Exception") for shape in model.error_shapes]
    # EC2's throttles concern functions in a network of their own.
    return {
        f"{prefix}.{name}Exception" for name in names if busy.search(name) and "EC2" not in name
    }


@pytest.mark.parametrize("name", TASKS)
def test_a_busy_service_is_called_again(name: str) -> None:
    throttles = _throttles(TASKS[name]["Resource"])
    assert throttles
    assert throttles <= {error for each in TASKS[name]["Retry"] for error in each["ErrorEquals"]}


def _load(folder: Path, condition: str) -> dict[str, Any]:
    """The arguments of a state with this condition, as they are deployed."""
    state = {
        "Arguments": {"ConditionExpression": condition, "ExpressionAttributeValues": {":a": "b"}}
    }
    file = folder / "definition.yaml"
    file.write_text(json.dumps({"States": {"Write": state}}))
    return dict(load_definition(file)["States"]["Write"]["Arguments"])


def test_the_allowed_predecessors_are_filled_in_beside_the_other_conditions(tmp_path: Path) -> None:
    assert _load(tmp_path, "#status IN predecessors(EXPIRED) AND attribute_exists(x)") == {
        "ConditionExpression": (
            "#status IN (:AWAITING_REVIEW, :PAYMENT_INITIATED, :FAILED) AND attribute_exists(x)"
        ),
        "ExpressionAttributeValues": {
            ":a": "b",
            ":AWAITING_REVIEW": {"S": "AWAITING_REVIEW"},
            ":PAYMENT_INITIATED": {"S": "PAYMENT_INITIATED"},
            ":FAILED": {"S": "FAILED"},
        },
    }


@pytest.mark.parametrize(
    ("statuses", "message"),
    [
        ("EXPIRED, REJECTED", "different predecessors: EXPIRED, REJECTED"),
        ("REFUSED", "'REFUSED' is not a valid OrderStatus"),
    ],
)
def test_statuses_without_common_predecessors_are_refused(
    tmp_path: Path, statuses: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _load(tmp_path, f"#status IN predecessors({statuses})")


def test_an_order_is_completed_only_after_its_payment_is_verified() -> None:
    sources = {
        arrow.source for arrow in transitions(load_definition()) if arrow.target == "CompleteOrder"
    }
    assert sources == {"VerifyPayment"}
    condition = STATES["CompleteOrder"]["Arguments"]["ConditionExpression"]
    assert "attribute_exists(payment.verifiedAt)" in condition


@pytest.mark.parametrize("name", ["ExpireOrder", "CancelOrder"])
def test_nothing_ends_unasked(name: str) -> None:
    sources = {arrow.source for arrow in transitions(load_definition()) if arrow.target == name}
    assert sources == {"VerifyPayment"}


def test_a_verification_waits_longer_and_longer_and_90_days_stay_below_25000_events() -> None:
    seconds = STATES["WaitToVerify"]["Seconds"].replace("${ParkingDelaySeconds}", "60")
    expression = seconds.strip().removeprefix("{%").removesuffix("%}")
    questions = [
        {"expression": expression, "variables": {"verifications": count}} for count in range(90)
    ]
    waits = ask("evaluate_jsonata.mjs", questions)
    seconds_waited = [each["value"] for each in waits]
    assert seconds_waited[:4] == [60, 120, 240, 300]
    assert seconds_waited == sorted(seconds_waited)
    assert seconds_waited[-1] == 3600
    # Wait: entered, exited. Task: entered, scheduled, started, failed, exited; and one retry.
    events = 2 + 5 + 3
    rounds = len(waits) + (90 * 86_400 - sum(seconds_waited)) / 3600
    assert rounds * events < 24_000


def test_each_wait_for_a_verification_is_counted() -> None:
    expression = STATES["WaitToVerify"]["Assign"]["verifications"].strip("{% }")
    questions = [{"expression": expression, "variables": {"verifications": n}} for n in range(3)]
    assert ask("evaluate_jsonata.mjs", questions) == [{"value": n} for n in (1, 2, 3)]


@pytest.mark.parametrize(("name", "asks"), [("MatchProducts", True), ("MatchByName", False)])
def test_only_the_fallback_leaves_out_the_model(name: str, *, asks: bool) -> None:
    assert STATES[name]["Arguments"]["Payload"]["useModel"] is asks


@pytest.mark.parametrize("name", ["ExpireOrder", "CancelOrder", "RejectOrder"])
def test_a_paid_order_neither_expires_nor_is_cancelled_nor_rejected(name: str) -> None:
    condition = STATES[name]["Arguments"]["ConditionExpression"]
    assert "attribute_not_exists(payment)" in condition


def test_no_task_token_is_sent_to_the_queue() -> None:
    assert "Token" not in json.dumps(STATES["ScheduleRecovery"])


@pytest.mark.parametrize("provider", [guarded_bedrock.BEDROCK, guarded_paystack.PAYSTACK])
def test_the_function_gets_the_breaker_that_the_choice_decides_on(provider: Provider) -> None:
    decides, calls = {
        "bedrock": ("BedrockAvailable?", "MatchProducts"),
        "paystack": ("LinkPossible?", "CreatePaymentLink"),
    }[provider.key]
    snapshot = f"$breakers.{provider.key}"
    conditions = [choice["Condition"] for choice in STATES[decides]["Choices"]]
    assert f"{{% {snapshot}.openUntil > $millis() %}}" in conditions
    payload = STATES[calls]["Arguments"]["Payload"]
    assert f"{snapshot}.item" in payload["breaker"]
    assert payload["retryCount"] == "{% $states.context.State.RetryCount %}"


def _read_breakers(*items: dict[str, Any], left_out: tuple[str, ...] = ()) -> Any:
    keys = [{"provider": {"S": provider}} for provider in left_out]
    result = {
        "Responses": {"breakers": [*items]},
        "UnprocessedKeys": {"breakers": {"Keys": keys}} if keys else {},
    }
    expression = STATES["ReadBreakers"]["Assign"]["breakers"].strip().strip("{%}")
    context = {"State": {"EnteredTime": "1970-01-01T00:00:01.000Z"}}
    question = {"expression": expression, "states": {"result": result, "context": context}}
    (answer,) = ask("evaluate_jsonata.mjs", [question])
    return answer["value"]


def _breaker(provider: str, **numbers: int) -> dict[str, Any]:
    return {
        "provider": {"S": provider},
        "state": {"S": "OPEN"},
        **{name: {"N": str(number)} for name, number in numbers.items()},
    }


def test_both_breakers_are_read_at_once_in_whatever_sequence_they_come() -> None:
    bedrock, paystack = _breaker("bedrock", retryAt=7), _breaker("paystack", retryAt=9)
    expected = {
        "bedrock": {"item": bedrock, "openUntil": 7},
        "paystack": {"item": paystack, "openUntil": 9},
        "readAt": 1_000,
    }
    assert _read_breakers(bedrock, paystack) == _read_breakers(paystack, bedrock) == expected


def test_a_missing_breaker_is_closed_and_one_that_was_not_read_is_left_to_the_function() -> None:
    read = _read_breakers(left_out=("paystack",))
    assert read["bedrock"] == {"item": {}, "openUntil": 0}
    assert read["paystack"] == {"item": None, "openUntil": 0}


@pytest.mark.parametrize(("age", "given"), [(5_000, {"epoch": {"N": "3"}}), (5_001, None)])
def test_the_link_is_not_made_on_an_old_snapshot_of_the_breaker(age: int, given: Any) -> None:
    """Matching takes up to minutes: a breaker that opened meanwhile is found by the function."""
    question = {
        "expression": STATES["CreatePaymentLink"]["Arguments"]["Payload"]["breaker"].strip("{% }"),
        "variables": {"breakers": {"paystack": {"item": {"epoch": {"N": "3"}}}, "readAt": 1_000}},
        "millis": 1_000 + age,
    }
    (answer,) = ask("evaluate_jsonata.mjs", [question])
    assert answer["value"] == given


def test_the_wait_for_a_payment_lasts_as_long_as_its_link_is_valid() -> None:
    assert LinkTimes().validity.total_seconds() == STATES["AwaitPayment"]["TimeoutSeconds"]
