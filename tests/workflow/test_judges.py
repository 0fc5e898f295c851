"""The definition before judges that are not ours.

They are AWS's language service, botocore and JSONata's reference implementation. The last two look
at what the other tests of this folder have made the emulator do.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from cdk.definition import load_definition
from orderflow import errors
from tests.support import definition_checks as checks
from tests.support.dynamodb_rules import Schema, broken_rules
from tests.support.judges import ask
from tests.support.tables import TABLES
from tests.workflow import test_definition
from tests.workflow.engine import Engine

DEFINITION = load_definition()

Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit) -> dict[str, Any]:
    definition = copy.deepcopy(DEFINITION)
    edit(definition["States"])
    return definition


def language_service(definition: dict[str, Any]) -> list[str]:
    found: list[str] = ask("validate_definition.mjs", json.dumps(definition, indent=1))
    return found


def unknown_errors(definition: dict[str, Any]) -> list[str]:
    ours = [name for name, value in vars(errors).items() if isinstance(value, type)]
    return checks.unknown_errors(definition, ours)


CHECKS = [
    language_service,
    checks.missing_targets,
    checks.jsonpath_fields,
    checks.unassigned_variables,
    checks.unknown_functions,
    unknown_errors,
]


@pytest.mark.parametrize("check", CHECKS)
def test_the_definition_has_no_findings(check: Callable[[dict[str, Any]], list[str]]) -> None:
    assert check(DEFINITION) == []


@pytest.mark.parametrize(
    ("check", "edit"),
    [
        (language_service, lambda s: s["ExpireOrder"].update(TimeoutSecond=3)),
        (language_service, lambda s: s.update(Orphan={"Type": "Succeed"})),
        (checks.missing_targets, lambda s: s["RejectOrder"].update(Next="Nowhere")),
        (checks.missing_targets, lambda s: s["BedrockAvailable?"].update(Default="Nowhere")),
        (checks.missing_targets, lambda s: s["ParkOrder"]["Catch"][0].update(Next="Nowhere")),
        (checks.jsonpath_fields, lambda s: s["ParseOrder"].update(InputPath="$.x")),
        (checks.jsonpath_fields, lambda s: s["ParseOrder"]["Catch"][0].update(ResultPath="$.x")),
        (checks.unassigned_variables, lambda s: s["ParseOrder"]["Assign"].pop("parkings")),
        (checks.unassigned_variables, lambda s: s["ReadBreakers"].pop("Assign")),
        (unknown_errors, lambda s: s["ParseOrder"]["Retry"][1].update(ErrorEquals=["StoreOut"])),
        (unknown_errors, lambda s: s["ScheduleRecovery"]["Catch"][0].update(ErrorEquals=["SQS.X"])),
        (unknown_errors, lambda s: s["CompleteOrder"]["Catch"][0].update(
            ErrorEquals=["DynamoDb.ConditionalCheckFailedException"])),
        (checks.unknown_functions, lambda s: s["WaitToVerify"].update(Seconds="{% $least([1]) %}")),
    ],
)  # fmt: skip
def test_a_fault_of_each_kind_is_found(
    check: Callable[[dict[str, Any]], list[str]], edit: Edit
) -> None:
    assert check(edited(edit))


@pytest.fixture(scope="module")
def recorded(engine: Engine) -> list[dict[str, Any]]:
    lines = engine.recordings.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def evaluations(recorded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in recorded if "expression" in each]


def test_every_expression_of_the_definition_was_evaluated(
    evaluations: list[dict[str, Any]],
) -> None:
    """Run the whole folder: the other tests record what this one looks at."""
    unseen = {*checks.expressions(DEFINITION["States"])} - {e["expression"] for e in evaluations}
    assert {each for each in unseen if "${" not in each} == set()


#: Results of conditions that no execution here has without waiting, and what shows them instead.
SHOWN_ELSEWHERE = {
    ("CreatePaymentLink", 0, True): "test_the_link_is_not_made_on_an_old_snapshot_of_the_breaker",
    ("WaitToVerify", 0, False): (
        "test_a_verification_waits_longer_and_longer_and_90_days_stay_below_25000_events"
    ),
}


def test_each_condition_was_evaluated_with_both_results_in_its_state(
    evaluations: list[dict[str, Any]],
) -> None:
    """So that the arguments that follow from either were looked at. A condition has its number."""
    answers = ask("jsonata_branches.mjs", evaluations)
    seen = {
        (each["states"]["context"]["State"]["Name"], each["expression"], number, result)
        for each, conditions in zip(evaluations, answers, strict=True)
        for number, results in enumerate(conditions)
        for result in results
    }
    wanted = {(*condition, result) for *condition, _ in seen for result in (True, False)}
    assert len(wanted) > 20
    unseen = {(state, number, result) for state, _, number, result in wanted - seen}
    assert unseen == set(SHOWN_ELSEWHERE)


def test_what_is_shown_elsewhere_is() -> None:
    tests = {name for name in vars(test_definition) if name.startswith("test_")}
    assert set(SHOWN_ELSEWHERE.values()) <= tests


@pytest.mark.parametrize(
    ("expression", "results"),
    [
        ("$a ? 1 : 2", [[True]]),
        ("$b ? 1 : 2", [[False]]),
        ("$none ? 1 : 2", [[False]]),
        ("$a and $b ? 1 : 2", [[False], [True], [False]]),
        ("$a or $b", [[True], []]),
        ("[1, 3].($ > 2 ? 'more' : 'less')", [[False, True]]),
        ("$a ? $b ? 1 : 2 : 3", [[True], [False]]),
    ],
)
def test_the_results_of_conditions_are_found(expression: str, results: list[list[bool]]) -> None:
    question = {"expression": expression, "variables": {"a": True, "b": False}, "states": {}}

    (found,) = ask("jsonata_branches.mjs", [question])

    assert [sorted(each) for each in found] == results


def test_the_reference_implementation_evaluates_each_as_the_emulator_did(
    evaluations: list[dict[str, Any]],
) -> None:
    answers = ask("evaluate_jsonata.mjs", evaluations)
    differing = [
        (each["expression"], each.get("value"), answer)
        for each, answer in zip(evaluations, answers, strict=True)
        if ("error" in each) != ("error" in answer) or each.get("value") != answer.get("value")
    ]
    assert differing == []


def test_botocore_accepts_the_arguments_of_every_task(recorded: list[dict[str, Any]]) -> None:
    calls = [each for each in recorded if "resource" in each]
    tasks = {name for name, s in DEFINITION["States"].items() if s["Type"] == "Task"}
    assert {each["state"] for each in calls} == tasks
    refusals = {checks.refused_arguments(each["resource"], each["arguments"]) for each in calls}
    assert refusals == {None}


def test_dynamodb_takes_the_request_of_every_task(recorded: list[dict[str, Any]]) -> None:
    """The engine lets some pass that DynamoDB refuses: docs/conformance.md."""
    schemas = {table.name: Schema.of(table.creation()) for table in TABLES}
    looked_at = set()
    for each in recorded:
        resource = each.get("resource", "").removesuffix(".waitForTaskToken")
        service, operation = checks.OPERATIONS.get(resource, ("", ""))
        if service == "dynamodb":
            assert broken_rules(operation, each["arguments"], schemas) == []
            looked_at.add(each["resource"])
    assert looked_at == {
        state["Resource"]
        for state in DEFINITION["States"].values()
        if "dynamodb:" in state.get("Resource", "")
    }


@pytest.mark.parametrize(
    ("resource", "arguments"),
    [
        ("arn:aws:states:::aws-sdk:dynamodb:batchGetItem", {"RequestItems": {"breakers": {}}}),
        ("arn:aws:states:::dynamodb:updateItem", {"TableName": "o", "Key": {"orderId": "1"}}),
        ("arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
         {"TableName": "o", "Key": {}, "ExpressionAttributeValues": {":one": {"N": 1}}}),
        ("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "q", "DelaySeconds": "9"}),
        ("arn:aws:states:::lambda:invoke", {"Payload": {}}),
    ],
)  # fmt: skip
def test_arguments_that_the_service_would_refuse_are_found(
    resource: str, arguments: dict[str, Any]
) -> None:
    assert checks.refused_arguments(resource, arguments)
