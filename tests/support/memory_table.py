"""The ``orders`` table in memory, for proofs of thousands of sequences that moto is too slow for.

It evaluates the real expressions, as far as orders are written with them; a test compares it with
moto. Conditions are the breaker proofs' (:mod:`tests.breaker.expressions`), in their spelling.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.breaker import expressions
from tests.support.factories import client_error

Item = dict[str, Any]

_WORDS = re.compile(r"(?<![:#\w])(?!(?:AND|OR|IN|size|attribute_\w+|if_not_exists)\b)[a-zA-Z]\w*")
_IN = re.compile(r"(#\w+) IN \((.*?)\)")
_UNEQUAL = re.compile(r"(\w+) <> :(\w+)")
_CLAUSES = re.compile(r"\b(SET|REMOVE|ADD)\b")
_ASSIGNMENTS = re.compile(r",\s*(?![^(]*\))")


class MemoryTable:
    """The part of a boto3 table that :class:`~orderflow.orders.store.OrderStore` uses."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def get_item(self, *, Key: Item, **_: Any) -> Item:  # noqa: N803 - boto3's names
        item = self._items.get(Key["orderId"])
        return {"Item": copy.deepcopy(item)} if item else {}

    def put_item(self, *, Item: Item, ConditionExpression: str) -> None:  # noqa: N803
        self._check(self._items.get(Item["orderId"], {}), ConditionExpression, {})
        # Enumerations become the texts that DynamoDB would hold.
        self._items[Item["orderId"]] = _plain(Item)

    def update_item(
        self,
        *,
        Key: Item,  # noqa: N803
        UpdateExpression: str,  # noqa: N803
        ConditionExpression: str,  # noqa: N803
        ExpressionAttributeValues: Mapping[str, Any],  # noqa: N803
        **_: Any,
    ) -> Item:
        item = self._items.get(Key["orderId"], {})
        values = {name[1:]: _plain(each) for name, each in ExpressionAttributeValues.items()}
        self._check(item, ConditionExpression, values)
        updated = _updated(item, UpdateExpression.replace("#", ""), values)
        self._items[Key["orderId"]] = updated
        return {"Attributes": copy.deepcopy(updated)}

    def _check(self, item: Item, condition: str, values: Mapping[str, Any]) -> None:
        known = {**values, "true": 1, "false": 0}

        def differs(found: re.Match[str]) -> str:
            """The one comparison of maps, decided here."""
            return f":true = :{str(item.get(found[1]) != values[found[2]]).lower()}"

        respelled = _respelled(_UNEQUAL.sub(differs, condition))
        if not expressions.condition(respelled)(_flat(item), known):
            raise client_error("ConditionalCheckFailedException")


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case str():
            return str.__str__(value)
        case Decimal() if value == int(value):
            return int(value)  # DynamoDB has numbers of one type
        case _:
            return value


def _respelled(condition: str) -> str:
    """Names with "#", paths with "_", IN as a row of comparisons."""
    flat = condition.replace(".", "_").replace("_#", "_")
    named = _WORDS.sub(lambda word: f"#{word[0]}", flat)
    return _IN.sub(
        lambda found: (
            "("
            + " OR ".join(f"{found[1]} = {value.strip()}" for value in found[2].split(","))
            + ")"
        ),
        named,
    )


def _flat(item: Item) -> Item:
    """The item, with the attributes of its maps under their path."""
    maps = {name: value for name, value in item.items() if isinstance(value, dict)}
    return item | {
        f"{name}_{key}": value for name, inner in maps.items() for key, value in inner.items()
    }


def _updated(item: Item, update: str, values: Mapping[str, Any]) -> Item:
    _, *parts = _CLAUSES.split(update)
    after = copy.deepcopy(item)
    for clause, text in zip(parts[::2], parts[1::2], strict=True):
        for each in _ASSIGNMENTS.split(text.strip()):
            _apply(after, item, clause, each.strip(), values)
    return after


def _apply(after: Item, item: Item, clause: str, text: str, values: Mapping[str, Any]) -> None:
    if clause == "REMOVE":
        after.pop(text, None)
    elif clause == "ADD":
        name, value = text.split()
        added = values[value[1:]]
        after[name] = (
            item.get(name, set()) | added if isinstance(added, set) else item.get(name, 0) + added
        )
    else:
        name, _, expression = (part.strip() for part in text.partition("="))
        after[name] = copy.deepcopy(_value(item, expression, values))


def _value(item: Item, expression: str, values: Mapping[str, Any]) -> Any:
    if appended := re.fullmatch(r"list_append\((\w+), (:\w+)\)", expression):
        return [*item[appended[1]], *_value(item, appended[2], values)]
    if alternative := re.fullmatch(r"if_not_exists\((\w+), (:\w+)\)", expression):
        name, otherwise = alternative[1], alternative[2]
        return item[name] if name in item else _value(item, otherwise, values)
    if "+" in expression:
        left, _, right = expression.partition("+")
        return _value(item, left.strip(), values) + _value(item, right.strip(), values)
    return values[expression[1:]] if expression.startswith(":") else item[expression]
