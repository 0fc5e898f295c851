"""What stands around the items of a list and asks for nothing: telephones, addresses, people."""

from __future__ import annotations

import pytest

from orderflow.grocery_list.parser import parse
from orderflow.grocery_list.set_aside import Reason

# quantity, unit, name
Item = tuple[str, str, str]

MILK = ("2", "", "milk")
RICE = ("2", "bag", "rice")


def _items(text: str) -> list[Item]:
    return [(str(line.quantity), line.unit, line.name) for line in parse(text).lines]


def _reasons(text: str) -> set[str]:
    return {part.reason for part in parse(text).set_aside}


TELEPHONES: list[tuple[str, list[Item]]] = [
    ("555-123-4567 2 large pizzas", [("2", "", "large pizzas")]),
    ("(917) 555-0144 milk 2", [MILK]),
    ("my line 08031234567 rice 2 bags", [RICE]),
    ("07911 123456 milk 2", [MILK]),
    ("07911 123456 2 milk", [MILK]),
    ("98765 43210 milk 2", [MILK]),
    ("+234 803 123 4567 rice 5kg", [("5", "kilogram", "rice")]),
    ("+234 803 123 4567 500g rice", [("500", "gram", "rice")]),
    ("0044 7911 123456 2 milk", [MILK]),
    ("milk 2, +44 (0)7911 123456", [MILK]),
    ("milk 2 call 07911123456", [MILK]),
    ("zobo call 07911123456", [("1", "", "zobo")]),
    ("Call me on 0712 345 678 when you get there. 2kg sugar", [("2", "kilogram", "sugar")]),
    ("you can call me on 08031234567\nmilk 2", [MILK]),
    ("Mrs Bello 08031234567\nmilk 2", [MILK]),
    ("milk 2, Ada 0803 123 4567", [MILK]),
    ("WhatsApp 0803-123-4567 or 0805-123-4567, milk 2", [MILK]),
]


@pytest.mark.parametrize(("text", "items"), TELEPHONES)
def test_telephone_numbers_are_no_amounts_and_take_no_order_with_them(
    text: str, items: list[Item]
) -> None:
    assert _items(text) == items
    assert _reasons(text) == {Reason.ADDRESS}


@pytest.mark.parametrize(
    "text", ["rice 100 2000 3000", "GV MILK 007874235186 2", "00 flour 500g", "0 eggs\n12 leeks"]
)
def test_other_numbers_are_no_telephones(text: str) -> None:
    assert Reason.ADDRESS not in _reasons(text)
