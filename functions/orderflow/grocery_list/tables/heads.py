"""Tells what the head of a column says that stands below it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.units import UNIT_SPELLINGS


class Role:
    """What a column is for. Heads give hints; what stands below decides where they leave doubt."""

    ITEM: Final = "item"
    DESCRIPTION: Final = "description"  # of the item, or the item itself
    QUANTITY: Final = "quantity"
    NEEDED: Final = "needed"  # so many, or yes and no
    COUNT: Final = "count"  # "Packs", "Number": so many, or a unit, or the row's number
    UNIT: Final = "unit"
    PRICE: Final = "price"
    TOTAL: Final = "total"  # "Amount": of money, or of the thing
    SERIAL: Final = "serial"
    CODE: Final = "code"
    HAVE: Final = "have"
    NOTE: Final = "note"
    OTHER: Final = "other"


_WORD: Final = re.compile(r"[^\W\d_]+|#")
_LONGEST_HEAD: Final = 4  # words
_NO_UNITS: Final = words_in("unit units pack piece pieces no nos c t")
_COUNTS_OF: Final = frozenset({"no", "nos", "number", "num", "nr", "count"})
_COUNTED: Final = frozenset({"of", "required", "needed"})
_PER_UNIT: Final = frozenset({"unit", "each"})
_ITEMS: Final = words_in("""
    item items product products goods article articles ingredient ingredients name names commodity
    commodities grocery groceries thing things what material materials foodstuff foodstuffs
    provision provisions stuff
""")
_SURELY_QUANTITY: Final = words_in("qty qtys qnty quantity quantities quant qtty quanity many much")
_SERIAL: Final = words_in("sn s n sl sr serial sno no nos num number nr row line # item items")
_PRICED: Final = words_in("""
    price prices rate rates cost costs mrp naira ngn rs rupees usd gbp dollars pounds
""")
_SUMS: Final = words_in("total totals subtotal amount amt value sum")
# What one of these words says of its column, the first that holds.
_HINTS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    (Role.TOTAL, words_in("total totals subtotal")),
    (Role.CODE, words_in("id code sku barcode ean plu ref upc")),
    (Role.PRICE, _PRICED),
    (Role.QUANTITY, _SURELY_QUANTITY),
    (Role.HAVE, words_in("have got stock done bought purchased already current currently")),
    (
        Role.OTHER,
        words_in("""
        aisle category section store shop where department dept supplier meal day date menu dish
        recipe when status who person priority location tax vat gst discount left balance for
    """),
    ),
    (
        Role.NOTE,
        words_in("""
        note notes remark remarks comment comments brand brands make preference preferences detail
        details spec specification variety kind type flavour flavor instruction instructions colour
        color extra info alternative substitute
    """),
    ),
    (Role.ITEM, _ITEMS),
    (
        Role.NEEDED,
        words_in("need needs needed require required order ordered reorder want wanted buy"),
    ),
    (Role.DESCRIPTION, words_in("description descriptions desc particulars shopping list")),
    (Role.TOTAL, _SUMS),
    (
        Role.UNIT,
        words_in("""
        unit uom measure measures measurement pack package packing packaging size sizes weight wt
        volume container each
    """),
    ),
    (Role.COUNT, _COUNTS_OF | {"pcs", "pieces", "units", "packs", "packets"}),
)
# What a head calls a currency, and its sign.
_CURRENCY_SIGNS: Final[Mapping[str, str]] = {
    **{sign: sign for sign in "₦$€£₹"},
    **dict.fromkeys(("(n)", "naira", "ngn"), "₦"),
    **dict.fromkeys(("rs", "inr", "rupees", "mrp"), "₹"),
    **dict.fromkeys(("usd", "dollars"), "$"),
    "gbp": "£",
}
_CURRENCY: Final = re.compile(
    "|".join(map(re.escape, _CURRENCY_SIGNS)).replace("rs|", r"\brs\b|"), re.IGNORECASE
)


@lru_cache(maxsize=256)
def role_of(head: str) -> str | None:
    """What the head says of its column; None where it says nothing that is known."""
    words = _WORD.findall(head.lower())
    if len(words) > _LONGEST_HEAD or any(map(str.isdigit, head)):
        return None
    if len(words) > 1 and words[0] in _COUNTS_OF and words[1] in _COUNTED:
        return Role.QUANTITY  # "No. of packs"
    if words and _names_serial(words):
        return Role.SERIAL
    role = next((role for role, known in _HINTS if not known.isdisjoint(words)), None)
    if role is None and sign_of(head):
        return Role.PRICE
    if role == Role.TOTAL and not _PER_UNIT.isdisjoint(words):
        return Role.PRICE  # "Unit amount"
    counts = bool(unit_of(head)) and words[0] not in GOODS  # "Bags", unlike "Veg box"
    return role or (Role.COUNT if counts else None)


def _names_serial(words: list[str]) -> bool:
    """Whether the head is of the rows' numbers: "S/N", "#", "Sr. No", "Item no", "Item #"."""
    if words[-1] == "#" or words == ["s", "n"] or {"sn", "sl", "sr", "serial", "sno"} & set(words):
        return True
    return len(words) > 1 and words[-1] in _COUNTS_OF and _SERIAL.issuperset(words)


def unit_of(head: str) -> str:
    """The unit that the numbers below a head are in, as written: "Qty (kg)", "Bags"; "" for none.

    "Unit" and "Pack" are heads of units, and none themselves.
    """
    words = [word for word in _WORD.findall(head.lower()) if word in UNIT_SPELLINGS]
    says_more = len(_WORD.findall(head)) > 1 or (bool(words) and words[0] not in _NO_UNITS)
    return words[-1] if words and says_more and words[-1] not in _NO_UNITS else ""


def sign_of(head: str) -> str:
    """The sign of the currency that a head names: "Price (₦)", "Rate in Rs"; "" for none."""
    named = _CURRENCY.search(head)
    return _CURRENCY_SIGNS[named[0].lower()] if named else ""
