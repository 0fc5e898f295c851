"""JSON exactly as JavaScript writes it: PayStack runs on Node, and so does its documented check.

The check signs ``JSON.stringify(req.body)``, not the bytes that arrived. It accepts a body only if
parsing and writing it again changes no byte: no spaces, no needless escapes, keys that are array
indices first, numbers as ``Number.prototype.toString`` writes them.
Source: https://tc39.es/ecma262/#sec-json.stringify, #sec-numeric-types-number-tostring and
#sec-ordinaryownpropertykeys.
"""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

_LARGEST_INDEX: Final = 2**32 - 2
_FIRST_EXPONENT: Final = 1e21
_LAST_FRACTION: Final = 1e-6


def stringify(value: Any) -> str:
    """The value as ``JSON.stringify(JSON.parse(...))`` writes it.

    Raises:
        TypeError: a value that JSON does not have.
    """
    match value:
        case Mapping():
            members = (f"{_text(name)}:{stringify(value[name])}" for name in _property_order(value))
            return f"{{{','.join(members)}}}"
        case list() | tuple():
            return f"[{','.join(map(stringify, value))}]"
        case bool() | None:
            return json.dumps(value)
        case int() | float():
            return _number(value)
        case str():
            return _text(value)
        case _:
            raise TypeError(f"JSON has no {type(value).__name__}")


def _property_order(members: Mapping[str, Any]) -> list[str]:
    indices = [name for name in members if _is_index(name)]
    return [*sorted(indices, key=int), *(name for name in members if not _is_index(name))]


def _is_index(name: str) -> bool:
    return (
        name.isascii()
        and name.isdigit()
        and (name == "0" or name[0] != "0")
        and len(name) <= len(str(_LARGEST_INDEX))
        and int(name) <= _LARGEST_INDEX
    )


def _text(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return "".join(f"\\u{ord(each):04x}" if "\ud800" <= each <= "\udfff" else each for each in text)


def _number(value: float) -> str:
    try:
        number = float(value)
    except OverflowError:
        return "null"
    if not math.isfinite(number):
        return "null"
    if number == 0:
        return "0"
    shortest = Decimal(repr(number))
    if _LAST_FRACTION <= abs(number) < _FIRST_EXPONENT:
        plain = format(shortest, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    digits, exponent = format(shortest.normalize(), "e").split("e")
    return f"{digits}e{int(exponent):+d}"
