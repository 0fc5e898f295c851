"""Tells what a line is that a till printed: a thing, how many of it, a sum, or words.

"GV WHL MILK 007874235186 F   3.48 N", "  0.655 kg @ 2.20/kg  1.44", "4 BALANCE DUE  £11.05".
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from orderflow.grocery_list.tables.cells import Line
from orderflow.grocery_list.tables.heads import Role, role_of
from orderflow.grocery_list.words.sums import closes, is_of_money
from orderflow.units import UNIT_SPELLINGS


class Of:
    """What a till's line is of."""

    NOTHING: Final = 0  # a blank line, or one of marks
    THING: Final = 1  # with its price
    COUNT: Final = 2  # how many of a thing, and the price of one
    SUM: Final = 3  # of money: a total, a tax, what was saved
    CLOSE: Final = 4  # of money, behind all things
    TAKEN_OFF: Final = 5  # a sum with a minus
    PRICE: Final = 6  # a price alone
    WORDS: Final = 7


_SIGN: Final = r"(?:[£$₦€₹₵]|(?:N|R|RS\.?|GHS|GH₵|KSH|KES|ZAR|NGN|INR|RP\.?|USD|GBP)(?=[ \t]?\d))"
_FIGURES: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d\d)?|\d{1,7}[.,]\d\d|[1-9]\d{0,2}(?:\.\d00)+"
_MONEY: Final = (
    rf"(?:{_SIGN}[ \t]?(?:{_FIGURES}|\d{{1,7}})|(?:{_FIGURES})|\d{{1,3}}p\b)(?![\d.,]*\d)"
)
_MINUS: Final = "[-−–]"  # noqa: RUF001
# The letters of a price's tax: "3.99 F", "130.00A".
_TAX: Final = r"(?:[ \t]*(?-i:[A-Z*#]{1,2})\d?(?![\w.]))?"
#: A text without such a line holds no receipt.
PRICED: Final = re.compile(
    rf"(?:[.,]\d{{2,3}}|^[ \t]*(?:sub|grand)?[ -]?total\b[^\d\n]{{0,40}}\d{{1,9}})-?{_TAX}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_PRICE: Final = re.compile(
    rf"(?:^|(?<=[\s:=.x@]))(?P<minus>{_MINUS})?(?P<money>{_MONEY})"
    rf"(?P<behind>{_MINUS}|[ \t]?CR\b)?{_TAX}(?:[ \t]+x[ \t]?(?P<times>\d{{1,2}}))?[ \t]*$",
    re.IGNORECASE,
)
# The same of tills that print whole sums: "Milo 500g  3500", "TOTAL 9800".
_BARE_PRICE: Final = re.compile(
    rf"(?<=[ \t])(?P<minus>{_MINUS})?(?P<money>\d{{2,7}})(?P<behind>{_MINUS})?[ \t]*$"
)
_COUNTED: Final = r"(?P<count>\d{1,4}(?:\.\d{1,3})?)[ \t]*(?P<unit>[a-z]{1,4}\b(?<!x))?"
_EACH: Final = rf"(?P<each>{_MONEY}|\d{{1,6}}(?![\d.,]))"
_PER: Final = r"(?:[ \t]*(?:/|per\b)[ \t]*(?:[a-z]{1,6}|\d?\.\d\d)|[ \t]*(?:each|ea)\b)?"
_TIMES: Final = frozenset("@xX*×")  # noqa: RUF001
_BEFORE_COUNT: Final = r"[ \t(]*(?:\d{6,14}[ \t]+)?(?:wt|qty|weight)?[ \t:]*"
_BY: Final = r"[ \t]*(?:net[ \t]*)?(?:@|[x*×](?=[ \t£$₦€₹]))[ \t]*(?:1[ \t]*[a-z]{2}[ \t]*/)?"  # noqa: RUF001
_COUNT: Final = re.compile(
    rf"{_BEFORE_COUNT}{_COUNTED}{_BY}{_EACH}{_PER}[ \t)]*=?"
    rf"(?P<sum>{_SIGN}?[ \t]*{_MONEY}{_TAX})?[ \t)]*",
    re.IGNORECASE,
)
# The same of continental tills: "0,99 X 2", "2.99 x 1.422 kg".
_EACH_FIRST: Final = re.compile(
    rf"[ \t]*(?P<each>{_MONEY}){_PER}[ \t]*[x*×][ \t]*(?P<count>\d{{1,4}}(?:[.,]\d{{3}})?)[ \t]*"  # noqa: RUF001
    rf"(?P<unit>kg|g|lb|l|pcs?|ea)?(?P<sum>[ \t]+{_MONEY}{_TAX})?[ \t]*",
    re.IGNORECASE,
)
# What stands between a name and its sum: how many, the price of one, or both.
_COLUMNS: Final = re.compile(
    rf"(?:(?<=[\s)])(?P<count>\d{{1,4}}(?:\.\d{{1,3}})?)[ \t]*(?P<unit>kg|g|lb|l|ea|pcs?)?"
    rf"(?P<times>[ \t]*[@x*×])?[ \t]*)?(?P<at>@[ \t]*)?(?<!\w)(?P<each>{_MONEY}){_PER}[ \t]*$",  # noqa: RUF001
    re.IGNORECASE,
)
_COUNT_BEHIND: Final = re.compile(r"(?<=\s)(?P<count>\d{1,4})[ \t]*[@xX*×][ \t]*$")  # noqa: RUF001
_DELIVERED: Final = re.compile(r"[ \t](?P<count>\d{1,2})/(?P=count)[ \t]*$")
# "2 FOR 3.00 YOGURT", "YOGURT 2/$5"
_OFFER: Final = re.compile(
    rf"(?<!\w)(?P<count>[1-9]\d?)[ \t]*(?:for|/)[ \t]*(?P<money>{_MONEY})(?!\w)", re.IGNORECASE
)
_BEFORE_NAME: Final = re.compile(r"(?:\*[A-Z]+\*)?[*#\s-]*(?:\d{1,2}[.)][ \t]+)?")
_CODE_BEFORE: Final = re.compile(r"(?:[A-Z][ \t]+)?(?P<code>\d{3,14})[ \t]+(?P<word>[^\W\d_]+)")
_CODE_BEHIND: Final = re.compile(r"[ \t]+\d{6,14}[A-Z]{0,3}(?:[ \t]+[A-Z]{1,2})?[ \t]*$")
_TAX_BEHIND: Final = re.compile(r"[ \t]{2,}[A-Z]{1,2}[ \t]*$")
_LABEL: Final = re.compile(r"(?P<label>[^\W\d_][^\W\d_ ]{2,14})[ \t]*:[ \t]*")
_LETTER: Final = re.compile(r"[^\W\d_]")
_GROUPS: Final = re.compile(r"[,.](?=\d{3}(?!\d))")


