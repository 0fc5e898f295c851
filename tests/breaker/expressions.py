"""DynamoDB's condition and update expressions, as far as the breaker uses them, in memory.

An expression is compiled once, into closures over an item (attribute -> int or str; empty if the
table holds none) and its values. The unit tests compare them with moto on random cases (cases.py),
the tests beside this file with the emulator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

Item = Mapping[str, Any]
Values = Mapping[str, Any]
Condition = Callable[[Item, Values], bool]
Update = Callable[[Item, Values], dict[str, Any]]
_Operand = Callable[[Item, Values], Any]

_TOKEN: Final = re.compile(r"\s*(#\w+|:\w+|\w+|<=|>=|[=<>()+,-])")
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda left, right: bool(left == right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}


class ExpressionError(Exception):
    """An expression that DynamoDB refuses with a ValidationException."""


@cache
def condition(text: str) -> Condition:
    """The compiled condition."""
    parser = _Parser(text)
    compiled = parser.any_of()
    parser.end()
    return compiled


@cache
def update(text: str) -> Update:
    """The compiled update: returns the item after it. All clauses read the item before it."""
    parser = _Parser(text)
    assignments = parser.assignments() if parser.takes("SET") else []
    removed = parser.names() if parser.takes("REMOVE") else []
    parser.end()

    def apply(item: Item, values: Values) -> dict[str, Any]:
        after = {**item, **{name: _present(value(item, values)) for name, value in assignments}}
        return {name: value for name, value in after.items() if name not in removed}

    return apply


def _present(value: Any) -> Any:
    if value is None:
        raise ExpressionError("the expression refers to an attribute that does not exist")
    return value


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(text)
        if "".join(self._tokens) != "".join(text.split()):
            raise ExpressionError(f"cannot be read: {text}")
        self._at = 0

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise ExpressionError(f"unexpected: {self._tokens[self._at]}")

    def takes(self, token: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == token
        self._at += found
        return found

    def any_of(self) -> Condition:
        parts = [self._all_of()]
        while self.takes("OR"):
            parts.append(self._all_of())
        return lambda item, values: any(part(item, values) for part in parts)

    def _all_of(self) -> Condition:
        parts = [self._test()]
        while self.takes("AND"):
            parts.append(self._test())
        return lambda item, values: all(part(item, values) for part in parts)

    def _test(self) -> Condition:
        if self.takes("("):
            inner = self.any_of()
            self._expect(")")
            return inner
        for function, wanted in (("attribute_exists", True), ("attribute_not_exists", False)):
            if self.takes(function):
                self._expect("(")
                name = self._name()
                self._expect(")")
                return lambda item, _: (name in item) is wanted
        return self._comparison()

    def _comparison(self) -> Condition:
        left = self._operand()
        operator = self._next()
        if operator not in _COMPARISONS:
            raise ExpressionError(f"not a comparison: {operator}")
        compare = _COMPARISONS[operator]
        right = self._operand()

        def test(item: Item, values: Values) -> bool:
            one, other = left(item, values), right(item, values)
            return one is not None and type(one) is type(other) and compare(one, other)

        return test

    def assignments(self) -> list[tuple[str, _Operand]]:
        found = [self._assignment()]
        while self.takes(","):
            found.append(self._assignment())
        return found

    def _assignment(self) -> tuple[str, _Operand]:
        name = self._name()
        self._expect("=")
        left = self._operand()
        if not self.takes("+"):
            return name, left
        right = self._operand()
        return name, lambda item, values: _present(left(item, values)) + right(item, values)

    def names(self) -> list[str]:
        found = [self._name()]
        while self.takes(","):
            found.append(self._name())
        return found

    def _operand(self) -> _Operand:
        if self.takes("if_not_exists"):
            return self._default()
        if self.takes("size"):
            return self._size()
        token = self._next()
        mark, name = token[0], token[1:]
        if mark == "#":
            return lambda item, _: item.get(name)
        if mark == ":":
            return lambda _, values: values[name]
        raise ExpressionError(f"not an operand: {token}")

    def _size(self) -> _Operand:
        self._expect("(")
        name = self._name()
        self._expect(")")
        return lambda item, _: len(item[name]) if name in item else None

    def _default(self) -> _Operand:
        self._expect("(")
        name = self._name()
        self._expect(",")
        other = self._operand()
        self._expect(")")
        return lambda item, values: item[name] if name in item else other(item, values)

    def _name(self) -> str:
        token = self._next()
        if token[0] != "#":
            raise ExpressionError(f"not a name: {token}")
        return token[1:]

    def _expect(self, token: str) -> None:
        if not self.takes(token):
            raise ExpressionError(f"expected {token}")

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise ExpressionError("ends too early")
        self._at += 1
        return self._tokens[self._at - 1]
