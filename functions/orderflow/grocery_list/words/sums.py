"""Words of sums: what a till, a table or a price list says that is no thing."""

from __future__ import annotations

import re
from typing import Final

from orderflow.grocery_list.words.phrases import phrases_in, words_in

_LETTERS: Final = re.compile(r"[^\W\d_]+")
#: What adds up the lines before it.
TOTALS: Final = frozenset(
    phrases_in("""
    total, totals, subtotal, sub total, grand total, net total, total due, balance due, sum,
    total amount, total cost, amount due
""")
)
#: What else stands below rows with a sum.
SUMS: Final = frozenset(
    phrases_in("""
    vat, tax, sales tax, gst, discount, delivery, delivery fee, delivery charge, transport,
    transportation, transport fare, service charge, shipping, cash, change, card, pos, payment,
    paid, balance, budget, tip, fee, amount, savings, bag fee
""")
)
# The first or the last word of a till's line that ends the things above it.
_CLOSING: Final = words_in("""
    total totals subtotal balance due payable tender tendered tend paid payment amount change cash
    visa mastercard maestro amex debit credit contactless mpesa momo pos eftpos eft transfer card
    items sales
""")
# "Birthday card"
_CLOSES_ONLY_FIRST: Final = words_in("card change cash amount balance items")
_CLOSES_LAST: Final = (_CLOSING | {"pay"}) - _CLOSES_ONLY_FIRST
# The same of lines that may stand among things: what is taken off or added.
_AMONG: Final = words_in("""
    vat tax gst cgst sgst igst hst pst nhil levy discount discounts savings saving saved coupon
    coupons voucher vouchers points rounding reg regular was tip gratuity shipping delivery fee
    charge deposit crv cashback taxable turnover auth ref refund multibuy promo promotion promotions
    bogof price transport clubcard nectar loyalty reward rewards mrp tare
""")

_PRINTED: Final = words_in("""
    cashier till receipt invoice vat gstin tin served attendant operator terminal trans transaction
    member clerk checkout pos register approval approved visa mastercard contactless
""")


def label_of(text: str) -> str:
    """The words of a cell or a line, in small letters and without figures and marks."""
    return " ".join(_LETTERS.findall(text.lower()))


def is_total(text: str) -> bool:
    """Whether a cell says that its row adds up others."""
    return label_of(text) in TOTALS


def is_sum(text: str) -> bool:
    """Whether a cell says that its row is of money alone."""
    return label_of(text) in SUMS


def closes(text: str) -> bool:
    """Whether a till's line, of which this stands before the sum, ends the things above it."""
    words = label_of(text).split()
    if not words:
        return False
    is_last = words[-1] in _CLOSES_LAST
    return words[0] in _CLOSING or is_last or "total" in words or "balance" in words[:2]


def is_of_money(text: str) -> bool:
    """Whether a till's line, of which this stands before the sum, is no thing."""
    words = label_of(text).split()
    return closes(text) or (bool(words) and not _AMONG.isdisjoint((words[0], words[-1])))


def names_a_till(text: str) -> bool:
    """Whether a line without a price is one that only tills print: its clerk, its tax number."""
    return not _PRINTED.isdisjoint(label_of(text).split())
