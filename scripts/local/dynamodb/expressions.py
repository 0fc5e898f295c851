"""Reads each DynamoDB expression once, for MiniStack, which reads it anew for each item.

A query of an index evaluates its key condition for every entry of a partition; with thousands of
entries it takes a sixth of the time by that. It also sorts them all: here, its page alone
(:mod:`scripts.local.dynamodb.partitions`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from ministack.services import dynamodb  # type: ignore[import-untyped]

from scripts.local.dynamodb.partitions import Clause, paging

#: So many different expressions are remembered.
_REMEMBERED: Final = 4096

_KEY_CONDITION: Final = "KeyConditionExpression"
_BETWEEN: Final = re.compile(r"(#?\w+)\s+BETWEEN\s+(:\w+)\s+AND\s+(:\w+)")
_COMPARISON: Final = re.compile(r"\s*(#?\w+)\s*(=|<=|>=|<|>)\s*(:\w+)\s*")

Evaluate = Callable[..., bool]
Compare = Callable[..., bool]


class Tokens(list[tuple[str, str]]):
    """The tokens of one expression, which are only read; the same object for the same text."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def install() -> None:
    """Replaces the functions by which MiniStack reads expressions."""
    tokenize = dynamodb._tokenize
    dynamodb._tokenize = lru_cache(_REMEMBERED)(lambda text: Tokens(tokenize(text)))
    for name in (
        "_check_redundant_parens",
        "_check_reserved_keyword_usage",
        "_condition_syntax_error",
        # Of the text of a number; the same prices and quantities come again and again.
        "_ddb_canonicalize_number",
        "_number_error",
        "_number_size_bytes",
    ):
        setattr(dynamodb, name, remembering(getattr(dynamodb, name)))
    proven: set[str] = set()
    dynamodb._evaluate_condition = comparing(
        dynamodb._evaluate_condition, dynamodb._compare_ddb, proven
    )
    dynamodb._query, dynamodb._index_members = paging(
        dynamodb._query,
        dynamodb._index_members,
        lambda expression: comparisons(expression) if expression in proven else None,
    )


def remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same pure function, which answers the same question once.

    Its first argument is a text, or :class:`Tokens`; others are answered anew.
    """
    remembered = lru_cache(_REMEMBERED)(function)

    def answer(subject: Any, *others: Any) -> Any:
        if isinstance(subject, str | Tokens):
            return remembered(subject, *others)
        return function(subject, *others)

    return answer


def comparing(evaluate: Evaluate, compare: Compare, proven: set[str]) -> Evaluate:
    """``evaluate``, which compares at once where a key condition has comparisons alone.

    Each expression is evaluated in full the first time, which finds its errors; then it is
    ``proven``.
    """

    def evaluate_condition(
        expression: str,
        item: Mapping[str, Any],
        values: Mapping[str, Any],
        names: Mapping[str, str],
        slot: str = "ConditionExpression",
    ) -> bool:
        clauses = comparisons(expression) if slot == _KEY_CONDITION else None
        if clauses is None or expression not in proven:
            result = evaluate(expression, item, values, names, slot=slot)
            proven.add(expression)
            return result
        return all(
            compare(item.get(names.get(name, name)), operator, values.get(value))
            for name, operator, value in clauses
        )

    return evaluate_condition


@lru_cache(_REMEMBERED)
def comparisons(expression: str) -> tuple[Clause, ...] | None:
    """The comparisons that a condition joins by AND; None where it has anything else.

    BETWEEN is two of them.
    """
    joined = _BETWEEN.sub(r"\1 >= \2 AND \1 <= \3", expression)
    found = [_COMPARISON.fullmatch(part) for part in re.split(r"\bAND\b", joined)]
    clauses = [match.groups() for match in found if match is not None]
    return tuple(clauses) if len(clauses) == len(found) else None  # type: ignore[arg-type]
