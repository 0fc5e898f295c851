"""Taking a customer's data out of texts that others see, such as what a failed service said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from orderflow.orders.model import Order

_REMOVED: Final = "[removed]"

#: Shorter words of a name or a list tell nobody who it is, but occur in many another word's place.
_SHORTEST: Final = 3

_EMAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+")


def without_customer(text: str, order: Order) -> str:
    """The text without the customer's e-mail address, name and list, and any e-mail address."""
    text = _EMAIL.sub(_REMOVED, text)
    # The longest first: a line of the list before a word of it.
    for private in sorted(_private(order), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(private)}(?!\w)", _REMOVED, text, flags=re.IGNORECASE)
    return text


def _private(order: Order) -> set[str]:
    plain = {each.strip() for each in _told_by_customer(order)}
    long_enough = {each for each in plain if len(each) >= _SHORTEST}
    # Services quote what they got as JSON, with or without what is not ASCII.
    return {
        form
        for each in long_enough
        for form in (each, json.dumps(each)[1:-1], json.dumps(each, ensure_ascii=False)[1:-1])
    }


def _told_by_customer(order: Order) -> Iterator[str]:
    yield order.grocery_list
    yield from order.grocery_list.splitlines()
    yield from (line.text for line in order.requested)
    yield from (line.text for line in order.unmatched)
    if order.customer_name:
        yield order.customer_name
        yield from order.customer_name.split()
