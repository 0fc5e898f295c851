"""Whether a log event matches a filter pattern of CloudWatch Logs.

Implements terms and JSON patterns as AWS documents them
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). Patterns of
space-delimited events (``[...]``) are refused, because this project has none.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final

#: Takes the text of an event.
Matcher = Callable[[str], bool]
_Test = Callable[[Any], bool]

_MISSING: Final = object()

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<selector>\$(?:\.(?:\[["'][^"']+["']\]|[\w:-]+)|\[(?:\d+|["'][^"']+["'])\])+)
    |(?P<word>IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS|EXISTS)
    |(?P<operator>&&|\|\||!=|<=|>=|=|<|>|\(|\))
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |%(?P<regex>[^%]+)%
    |(?P<bare>[^\s()&|=!<>"{}]+))""",
    re.VERBOSE,
)
_STEP: Final = re.compile(r"""\[(\d+)\]|\[["']([^"']+)["']\]|([\w:-]+)""")
_TERM: Final = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')

_ORDERING: Final = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


class PatternError(ValueError):
    """The pattern is malformed, or of a kind that is not implemented."""


@lru_cache(256)
def compiled(pattern: str) -> Matcher:
    """A function that says whether an event's text matches the pattern.

    Raises:
        PatternError: see there.
    """
    text = pattern.strip()
    if text.startswith("["):
        raise PatternError(f"Patterns of space-delimited events are not implemented: {text}")
    return _json_matcher(text) if text.startswith("{") else _terms_matcher(text)


def matches(pattern: str, event: str) -> bool:
    """Whether the event's text matches the pattern.

    Raises:
        PatternError: see there.
    """
    return compiled(pattern)(event)


def _terms_matcher(text: str) -> Matcher:
    """All terms must occur and no ``-term``; of ``?term`` alone, one must. Case matters."""
    if len(text) > 1 and text.startswith("%") and text.endswith("%"):
        found = re.compile(text[1:-1])
        return lambda event: found.search(event) is not None
    terms = [(kind, quoted or bare) for kind, quoted, bare in _TERM.findall(text)]
    required = [term for kind, term in terms if not kind]
    excluded = [term for kind, term in terms if kind == "-"]
    # AWS ignores optional terms beside required ones.
    optional = [] if required else [term for kind, term in terms if kind == "?"]
    return lambda event: (
        all(term in event for term in required)
        and not any(term in event for term in excluded)
        and (not optional or any(term in event for term in optional))
    )


def _json_matcher(text: str) -> Matcher:
    if not text.endswith("}"):
        raise PatternError(f"The pattern has no closing brace: {text}")
    test = _Parser(_tokens(text[1:-1])).parse()

    def matcher(event: str) -> bool:
        try:
            content = json.loads(event)
        except ValueError:
            return False
        return isinstance(content, dict) and test(content)

    return matcher


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while text[position:].strip():
        token = _TOKEN.match(text, position)
        if token is None or token.lastgroup is None:
            raise PatternError(f"The pattern can't be read from here: {text[position:]}")
        found.append((token.lastgroup, token[token.lastgroup]))
        position = token.end()
    return found


@dataclass
class _Parser:
    """Recursive descent over ``any = all (|| all)*; all = one (&& one)*; one = (any) | test``."""

    tokens: list[tuple[str, str]]
    position: int = 0

    def parse(self) -> _Test:
        test = self._any()
        if self.position < len(self.tokens):
            raise PatternError(f"Unexpected in the pattern: {self.tokens[self.position][1]}")
        return test

    def _any(self) -> _Test:
        tests = self._joined(self._all, "||")
        return lambda event: any(test(event) for test in tests)

    def _all(self) -> _Test:
        tests = self._joined(self._one, "&&")
        return lambda event: all(test(event) for test in tests)

    def _joined(self, part: Callable[[], _Test], by: str) -> list[_Test]:
        tests = [part()]
        while self._peek() == ("operator", by):
            self.position += 1
            tests.append(part())
        return tests

    def _one(self) -> _Test:
        kind, text = self._next()
        if (kind, text) == ("operator", "("):
            test = self._any()
            if self._next() != ("operator", ")"):
                raise PatternError("The pattern has no closing parenthesis.")
            return test
        if kind != "selector":
            raise PatternError(f"The pattern has no selector before: {text}")
        steps = [
            int(index) if index else key or name for index, key, name in _STEP.findall(text[1:])
        ]
        value_test = self._value_test()
        return lambda event: value_test(_selected(event, steps))

    def _value_test(self) -> _Test:
        kind, text = self._next()
        if kind == "word":
            return _WORDS[" ".join(text.split())]
        if kind != "operator" or text not in {"=", "!=", *_ORDERING}:
            raise PatternError(f"The pattern has no operator before: {text}")
        return _comparison(text, *self._next())

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "end")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self.position += 1
        return token


_WORDS: Final[dict[str, _Test]] = {
    "IS NULL": lambda value: value is None,
    "IS TRUE": lambda value: value is True,
    "IS FALSE": lambda value: value is False,
    "NOT EXISTS": lambda value: value is _MISSING,
    "EXISTS": lambda value: value is not _MISSING,
}


def _selected(event: Any, steps: list[int | str]) -> Any:
    for step in steps:
        event = _child(event, step)
    return event


def _child(parent: Any, step: int | str) -> Any:
    if isinstance(parent, dict):
        return parent.get(step, _MISSING)
    if isinstance(parent, list) and isinstance(step, int) and step < len(parent):
        return parent[step]
    return _MISSING


def _comparison(sign: str, kind: str, text: str) -> _Test:
    """A missing value is neither equal nor unequal to any: AWS does not say what it is."""
    if sign in _ORDERING:
        compare, bound = _ORDERING[sign], _number(text)
        return lambda value: _is_number(value) and compare(value, bound)
    equal = _equality(kind, text)
    if sign == "=":
        return equal
    return lambda value: value is not _MISSING and not equal(value)


def _equality(kind: str, text: str) -> _Test:
    if kind == "regex":
        found = re.compile(text)
        return lambda value: isinstance(value, str) and found.search(value) is not None
    if kind == "quoted":
        return _wildcard(json.loads(text))
    if kind != "bare":
        raise PatternError(f"The pattern has no value: {text}")
    if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text):
        number = _number(text)
        return lambda value: value == number if _is_number(value) else value == text
    return _wildcard(text)


def _wildcard(text: str) -> _Test:
    # Only the asterisk is special to AWS.
    escaped = re.sub(r"([\[?])", r"[\1]", text)
    return lambda value: isinstance(value, str) and fnmatchcase(value, escaped)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PatternError(f"This is no number: {text}") from None
