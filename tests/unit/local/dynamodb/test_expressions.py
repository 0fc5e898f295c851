"""MiniStack reads each expression once, and finds what it found before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import dynamodb  # type: ignore[import-untyped]

from scripts.local.dynamodb.expressions import (
    Tokens,
    comparing,
    comparisons,
    remembering,
)

VALUES = st.sampled_from([{"S": "a"}, {"S": "b"}, {"N": "1"}, {"N": "10"}, {"N": "2"}])
CONDITIONS = st.sampled_from(
    [
        "#p = :p",
        "#p = :p AND q >= :q",
        "#p=:p AND q < :q AND r <= :p",
        "#p = :p AND q BETWEEN :p AND :q",
        "#p = :p AND begins_with(q, :q)",
    ]
)


@given(
    expression=CONDITIONS,
    items=st.lists(st.dictionaries(st.sampled_from("pqr"), VALUES), min_size=2),
    values=st.fixed_dictionaries({":p": VALUES, ":q": VALUES}),
)
def test_every_item_is_judged_as_before(
    expression: str, items: list[dict[str, Any]], values: dict[str, Any]
) -> None:
    before, names = dynamodb._evaluate_condition, {"#p": "p"}
    after = comparing(before, dynamodb._compare_ddb, set())
    for item in items:
        arguments = (expression, item, values, names, "KeyConditionExpression")
        assert outcome(after, arguments) == outcome(before, arguments)


def outcome(evaluate: Any, arguments: tuple[Any, ...]) -> Any:
    try:
        return evaluate(*arguments)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(
    "expression", ["p = :p AND q BETWEEN :a", "p = :p OR q = :q", "NOT p = :p", "p = :p AND"]
)
def test_only_comparisons_that_and_joins_are_compared_at_once(expression: str) -> None:
    assert comparisons(expression) is None


def test_other_conditions_are_evaluated_in_full() -> None:
    seen: list[str] = []

    def evaluate(expression: str, *_: Any, slot: str) -> bool:
        seen.append(slot)
        return True

    again = comparing(evaluate, lambda *_: False, set())
    for _ in range(2):
        again("p = :p", {}, {}, {}, slot="FilterExpression")

    assert seen == ["FilterExpression"] * 2


def test_a_question_is_answered_once_for_texts_and_tokens() -> None:
    asked: list[Any] = []
    ask = remembering(lambda *question: asked.append(question))

    tokens = Tokens([("IDENT", "p")])
    for subject in ("p", "p", tokens, tokens, [("IDENT", "p")], [("IDENT", "p")]):
        ask(subject, "slot")

    assert len(asked) == 4


def test_a_wrong_expression_is_refused_though_another_was_right() -> None:
    evaluate = comparing(dynamodb._evaluate_condition, dynamodb._compare_ddb, set())
    evaluate("p = :p", {}, {":p": {"S": "a"}}, {}, "KeyConditionExpression")

    with pytest.raises(ValueError, match="reserved keyword"):
        evaluate("status = :p", {}, {":p": {"S": "a"}}, {}, "KeyConditionExpression")