class Count(NamedTuple):
    """How many of a thing, or how much, as written; and what one costs."""

    quantity: str
    each: Decimal
    number: Decimal
    total: Decimal | None

    @property
    def cost(self) -> Decimal:
        """What they cost together."""
        return self.number * self.each if self.total is None else self.total


class TillLine(NamedTuple):
    """A line, what it is of, and what it says: of a thing its name, quantity and price."""

    of: int
    start: int
    end: int
    name: str = ""
    price: str = ""
    value: Decimal | None = None
    quantity: str = ""
    how_many: Count | None = None


def till_line(line: Line, *, bare: bool = False) -> TillLine:
    """What the line is, of a till that prints cents or currencies, or sums as ``bare`` numbers."""
    said = line.text.strip()
    start = line.start + len(line.text) - len(line.text.lstrip())
    found = TillLine(Of.NOTHING, start, start + len(said), said)
    if not any(map(str.isalnum, said)):
        return found
    if how_many := _count_in(said):
        return found._replace(of=Of.COUNT, how_many=how_many)
    offer = _OFFER.search(said) if "/" in said or "for" in said.lower() else None
    if offer and _LETTER.search(name := said.replace(offer[0], " ", 1)):
        price = _PRICE.search(name) or offer
        name = name[: price.start()] if price is not offer else name
        value = value_of(price["money"])
        return _thing(found._replace(name=name, price=price["money"], value=value), offer["count"])
    match = _PRICE.search(said) or (_BARE_PRICE.search(said) if bare else None)
    if match is None:
        return found._replace(of=Of.WORDS)
    return _priced(found, match)


