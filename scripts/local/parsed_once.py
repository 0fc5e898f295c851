"""What MiniStack reads or copies at each use, read once and copied plainly.

- IAM policies are parsed for each request, twice.
- JSONata expressions are parsed for each evaluation.
- Items of DynamoDB are copied with :func:`copy.deepcopy`, which looks for shared parts; items are
  trees of JSON and have none.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from jsonata import Jsonata  # type: ignore[import-untyped]
from ministack.core import iam_evaluator  # type: ignore[import-untyped]
from ministack.services import dynamodb  # type: ignore[import-untyped]

#: So many different policies, and as many expressions, are remembered.
_REMEMBERED: Final = 1024

_ATOMS: Final = frozenset({str, int, float, bool, bytes, type(None)})


def install() -> None:
    """Replaces the functions by which MiniStack parses and copies."""
    iam_evaluator.parse_policy_document = of_texts(iam_evaluator.parse_policy_document)
    Jsonata.get_parser = staticmethod(lambda make=Jsonata.get_parser: Parser(make))
    dynamodb.copy = SimpleNamespace(deepcopy=copied)


def of_texts(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``parse``, which parses each text once; its results are only read."""
    remembered = lru_cache(_REMEMBERED)(parse)
    return lambda document: (remembered if isinstance(document, str) else parse)(document)


class Parser:
    """JSONata's parser, which parses each expression once; evaluations only read what it made.

    Args:
        make: makes the parser of one expression.

    Attributes:
        dbg: whether evaluations print what they do.
    """

    dbg = False

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def parse(self, expression: str, *options: Any) -> Any:
        """The expression's syntax tree."""
        return _tree(self._make, expression, options)


@lru_cache(_REMEMBERED)
def _tree(make: Callable[[], Any], expression: str, options: tuple[Any, ...]) -> Any:
    return make().parse(expression, *options)


def copied(value: Any) -> Any:
    """A copy of a tree of JSON, and of whatever else as :func:`copy.deepcopy` makes it."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {name: copied(each) for name, each in value.items()}
    if kind is list:
        return [copied(each) for each in value]
    return copy.deepcopy(value)
