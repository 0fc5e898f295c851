"""Rules on expressions, read as tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, Final

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

_TOKEN: Final = re.compile(r"[#:]?\w+|<>|<=|>=|[=<>()\[\],.+-]")
_FIELDS: Final = (
    "ConditionExpression",
    "UpdateExpression",
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
)
_LEGACY: Final = {
    "AttributesToGet",
    "AttributeUpdates",
    "ConditionalOperator",
    "Expected",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
}
_FUNCTIONS: Final = {
    "attribute_exists",
    "attribute_not_exists",
    "attribute_type",
    "begins_with",
    "contains",
    "if_not_exists",
    "list_append",
    "size",
}
_CLAUSES: Final = ("SET", "REMOVE", "ADD", "DELETE")
_WORDS: Final = {*_CLAUSES, "AND", "OR", "NOT", "IN", "BETWEEN"}
_COMPARED: Final = {"=", "<>", "<", "<=", ">", ">="}
_ORDERED: Final = {"S", "N", "B"}
_LONGEST: Final = 4096  # bytes
_MOST_OPERATORS: Final = 300
_MOST_OPERANDS: Final = 100


@dataclass(frozen=True)
class Expression:
    """One expression of a request."""

    text: str

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Names, values, words in capitals, functions, operators and brackets."""
        return _tokens(self.text)


@cache
def _tokens(text: str) -> tuple[str, ...]:
    found = _TOKEN.findall(text)
    return tuple(token.upper() if token.upper() in _WORDS else token for token in found)