def _priced(line: TillLine, match: re.Match[str]) -> TillLine:
    """The line, which ends in this price."""
    name = line.name[: match.start()].rstrip(" \t:=.-")
    line = line._replace(name=name, price=match["money"], value=value_of(match["money"]))
    if not _LETTER.search(name):
        return line._replace(of=Of.PRICE)
    if closes(name):
        return line._replace(of=Of.CLOSE)
    if match["minus"] or match["behind"]:
        return line._replace(of=Of.TAKEN_OFF)
    if is_of_money(name):
        return line._replace(of=Of.SUM)
    return _thing(line, match.groupdict().get("times") or "")


def value_of(money: str) -> Decimal:
    """The sum of a price as written: "₦2,250", "0,99", "15.000"."""
    if money.endswith("p"):
        return Decimal(money[:-1]) / 100
    figures = _GROUPS.sub("", "".join(each for each in money if each in "0123456789,."))
    return Decimal(figures.replace(",", ".").strip("."))


def _count_in(said: str) -> Count | None:
    if _TIMES.isdisjoint(said):
        return None
    match = _COUNT.fullmatch(said) or _EACH_FIRST.fullmatch(said)
    if match is None:
        return None
    unit = (match["unit"] or "").lower()
    if unit and unit not in UNIT_SPELLINGS and unit != "ea":
        return None
    number = match["count"].replace(",", ".")
    total = value_of(match["sum"]) if match["sum"] else None
    return Count(_amount(number, unit), value_of(match["each"]), Decimal(number), total)


def _amount(number: str, unit: str) -> str:
    return f"{number} {unit}" if unit and unit not in {"ea", "x"} else number


def _thing(line: TillLine, quantity: str = "") -> TillLine:
    """The line of a thing: its name without codes, and how many the till printed behind it."""
    name, counted = _without_columns(line)
    for pattern in (_COUNT_BEHIND, _DELIVERED):
        if match := pattern.search(name):
            name, counted = name[: match.start()], match["count"]
    name = without_codes(name.strip()).strip(" \t:=.@-*")
    of = Of.THING if name else Of.SUM
    return line._replace(of=of, name=name, quantity=quantity or counted)


def _without_columns(line: TillLine) -> tuple[str, str]:
    """The name without the figures behind it, and how many these say: "RICE  2  44.00"."""
    columns = _COLUMNS.search(line.name)
    if columns is None:
        return line.name, ""
    number = columns["count"]
    if not number:
        return line.name[: columns.start()], ""
    is_product = Decimal(number) * value_of(columns["each"]) == line.value
    if is_product or columns["times"]:
        return line.name[: columns.start()], _amount(number, (columns["unit"] or "").lower())
    if columns["at"]:
        return line.name[: columns.start("at")], ""
    return line.name[: columns.start("each")], ""


def without_codes(name: str) -> str:
    """The name without its number in the list or in the shop, and without a label."""
    name = name[_BEFORE_NAME.match(name).end() :]  # type: ignore[union-attr]  # matches nothing, too
    code = _CODE_BEFORE.match(name)
    if code and code["word"].lower() not in UNIT_SPELLINGS:
        name = name[code.start("word") :]
    name = _TAX_BEHIND.sub("", _CODE_BEHIND.sub("", name))
    label = _LABEL.match(name)
    if label and role_of(label["label"]) in {Role.ITEM, Role.DESCRIPTION}:
        name = name[label.end() :]
    return name
