"""A probe for each row of deviations.yaml: whether the engine still deviates."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from botocore.exceptions import ClientError

from orderflow.platform.aws_errors import error_code
from orderflow.platform.dynamodb import condition_failed
from tests.engines.conftest import AN_ORDER
from tests.support.judges import ask
from tests.support.tables import ORDERS
from tests.support.waiting import wait_for

_numbers = itertools.count(1)
_ROLE: Final = "arn:aws:iam::000000000000:role/workflow"
_DONE: Final = {"Type": "Succeed"}


@dataclass(frozen=True)
class Emulator:
    """An engine's clients. ``tokens`` is a table with the key ``id``."""

    sfn: Any
    dynamodb: Any
    tokens: str

    def start(self, *states: dict[str, Any], given: Any = None, **machine: Any) -> str:
        """Start an execution of these states, one after the other; returns its ARN."""
        number = next(_numbers)
        names = [f"State{n}" for n in range(len(states))]
        arrows = [{"Next": name} for name in (*names[1:], "Done")]
        chain = {
            name: state | arrow for name, state, arrow in zip(names, states, arrows, strict=True)
        }
        definition = {"QueryLanguage": "JSONata", "StartAt": names[0], **machine}
        definition["States"] = {**chain, "Done": _DONE}
        arn = self.sfn.create_state_machine(
            name=f"probe-{number}", definition=json.dumps(definition), roleArn=_ROLE
        )["stateMachineArn"]
        started = self.sfn.start_execution(stateMachineArn=arn, input=json.dumps(given or {}))
        return str(started["executionArn"])

    def ended(self, arn: str) -> dict[str, Any]:
        """The execution after its end."""
        found: dict[str, Any] = wait_for(
            lambda: self.sfn.describe_execution(executionArn=arn),
            lambda execution: execution["status"] != "RUNNING",
        )
        return found

    def output(self, *states: dict[str, Any], given: Any = None) -> Any:
        """The output of an execution of these states."""
        return json.loads(self.ended(self.start(*states, given=given))["output"])

    def waiting(self, name: str, **fields: Any) -> dict[str, Any]:
        """A Task that stores its token under ``name`` and waits."""
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken",
            "Arguments": {
                "TableName": self.tokens,
                "Item": {"id": {"S": name}, "token": {"S": "{% $states.context.Task.Token %}"}},
            },
            **fields,
        }

    def token(self, name: str) -> str:
        """The token that a waiting Task stored."""
        key = {"id": {"S": name}}
        item = wait_for(
            lambda: self.dynamodb.get_item(TableName=self.tokens, Key=key).get("Item"), bool
        )
        return str(item["token"]["S"])

    def evaluate(self, expression: str) -> Any:
        """The value of a JSONata expression."""
        return self.output({"Type": "Pass", "Output": f"{{% {expression} %}}"})

    def update(self, expression: str, **values: Any) -> dict[str, Any]:
        """The order o-1 after an update of its attributes."""
        self.dynamodb.put_item(TableName="orders", Item=AN_ORDER)
        self.dynamodb.update_item(
            TableName="orders",
            Key={"orderId": {"S": "o-1"}},
            UpdateExpression=expression,
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        )
        item: dict[str, Any] = self.dynamodb.get_item(
            TableName="orders", Key={"orderId": {"S": "o-1"}}
        )["Item"]
        return item

    def update_if(self, condition: str, **values: Any) -> None:
        """Change the order o-1 where a condition holds."""
        self.dynamodb.update_item(
            TableName="orders",
            Key={"orderId": {"S": "o-1"}},
            UpdateExpression="SET changed = :changed",
            ConditionExpression=condition,
            ExpressionAttributeValues={
                ":changed": {"BOOL": True},
                **{f":{name}": value for name, value in values.items()},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )


Probe = Callable[[Emulator], bool]
PROBES: Final[dict[str, Probe]] = {}


def probe(name: str) -> Callable[[Probe], Probe]:
    """The probe of the row with this name."""

    def keep(function: Probe) -> Probe:
        PROBES[name] = function
        return function

    return keep


@probe("trailing zeros of numbers")
def _trailing_zeros(emulator: Emulator) -> bool:
    return emulator.update("SET version = :n", n={"N": "1.00"})["version"] == {"N": "1.00"}


@probe("equal maps")
def _equal_maps(emulator: Emulator) -> bool:
    value = {"M": {"at": {"S": "noon"}}}
    emulator.update("SET failure = :m", m=value)
    try:
        emulator.update_if("failure = :m", m=value)
    except ClientError as error:
        return condition_failed(error)
    return False


@probe("the item of a failed condition")
def _failed_condition(emulator: Emulator) -> bool:
    emulator.update("SET note = :x", x={"S": "x"})
    try:
        emulator.update_if("note = :y", y={"S": "y"})
    except ClientError as error:
        return condition_failed(error) and "Item" not in error.response
    raise AssertionError("the condition held")


@probe("an update with a type error")
def _type_error(emulator: Emulator) -> bool:
    added = emulator.update("SET note = note + :n", n={"N": "1"})
    appended = emulator.update("SET note = list_append(note, :l)", l={"L": []})
    return (added["note"], appended["note"]) == ({"S": "x"}, {"L": []})


@probe("a second SET clause")
def _second_set(emulator: Emulator) -> bool:
    item = emulator.update("SET note = :y SET remark = :y", y={"S": "y"})
    return (item["note"], item.get("remark")) == ({"S": "x"}, {"S": "y"})


@probe("expressions of one Assign")
def _assign(emulator: Emulator) -> bool:
    found = emulator.output(
        {"Type": "Pass", "Assign": {"a": 1}},
        {"Type": "Pass", "Assign": {"a": 2, "b": "{% $a %}"}},
        {"Type": "Pass", "Output": "{% $b %}"},
    )
    return bool(found == 2)


def _parallel(**fields: Any) -> dict[str, Any]:
    echo = {"Type": "Pass", "Output": "{% $states.input %}", "End": True}
    branch = {"StartAt": "Echo", "States": {"Echo": echo}}
    return {"Type": "Parallel", "Branches": [branch], **fields}


@probe("Parallel ignores Arguments")
def _parallel_arguments(emulator: Emulator) -> bool:
    found = emulator.output(_parallel(Arguments={"from": "arguments"}), given={"from": "input"})
    return bool(found == [{"from": "input"}])


@probe("Parallel ignores Assign")
def _parallel_assign(emulator: Emulator) -> bool:
    found = emulator.output(
        {"Type": "Pass", "Assign": {"a": "before"}},
        _parallel(Assign={"a": "after"}),
        {"Type": "Pass", "Output": "{% $a %}"},
    )
    return bool(found == "before")


@probe("a distributed Map ignores Items")
def _distributed_map(emulator: Emulator) -> bool:
    echo = {"Type": "Pass", "Output": "{% $states.input %}", "End": True}
    state = {
        "Type": "Map",
        "Items": "{% [1, 2] %}",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Echo",
            "States": {"Echo": echo},
        },
    }
    ended = emulator.ended(emulator.start(state, given=["of the input"]))
    return ended["status"] != "SUCCEEDED" or json.loads(ended["output"]) != [1, 2]


