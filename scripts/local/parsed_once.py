"""What MiniStack reads, derives or copies at each use, done once and copied plainly.

- IAM policies are parsed for each request, twice.
- To know a caller's name all policies of the caller are gathered, before they are for its request.
- Requests are parsed up to four times by what authorizes them, which only reads them.
- The key that checks a signature is derived for each request; it holds for a day.
- JSONata expressions are parsed for each evaluation.
- Items of DynamoDB are copied with :func:`copy.deepcopy`, which is written in Python.
"""

from __future__ import annotations

import copy
import json
import marshal
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from jsonata import Jsonata  # type: ignore[import-untyped]
from ministack.core import (  # type: ignore[import-untyped]
    iam_actions,
    iam_evaluator,
    responses,
    sigv4,
)
from ministack.services import dynamodb  # type: ignore[import-untyped]

from scripts.local.cloudwatch.rebinding import with_names

#: So many different policies, and as many expressions, are remembered.
_REMEMBERED: Final = 1024

#: So many requests are remembered while they are authorized.
_AT_ONCE: Final = 8


def install() -> None:
    """Replaces the functions by which MiniStack parses, derives and copies."""
    iam_evaluator.parse_policy_document = of_texts(iam_evaluator.parse_policy_document)
    iam_evaluator.request_caller_arn = with_names(
        iam_evaluator.request_caller_arn, resolve_principal=named
    )
    iam_actions.json = SimpleNamespace(
        **{**vars(json), "loads": lru_cache(_AT_ONCE)(iam_actions.json.loads)}
    )
    sigv4.derive_signing_key = lru_cache(_REMEMBERED)(sigv4.derive_signing_key)
    Jsonata.get_parser = staticmethod(lambda make=Jsonata.get_parser: Parser(make))
    dynamodb.copy = SimpleNamespace(deepcopy=copied)


def of_texts(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``parse``, which parses each text once; its results are only read."""
    remembered = lru_cache(_REMEMBERED)(parse)
    return lambda document: (remembered if isinstance(document, str) else parse)(document)


def named(access_key_id: str, account_id: str) -> Any:
    """The principal of an access key by its name (``arn``), without its policies."""
    account = responses._account_from_sts_session(access_key_id)  # noqa: SLF001 - no public name
    found = iam_evaluator.resolve_credential(access_key_id, account or account_id)
    return SimpleNamespace(arn=getattr(found, "principal_arn", ""))


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
    """A copy as :func:`copy.deepcopy` makes it; quickly, of a tree of JSON."""
    try:
        return marshal.loads(marshal.dumps(value))  # nosec B302 # our own bytes  # noqa: S302
    except ValueError:  # it holds something else
        return copy.deepcopy(value)
