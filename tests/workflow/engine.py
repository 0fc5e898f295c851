"""The real definition on the emulator's Step Functions engine.

Lambdas answer from a mock file in AWS Step Functions Local's format; the direct DynamoDB and SQS
integrations are real calls to the emulated tables and queue, unless a case mocks them too.
"""

from __future__ import annotations

import itertools
import json
import string
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from cdk.definition import load_definition
from tests.support.http import http
from tests.support.waiting import wait_for

STATE_MACHINE = "order"
CLOSED_STATUSES = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


@dataclass(frozen=True)
class Transition:
    """One arrow of the definition; ``via`` is Next, Default, Choice i or Catch i."""

    source: str
    via: str
    target: str


def transitions(definition: dict[str, Any]) -> set[Transition]:
    """Every transition of the definition."""
    return {
        arrow for name, state in definition["States"].items() for arrow in _arrows_from(name, state)
    }


def _arrows_from(name: str, state: dict[str, Any]) -> Iterator[Transition]:
    for via in ("Next", "Default"):
        if via in state:
            yield Transition(name, via, state[via])
    for index, choice in enumerate(state.get("Choices", [])):
        yield Transition(name, f"Choice {index}", choice["Next"])
    for index, catcher in enumerate(state.get("Catch", [])):
        yield Transition(name, f"Catch {index}", catcher["Next"])


def default_path(start: str, end: str) -> list[str]:
    """The states from ``start`` to ``end`` by ``Next`` and ``Default``: no error, no choice."""
    path = [start]
    while path[-1] != end:
        state = load_definition()["States"][path[-1]]
        path.append(state.get("Next") or state["Default"])
    return path


def _index(arrow: Transition) -> int:
    return int(arrow.via.split()[1])


def _is_way_of(state: dict[str, Any], arrow: Transition, error: str | None) -> bool:
    if not arrow.via.startswith("Catch"):
        return error is None
    return error in state["Catch"][_index(arrow)]["ErrorEquals"]


@dataclass
class Run:
    """One execution, as its history records it."""

    status: str
    path: list[str]
    error: str | None
    transitions: set[Transition] = field(default_factory=set)


