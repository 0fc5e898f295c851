"""Joins the two lines that a till prints of one thing: "APPLES" and "0.655 kg @ 2.20/kg 1.44"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

# "3 @ 0.99", "0.655 kg @ £2.20/kg  1.44", "2 x 1.50"
_COUNT: Final = re.compile(
    r"[ \t]*(?P<count>\d{1,4}(?:\.\d{1,3})?)[ \t]*(?:[a-z]{1,4}[ \t]*)?"
    r"(?P<sign>@|[x*](?=[ \t£$₦€₹]))[ \t]*"
    r"[£$₦€₹]?(?P<each>\d[\d,]{0,9}(?:\.\d\d)?)(?:[ \t]?/[ \t]?[a-z]{1,4})?"
    r"(?P<sum>[ \t]+[£$₦€₹]?\d[\d,]{0,9}(?:\.\d\d)?(?:[ \t]+[A-Z*]{1,2})?)?[ \t]*",
    re.IGNORECASE,
)
_SUM: Final = re.compile(r"[£$₦€₹]?(\d[\d,]{0,9}(?:\.\d\d)?)(?:[ \t]+[A-Z*]{1,2})?[ \t]*$")
_CENT: Final = Decimal("0.01")


def with_counts_joined(text: str) -> str:
    """The text with a blank for the line end between a thing and the line of how many it is.

    That line stands behind the thing, or before it: where both may be, the sum tells.
    """
    if "@" not in text and " x " not in text:
        return text
    lines = text.split("\n")
    ends = ["\n"] * len(lines)
    for place, line in enumerate(lines):
        match = _COUNT.fullmatch(line)
        if match and (joined := _joined(lines, place, match)) is not None:
            ends[joined] = " "
            named = place - 1 if joined < place else place + 1
            lines[place] = _with_price(line, match)
            lines[named] = _SUM.sub(lambda sum_: " " * len(sum_[0]), lines[named])
    return "".join(line + end for line, end in zip(lines, ends, strict=True))[: len(text)]


def _with_price(line: str, count: re.Match[str]) -> str:
    """The count and the price of one, marked as such."""
    kept = line if count["sum"] is None else line[: count.start("sum")].ljust(len(line))
    return f"{kept[: count.start('sign')]}@{kept[count.end('sign') :]}"


def _joined(lines: Sequence[str], place: int, count: re.Match[str]) -> int | None:
    """The line whose end is none: the one before the count's, or the count's own."""
    before = lines[place - 1] if place and lines[place - 1].strip() else ""
    after = lines[place + 1] if place + 1 < len(lines) and lines[place + 1].strip() else ""
    names_before = any(map(str.isalpha, before)) and _COUNT.fullmatch(before) is None
    total = (_value(count["count"]) * _value(count["each"])).quantize(_CENT)
    if count["sum"] is None and _sum(after) == total != _sum(before):
        return place
    is_complete = _sum(before) is not None and (count["sum"] is not None or _sum(before) != total)
    return place - 1 if names_before and not is_complete else None


def _sum(line: str) -> Decimal | None:
    """The sum that ends a line; None where none does."""
    match = _SUM.search(line)
    return _value(match[1]) if match else None


def _value(figures: str) -> Decimal:
    return Decimal(figures.replace(",", ""))
