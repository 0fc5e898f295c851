"""Random items and conditional writes, to compare implementations of DynamoDB."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from orderflow.breakers.state import Mode, State
from orderflow.breakers.store import CONSTANTS
from orderflow.breakers.transitions import TRANSITIONS
from orderflow.platform.aws_errors import error_code
from tests.breaker import expressions
from tests.breaker.mutants import MUTANTS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

KEY: Final = "provider"
_TRANSITIONS: Final = (
    *TRANSITIONS,
    *(one for scenario in MUTANTS.values() for one in scenario.mutant.replaced.values()),
)
_CONDITIONS: Final = tuple(one.condition_at(epoch) for one in _TRANSITIONS for epoch in (0, 1))
_NUMBERS: Final = ("epoch", "failures", "opens", "retryAt", "probeUntil", "closedAt")
_PLACEHOLDERS: Final = ("epoch", "now", "threshold", "opens", "retryAt", "probeUntil", "seen")


@dataclass(frozen=True, slots=True)
class Case:
    """A conditional write. An empty ``item`` stands for a table without it."""

    item: dict[str, Any]
    condition: str
    update: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result: refused as invalid, applied, or neither; and the item after it."""

    is_error: bool
    applied: bool
    item: dict[str, Any]


def cases(number: int, seed: int = 1) -> Iterator[Case]:
    chance = random.Random(seed)
    for _ in range(number):
        condition = _condition(chance) if chance.random() < 0.5 else chance.choice(_CONDITIONS)
        values: dict[str, Any] = {name: chance.randrange(3) for name in _PLACEHOLDERS}
        values |= {"probeId": chance.choice("ab"), "by": "b", "reason": "r"}
        update = chance.choice(_TRANSITIONS).update
        yield Case(_item(chance), condition, update, {**CONSTANTS, **values})


def _item(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.1:
        return {}
    attributes: dict[str, Any] = {name: chance.randrange(3) for name in _NUMBERS}
    attributes["state"] = str(chance.choice(list(State)))
    attributes["mode"] = str(chance.choice(list(Mode)))
    attributes["probeId"] = chance.choice("ab")
    kept = {name: value for name, value in attributes.items() if chance.random() < 0.8}
    return {"provider": KEY, **kept}


def _condition(chance: random.Random, depth: int = 0) -> str:
    if depth < 3 and chance.random() < 0.6:
        both = [_condition(chance, depth + 1) for _ in range(2)]
        joined = f" {chance.choice(['AND', 'OR'])} ".join(both)
        return f"({joined})" if chance.random() < 0.5 else joined
    name = chance.choice([*_NUMBERS, "state", "probeId"])
    if chance.random() < 0.2:
        return f"{chance.choice(['attribute_exists', 'attribute_not_exists'])}(#{name})"
    # moto fails on ordering values of different types.
    operator = chance.choice(["=", "<", "<=", ">", ">="])
    others = [":now", ":epoch", ":zero"] if name in _NUMBERS else [":CLOSED", ":probeId"]
    return f"#{name} {operator} {chance.choice(others)}"


def in_memory(case: Case) -> Outcome:
    """The result of our own evaluation."""
    if not expressions.condition(case.condition)(case.item, case.values):
        return Outcome(False, False, case.item)
    try:
        after = expressions.update(case.update)(case.item, case.values)
    except expressions.ExpressionError:
        return Outcome(True, False, case.item)
    return Outcome(False, True, {"provider": KEY, **after})


def in_table(case: Case, table: Table) -> Outcome:
    """The result of an implementation of DynamoDB."""
    table.delete_item(Key={"provider": KEY})
    if case.item:
        table.put_item(Item=case.item)
    text = f"{case.condition} {case.update}"
    try:
        answer = table.update_item(
            Key={"provider": KEY},
            ConditionExpression=case.condition,
            UpdateExpression=case.update,
            ExpressionAttributeNames={f"#{name}": name for name in re.findall(r"#(\w+)", text)},
            ExpressionAttributeValues={
                f":{name}": case.values[name] for name in re.findall(r":(\w+)", text)
            },
            ReturnValues="ALL_NEW",
        )
    except ClientError as error:
        if error_code(error) not in {"ConditionalCheckFailedException", "ValidationException"}:
            raise
        return Outcome(error_code(error) == "ValidationException", False, case.item)
    return Outcome(False, True, dict(answer["Attributes"]))