@probe("HeartbeatSeconds")
def _heartbeat(emulator: Emulator) -> bool:
    state = emulator.waiting("heartbeat", HeartbeatSeconds=1, TimeoutSeconds=2)
    return bool(emulator.ended(emulator.start(state)).get("error") != "States.HeartbeatTimeout")


@probe("the state machine's TimeoutSeconds")
def _machine_timeout(emulator: Emulator) -> bool:
    state = emulator.waiting("machine", TimeoutSeconds=2)
    return bool(emulator.ended(emulator.start(state, TimeoutSeconds=1))["status"] != "TIMED_OUT")


@probe("a timeout by an expression")
def _timeout_by_expression(emulator: Emulator) -> bool:
    arn = emulator.start(emulator.waiting("expression", TimeoutSeconds="{% 1 %}"))
    return bool(emulator.ended(arn)["error"] != "States.Timeout")


@probe("the token of a stopped execution")
def _stopped_token(emulator: Emulator) -> bool:
    arn = emulator.start(emulator.waiting("stopped", TimeoutSeconds=600))
    token = emulator.token("stopped")
    emulator.sfn.stop_execution(executionArn=arn)
    emulator.ended(arn)
    emulator.sfn.send_task_success(taskToken=token, output="{}")
    return True


@probe("RedriveExecution")
def _redrive(emulator: Emulator) -> bool:
    failing = {"Type": "Pass", "Output": "{% $error('on purpose') %}"}
    arn = emulator.start(failing)
    assert emulator.ended(arn)["status"] == "FAILED"
    try:
        emulator.sfn.redrive_execution(executionArn=arn)
    except ClientError as error:
        return error_code(error) not in {"ExecutionNotRedrivable", "ExecutionDoesNotExist"}
    return False