class Request:
    """A request's expressions, and what their placeholders stand for."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = params
        self.names: Mapping[str, str] = params.get("ExpressionAttributeNames", {})
        self.values: Mapping[str, Any] = params.get("ExpressionAttributeValues", {})
        self.expressions = {
            name: Expression(params[name]) for name in _FIELDS if params.get(name) is not None
        }

    def paths_of(self, expression: Expression) -> set[str]:
        """The first names of the expression's paths."""
        return {path[0] for path in self._paths(expression.tokens)}

    def written_names(self) -> set[str]:
        """The first names of the paths that the update changes."""
        return {path[0] for path in self.written_paths()}

    def written_paths(self) -> list[tuple[str, ...]]:
        """The paths that the update changes."""
        update = self.expressions.get("UpdateExpression")
        return [path for clause in clauses(update) for path in self._targets(*clause)]

    def _targets(self, clause: str, tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for part in split(tokens):
            path = part[: part.index("=")] if clause == "SET" and "=" in part else part
            yield from [*self._paths(path)][:1]

    def _paths(self, tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Each row of names that dots and brackets connect."""
        path: list[str] = []
        for before, token in pairwise(("", *tokens)):
            if token in {".", "[", "]"} or (before == "[" and path):
                path += [token] if before == "[" else []
                continue
            if path and before != ".":
                yield tuple(path)
                path = []
            if _is_name(token):
                path.append(self.names.get(token, token))
        if path:
            yield tuple(path)


def expression_rules(request: Request) -> Iterator[str]:
    """Rules on all expressions of a request."""
    yield from _placeholder_rules(request)
    for name, expression in request.expressions.items():
        tokens = expression.tokens
        if not tokens:
            yield f"an empty {name}"
        size = len(expression.text.encode())
        if size > _LONGEST:
            yield f"a {name} of {size} bytes"
        operators = sum(token in _COMPARED | _WORDS | _FUNCTIONS | {"+", "-"} for token in tokens)
        if operators > _MOST_OPERATORS:
            yield f"a {name} with {operators} operators"
        yield from _reserved_words(name, tokens)
        yield from _operand_rules(request, tokens)
    yield from _update_rules(request)


def _placeholder_rules(request: Request) -> Iterator[str]:
    used = {token for each in request.expressions.values() for token in each.tokens}
    for mark, given in (("#", request.names), (":", request.values)):
        wanted = {token for token in used if token[0] == mark}
        yield from (f"{each} is not used" for each in sorted(given.keys() - wanted))
        yield from (f"{each} is not defined" for each in sorted(wanted - given.keys()))
    for each in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if request.params.get(each) == {}:
            yield f"an empty {each}"
    if (legacy := _LEGACY & request.params.keys()) and request.expressions:
        yield f"{', '.join(sorted(legacy))} beside expressions"


def _reserved_words(name: str, tokens: tuple[str, ...]) -> Iterator[str]:
    reserved = ReservedKeywords.get_reserved_keywords()
    for token in tokens:
        if _is_name(token) and token[0] != "#" and token.upper() in reserved:
            yield f"the reserved word {token} in a {name}"


def _operand_rules(request: Request, tokens: tuple[str, ...]) -> Iterator[str]:
    row = ("", "", *tokens, "", "", "")
    for at, token in enumerate(row):
        before, after = row[at - 1], row[at + 1] if at + 1 < len(row) else ""
        if token == "BETWEEN" and row[at + 2] == "AND":
            yield from _between_rules(request, after, row[at + 3])
        elif token == "IN":
            operands = row[at:].index(")") // 2
            if operands > _MOST_OPERANDS:
                yield f"IN with {operands} operands"
        elif token in _COMPARED:
            yield from _comparison_rules(request, (row[at - 2], before), token, after, row[at + 2])
        elif token in {"+", "-"}:
            yield from _typed(request, (before, after), {"N"}, token)
        elif token == "begins_with":
            yield from _typed(request, row[at + 2 : at + 5], {"S", "B"}, token)
        elif token == "list_append":
            yield from _typed(request, row[at + 2 : at + 5], {"L"}, token)
        elif token == "(" and after == "(" and before not in _FUNCTIONS:
            yield from _redundant_brackets(row[at:])


def _between_rules(request: Request, lower: str, upper: str) -> Iterator[str]:
    yield from _typed(request, (lower, upper), _ORDERED, "BETWEEN")
    if lower not in request.values or upper not in request.values:
        return
    ((kind, low),) = request.values[lower].items()
    ((other, high),) = request.values[upper].items()
    if kind != other:
        yield "BETWEEN with bounds of two types"
    elif kind in _ORDERED and _order(kind, low) > _order(kind, high):
        yield "BETWEEN with its lower bound above its upper"


def _order(kind: str, content: str) -> Any:
    return Decimal(content) if kind == "N" else content.encode()


def _comparison_rules(
    request: Request, left: tuple[str, str], operator: str, right: str, beyond: str
) -> Iterator[str]:
    alone = left[0] in {"", "(", "AND", "OR", "NOT"} and beyond in {"", ")", "AND", "OR"}
    if alone and left[1] == right:
        yield f"{right} compared with itself"
    if operator in {"<", "<=", ">", ">="}:
        yield from _typed(request, (left[1], right), _ORDERED, operator)


def _typed(
    request: Request, operands: tuple[str, ...], allowed: set[str], operator: str
) -> Iterator[str]:
    for operand in operands:
        for kind in request.values.get(operand, {}):
            if kind not in allowed:
                yield f"{operand} of type {kind} beside {operator}"


def _redundant_brackets(row: tuple[str, ...]) -> Iterator[str]:
    """Two pairs of brackets around the same; ``row`` begins with both."""
    depth, closed_inner = 0, None
    for at, token in enumerate(row):
        depth += (token == "(") - (token == ")")
        if token == ")" and depth == 1 and closed_inner is None:
            closed_inner = at
        if token == ")" and depth == 0:
            if closed_inner == at - 1:
                yield "redundant brackets"
            return


def _update_rules(request: Request) -> Iterator[str]:
    found = clauses(request.expressions.get("UpdateExpression"))
    names = [clause for clause, _ in found]
    yield from (f"two {name} clauses" for name in _CLAUSES if names.count(name) > 1)
    paths = request.written_paths()
    for at, path in enumerate(paths):
        for other in paths[:at]:
            shorter = min(len(path), len(other))
            if path[:shorter] == other[:shorter]:
                yield f"{'.'.join(path)} is changed twice"
    sets = {"SS", "NS", "BS"}
    for clause, tokens in found:
        if clause in {"ADD", "DELETE"}:
            allowed = {*sets, "N"} if clause == "ADD" else sets
            yield from _typed(request, tokens, allowed, clause)


def clauses(update: Expression | None) -> list[tuple[str, tuple[str, ...]]]:
    """The clauses of an update, each with its tokens."""
    found: list[tuple[str, list[str]]] = []
    for token in update.tokens if update else ():
        if token in _CLAUSES:
            found.append((token, []))
        elif found:
            found[-1][1].append(token)
    return [(clause, tuple(tokens)) for clause, tokens in found]


def split(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The parts between commas that no function's brackets hold."""
    part: list[str] = []
    depth = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            yield tuple(part)
            part = []
        else:
            part.append(token)
    yield tuple(part)


def _is_name(token: str) -> bool:
    """Whether it is an attribute's name or a placeholder for one."""
    is_word = token[:1] == "#" or (token[:1].isalpha() or token[:1] == "_")
    return is_word and token not in _WORDS | _FUNCTIONS
