"""The parts of a request that a statement inspects (FieldToMatch), after its transformations.

https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-fields-list.html
"""

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote_plus

from scripts.local.waf.request import WebRequest

#: Of a body, AppSync hands over so many bytes to WAF; the rest is oversize.
#: https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
INSPECTED_BYTES: Final = 8_192


class NotEvaluatedError(Exception):
    """The rule has a part that is not evaluated here; the message names it."""


class DecidedError(Exception):
    """What can't be inspected decides: the body is too long for WAF, or is no JSON.

    Attributes:
        matches: whether the request matches the statement.
    """

    def __init__(self, *, matches: bool) -> None:
        super().__init__()
        self.matches = matches


#: The texts that a statement inspects in a request.
Field = Callable[[WebRequest], Sequence[str]]

_TRANSFORMATIONS: Final[Mapping[str, Callable[[str], str]]] = {
    "NONE": lambda text: text,
    "LOWERCASE": str.lower,
    "URL_DECODE": unquote_plus,
    "HTML_ENTITY_DECODE": html.unescape,
    "COMPRESS_WHITE_SPACE": lambda text: re.sub(r"\s+", " ", text),
}


def inspected(statement: Mapping[str, Any]) -> Field:
    """The field of a statement, with the statement's transformations.

    Raises:
        NotEvaluatedError: the field or a transformation is not known here.
    """
    field = _field(statement["FieldToMatch"])
    steps = [
        _transformation(each["Type"])
        for each in sorted(statement["TextTransformations"], key=lambda each: each["Priority"])
    ]

    def texts(request: WebRequest) -> Sequence[str]:
        found = field(request)
        for step in steps:
            found = [step(each) for each in found]
        return found

    return texts


def _transformation(kind: str) -> Callable[[str], str]:
    if kind not in _TRANSFORMATIONS:
        raise NotEvaluatedError(f"text transformation {kind}")
    return _TRANSFORMATIONS[kind]


def _field(spec: Mapping[str, Any]) -> Field:
    (kind,) = spec
    match kind:
        case "Body":
            return lambda request: [_text(_body(request, spec["Body"]))]
        case "JsonBody":
            return _json_field(spec["JsonBody"])
        case "SingleHeader":
            name = spec["SingleHeader"]["Name"].lower()
            return lambda request: [request.headers[name]] if name in request.headers else []
        case "Method":
            return lambda request: [request.method]
        case "UriPath":
            return lambda request: [request.path]
        case "QueryString":
            return lambda request: [request.query]
    raise NotEvaluatedError(f"field {kind}")


def _body(request: WebRequest, spec: Mapping[str, Any]) -> bytes:
    """The part of the body that WAF receives.

    Raises:
        DecidedError: there is more, and the statement does not continue then.
    """
    handling = spec.get("OversizeHandling", "CONTINUE")
    if len(request.body) > INSPECTED_BYTES and handling != "CONTINUE":
        raise DecidedError(matches=handling == "MATCH")
    return request.body[:INSPECTED_BYTES]


def _text(body: bytes) -> str:
    return body.decode(errors="replace")


def _json_field(spec: Mapping[str, Any]) -> Field:
    if "All" not in spec["MatchPattern"]:
        raise NotEvaluatedError("included paths of a JSON body")
    fallback = spec.get("InvalidFallbackBehavior")
    scope = spec["MatchScope"]

    def texts(request: WebRequest) -> Sequence[str]:
        body = _body(request, spec)
        try:
            return _leaves(body, scope)
        except (ValueError, RecursionError):
            if fallback in ("MATCH", "NO_MATCH"):
                raise DecidedError(matches=fallback == "MATCH") from None
            # Without a fallback WAF inspects what precedes the fault; here all of it is inspected.
            return [_text(body)]

    return texts


def _leaves(body: bytes, scope: str) -> list[str]:
    """The keys and values of a JSON document, those of repeated keys too.

    Raises:
        ValueError: it is no JSON document.
        RecursionError: it is nested too deeply.
    """
    keys: list[str] = []
    values: list[str] = []

    def note(value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                note(each)
        elif value is not None:
            values.append(value if isinstance(value, str) else json.dumps(value))

    def read(pairs: list[tuple[str, Any]]) -> None:
        for key, value in pairs:
            keys.append(key)
            note(value)

    note(json.loads(body, object_pairs_hook=read, parse_int=str, parse_float=str))
    return {"ALL": [*keys, *values], "KEY": keys, "VALUE": values}[scope]