@probe("TestState looks at Catch before Retry")
def _test_state(emulator: Emulator) -> bool:
    retrier = {"ErrorEquals": ["Busy"], "MaxAttempts": 3}
    catcher = {"ErrorEquals": ["Busy"], "Next": "Elsewhere"}
    state = emulator.waiting("tested", Retry=[retrier], Catch=[catcher], Next="Done")
    answer = emulator.sfn.test_state(
        definition=json.dumps({**state, "QueryLanguage": "JSONata"}),
        roleArn=_ROLE,
        mock={"errorOutput": {"error": "Busy", "cause": "on purpose"}},
        stateConfiguration={"retrierRetryCount": 0},
    )
    return bool(answer["status"] == "CAUGHT_ERROR")


@probe("MaxDelaySeconds and JitterStrategy")
def _longest_delay(emulator: Emulator) -> bool:
    policy = {"IntervalSeconds": 5, "BackoffRate": 2, "MaxAttempts": 5, "MaxDelaySeconds": 7}
    state = emulator.waiting("tested", Retry=[{"ErrorEquals": ["Busy"], **policy}], Next="Done")
    answer = emulator.sfn.test_state(
        definition=json.dumps({**state, "QueryLanguage": "JSONata"}),
        roleArn=_ROLE,
        mock={"errorOutput": {"error": "Busy", "cause": "on purpose"}},
        stateConfiguration={"retrierRetryCount": 2},
        inspectionLevel="DEBUG",
    )
    found = answer["inspectionData"]["errorDetails"]["retryBackoffIntervalSeconds"]
    return bool(found > policy["MaxDelaySeconds"])


@probe("whole numbers from 1e15")
def _whole_numbers(emulator: Emulator) -> bool:
    expression = "$string(1000000000000001)"
    return bool(emulator.evaluate(expression) != _reference(expression)["value"])


@probe("partition keys of several attributes")
def _several_attributes(emulator: Emulator) -> bool:
    try:
        emulator.dynamodb.create_table(**replace(ORDERS, name="several-attributes").creation())
    except ClientError as error:
        return error_code(error) == "ValidationException"
    return False


@probe("remainders of fractions")
def _remainders(emulator: Emulator) -> bool:
    return bool(emulator.evaluate("5.5 % 2") != _reference("5.5 % 2")["value"])


@probe("$not of a missing field")
def _not_missing(_: Emulator) -> bool:
    return "value" not in _reference("$not($states.input.missing)")


def _reference(expression: str) -> dict[str, Any]:
    """The answer of JSONata's reference implementation."""
    question = {"expression": expression, "states": {"input": {}}, "variables": {}, "millis": 0}
    (answer,) = ask("evaluate_jsonata.mjs", [question])
    found: dict[str, Any] = answer
    return found