class Engine:
    """The emulated AWS with the workflow, its tables and its queue."""

    def __init__(self, endpoint: str, recordings: Path) -> None:
        self.endpoint = endpoint
        self.recordings = recordings
        self.options: dict[str, Any] = {
            "endpoint_url": endpoint,
            "region_name": "eu-west-1",
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }
        self.sfn = self.client("stepfunctions")
        self.sqs = self.client("sqs")
        dynamodb = boto3.resource("dynamodb", **self.options)
        self.definition = load_definition()
        self.orders = dynamodb.create_table(**_table("orders", "orderId"))
        self.breakers = dynamodb.create_table(**_table("breakers", "provider"))
        self.queue_url = self.sqs.create_queue(QueueName="parked-orders")["QueueUrl"]
        self.arn = self.sfn.create_state_machine(
            name=STATE_MACHINE,
            definition=self._rendered_definition(),
            roleArn="arn:aws:iam::000000000000:role/workflow",
        )["stateMachineArn"]

    def client(self, service: str, config: Config | None = None) -> Any:
        """A client of the emulated AWS."""
        return boto3.client(service, config=config, **self.options)  # type: ignore[call-overload]

    def _rendered_definition(self) -> str:
        function = "arn:aws:lambda:eu-west-1:000000000000:function:{}:1"
        names = {
            "OrdersTable": "orders",
            "BreakersTable": "breakers",
            "ParkedOrdersQueueUrl": self.queue_url,
            "ParkingDelaySeconds": "60",
            "ReviewSeconds": "86400",
        }
        template = string.Template(_shield_jsonata(json.dumps(self.definition)))
        functions = {
            name: function.format(name.removesuffix("Function"))
            for name in template.get_identifiers()
            if name.endswith("Function")
        }
        return template.substitute(names | functions)

    def start(self, case: str, order_id: str, without: Collection[str] = ()) -> str:
        """Start an execution with the mocks of one case; returns its ARN.

        Args:
            case: the mocks.
            order_id: the order.
            without: fields that its input does not have.
        """
        fields = {
            "orderId": order_id,
            "customerId": "customer-1",
            "customerEmail": "ada@example.com",
            "customerName": None,
            "groceryList": "2 cups milk",
        }
        answer = self.sfn.start_execution(
            stateMachineArn=f"{self.arn}#{case}",
            name=order_id,
            input=json.dumps({name: each for name, each in fields.items() if name not in without}),
        )
        return str(answer["executionArn"])

    def finished(self, arn: str) -> Run:
        """Wait for the execution's end and read its history."""
        status = wait_for(
            lambda: self.sfn.describe_execution(executionArn=arn)["status"],
            lambda status: status in CLOSED_STATUSES,
        )
        events = self._events(arn)
        path = [
            event["stateEnteredEventDetails"]["name"]
            for event in events
            if event["type"].endswith("StateEntered")
        ]
        failure = next(
            (e["executionFailedEventDetails"] for e in events if e["type"] == "ExecutionFailed"), {}
        )
        return Run(status, path, failure.get("error"), set(self._taken(arn, events)))

    def timers(self, order_id: str) -> list[dict[str, Any]]:
        """The order's messages in the queue of parked orders, each with its ``delaySeconds``."""
        answer = http.get(f"{self.endpoint}/_ministack/sqs/messages").json()
        messages = itertools.chain.from_iterable(
            queue
            for regions in answer["messages"].values()
            for queues in regions.values()
            for queue in queues.values()
        )
        return [
            {**body, "delaySeconds": message["VisibleAt"] - message["SentTimestamp"]}
            for message in messages
            if (body := json.loads(message["Body"]))["orderId"] == order_id
        ]

    def answer(self, token: str, **output: str) -> None:
        """Answer a task token with success."""
        self.sfn.send_task_success(taskToken=token, output=json.dumps(output))

    def _events(self, arn: str) -> list[dict[str, Any]]:
        pages = self.sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]

    def _taken(self, arn: str, events: Iterable[dict[str, Any]]) -> Iterator[Transition]:
        source: str | None = None
        error: str | None = None
        for event in events:
            kind = event["type"]
            if kind.endswith("StateEntered"):
                target = event["stateEnteredEventDetails"]["name"]
                if source is not None:
                    yield from self._arrows(arn, source, target, error)
                source, error = target, None
            elif kind == "TaskFailed":
                error = event["taskFailedEventDetails"]["error"]
            elif kind == "TaskSucceeded":
                error = None

    def _arrows(
        self, arn: str, source: str, target: str, error: str | None
    ) -> Iterator[Transition]:
        """The arrow that was taken; of choices with one target, all that held in this execution."""
        state = self.definition["States"][source]
        found = [
            arrow
            for arrow in _arrows_from(source, state)
            if arrow.target == target and _is_way_of(state, arrow, error)
        ]
        if not found:
            raise AssertionError(f"The definition has no arrow {source} -> {target} ({error})")
        if len(found) == 1 or state["Type"] != "Choice":
            yield found[0]
            return
        held = self._conditions_that_held(arn)
        yield from (
            arrow
            for arrow in found
            if state["Choices"][_index(arrow)]["Condition"].strip("{% }") in held
        )

    def _conditions_that_held(self, arn: str) -> set[str]:
        records = map(json.loads, self.recordings.read_text(encoding="utf-8").splitlines())
        return {
            record["expression"].strip("{% }")
            for record in records
            if record.get("value") is True and record["states"]["context"]["Execution"]["Id"] == arn
        }


def _table(name: str, key: str) -> dict[str, Any]:
    return {
        "TableName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }


def _shield_jsonata(text: str) -> str:
    """Escape the ``$`` of JSONata for string.Template, which reads ``${Name}`` alone as its own."""
    return text.replace("$", "$$").replace("$${", "${")
