"""Faults of the queries that functions send to DynamoDB."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutants import Mutant
from tests.mutation.tree import Edit

_INDEXES = "functions/orderflow/orders/store/indexes.py"

REVERSED_BOUNDS: Final = "reversed bounds: a span without values is asked for"


def _query(name: str, old: str, new: str) -> Mutant:
    return Mutant("query", name, [Edit(_INDEXES, old, new)])


QUERIES: Final = [
    _query(
        REVERSED_BOUNDS,
        "    if span is not None and span.is_empty:\n        return\n",
        "",
    ),
    _query(
        "reversed bounds: of each span",
        "BETWEEN :since AND :until",
        "BETWEEN :until AND :since",
    ),
    _query(
        "unused value: the bounds of a span that the condition leaves out",
        "    if span is not None and span.condition is not None:\n"
        "        conditions.append(span.condition)\n",
        "",
    ),
    _query(
        "reserved word: an attribute of the key without its placeholder",
        'f"#{name} = :{name}" for name',
        'f"{name} = :{name}" for name',
    ),
]
