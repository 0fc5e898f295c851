"""What stands around the items of a list and asks for nothing: telephones, addresses, people."""

from __future__ import annotations

import pytest

from orderflow.grocery_list.catalog_names import known_names_of
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


def test_a_telephone_number_in_brackets_leaves_the_thing_before() -> None:
    assert _items("milk 2 (call 0803 123 4567)") == [MILK]


@pytest.mark.parametrize(
    "text", ["rice 100 2000 3000", "GV MILK 007874235186 2", "00 flour 500g", "0 eggs\n12 leeks"]
)
def test_other_numbers_are_no_telephones(text: str) -> None:
    assert Reason.ADDRESS not in _reasons(text)


ADDRESSES: list[tuple[str, list[Item]]] = [
    ("123 Main St\nSpringfield, IL 62701\n2 gal milk", [("2", "gallon", "milk")]),
    ("Brooklyn, NY 11201. milk 2", [MILK]),
    ("NY 10001\nmilk 2", [MILK]),
    ("Andheri West, Mumbai 400058\nmilk 2", [MILK]),
    ("15 Vilakazi St, Soweto 1804\nmilk 2", [MILK]),
    ("Parkhurst 2193\nmilk 2", [MILK]),
    ("10115 Berlin\nmilk 2", [MILK]),
    ("Jalan Ampang, 50450 Kuala Lumpur\nmilk 2", [MILK]),
    ("Nairobi 00100\nmilk 2", [MILK]),
    ("Flat 4, 22 Acacia Road, E8 3QP. 2 pints milk", [("2", "pint", "milk")]),
    ("5 Park Lane, London W1K 1AA\nmilk 2", [MILK]),
    ("14 High Street, Leeds\n2 milk", [MILK]),
    ("Milk 2, 14 High Street, Leeds, LS1 4DY", [("2", "", "Milk")]),
    ("Lekki phase 1, rice 2 bags", [RICE]),
    ("House 12, Road 7, Dhanmondi. milk 2", [MILK]),
    ("No 15 Broad Street, 3rd Floor, Lagos Island\nrice 2 bags", [RICE]),
    ("P.O. Box 12345 Nairobi\nmilk 2", [MILK]),
    ("Block 12 flat 3 Jakande estate. rice 2 bags", [RICE]),
    ("Plot 7, Block B, Gwarinpa Estate, Abuja\nrice 2 bags", [RICE]),
    ("12 Allen Avenue, Ikeja, opposite First Bank. rice 2 bags", [RICE]),
    ("Near Shoprite, Surulere. milk 2", [MILK]),
    ("off Admiralty Way, Lekki, milk 2", [MILK]),
    ("Oshodi Plaza, shop 12. milk 2", [MILK]),
    ("buzz 12, milk 2", [MILK]),
    ("Flat 4, Milk 2, Bread", [("2", "", "Milk"), ("1", "", "Bread")]),
    ("Flat 4, Ofada 2", [("2", "", "Ofada")]),
    ("FLAT 4, OFADA, GALA", [("1", "", "OFADA"), ("1", "", "GALA")]),
]


@pytest.mark.parametrize(("text", "items"), ADDRESSES)
def test_addresses_are_not_bought(text: str, items: list[Item]) -> None:
    assert _items(text) == items
    assert _reasons(text) == {Reason.ADDRESS}


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("2 Quality Street, Rocky Road 2", [("2", "", "Quality Street"), ("2", "", "Rocky Road")]),
        ("paper A4 2LB", [("2", "pound", "paper A4")]),
        ("Golden Penny 1200\nOfada 3500", [("1", "", "Golden Penny"), ("1", "", "Ofada")]),
        ("Aptamil phase 1, 2 tins", [("2", "can", "Aptamil")]),
        ("2nd floor cleaner", [("1", "", "floor cleaner")]),
        ("Off Spray 2", [("2", "", "Off Spray")]),
        ("House salt 2, Road salt 5kg", [("2", "", "House salt"), ("5", "kilogram", "Road salt")]),
    ],
)
def test_what_looks_like_an_address_is_bought(text: str, items: list[Item]) -> None:
    assert _items(text) == items


def test_no_address_takes_names_of_the_catalog() -> None:
    known = known_names_of(["Zamuta", "Lomi Kedo", "Ola Ola Flat 4"])

    lines = parse("Flat 4, Zamuta\nFlat 4, Lomi Kedo, Ola Ola Flat 4", known).lines

    assert [line.name for line in lines] == ["Zamuta", "Lomi Kedo", "Ola Ola Flat 4"]


PEOPLE_AND_HOURS: list[tuple[str, list[Item]]] = [
    ("2 adults and 3 kids coming Sunday. chicken", [("1", "", "chicken")]),
    ("two adults, 3 kids: milk 2", [MILK]),
    ("100 pax: rice 2 bags", [RICE]),
    ("12 people coming 3 chickens", [("3", "", "chickens")]),
    ("Feeding 20: burgers", [("1", "", "burgers")]),
    ("family of 5, milk 2", [MILK]),
    ("the 3 of us need milk 2", [MILK]),
    ("the three of us need milk 2", [MILK]),
    ("baby 6 months needs cerelac 2", [("2", "", "cerelac")]),
    ("Tom, 5, wants crisps", [("1", "", "crisps")]),
    ("Sarah (7) likes strawberry yoghurt, get 4", [("4", "", "strawberry yoghurt")]),
    ("Table 5: milk 2", [MILK]),
    ("week 2 list: milk 2", [MILK]),
    ("pickup 5. milk 2", [MILK]),
    ("Delivery window 8-10\nmilk 2", [MILK]),
    ("delivery 8am to 10am. milk 2", [MILK]),
    ("half past five bread", [("1", "", "bread")]),
    ("quarter to six, milk 2", [MILK]),
    ("pizza at 7 for 4 people", [("1", "", "pizza")]),
    ("eggs at 3", [("1", "", "eggs")]),
    ("24/12 turkey 5kg", [("5", "kilogram", "turkey")]),
    ("4/12 2 sourdough", [("2", "", "sourdough")]),
    ("I need this by 5pm. milk 2", [MILK]),
    ("by 5 p.m. 2 milk", [MILK]),
    ("tomorrow 8:30 milk 2", [MILK]),
    ("tomorrow by 8 2 milk", [MILK]),
    ("Sunday at 3: milk 2", [MILK]),
    ("Sunday 2 milk", [MILK]),
    ("Dog, 2 years, needs milk 2", [MILK]),
]


@pytest.mark.parametrize(("text", "items"), PEOPLE_AND_HOURS)
def test_people_ages_and_hours_are_no_amounts(text: str, items: list[Item]) -> None:
    assert _items(text) == items
    assert _reasons(text) <= {Reason.TALK, Reason.HEADING}
    assert _reasons(text)


def test_the_children_in_a_title_are_not_counted() -> None:
    text = "Kids' party (10 kids aged 6): crisps, 2 juice"

    assert _items(text) == [("1", "", "crisps"), ("2", "", "juice")]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "2 kids meals, 3 adult diapers, 2 men razors",
            [("2", "", "kids meals"), ("3", "", "adult diapers"), ("2", "", "men razors")],
        ),
        ("24/7 energy drink 2", [("2", "", "24/7 energy drink")]),
        ("3/4 cup sugar", [("0.75", "cup", "sugar")]),
        ("80/20 mince", [("1", "", "80/20 mince")]),
        ("Milk, 2, Eggs, 3", [("2", "", "Milk"), ("3", "", "Eggs")]),
        ("Cerelac 6 months 2 tins", [("2", "can", "Cerelac 6 months")]),
        ("Sunday roast chicken 2", [("2", "", "Sunday roast chicken")]),
        ("fish 5 to 7", [("7", "", "fish")]),
    ],
)
def test_what_looks_like_people_or_hours_is_bought(text: str, items: list[Item]) -> None:
    assert _items(text) == items


@pytest.mark.parametrize(
    ("text", "note"), [("pizza for 4 people", "for 4 people"), ("rice 5kg (4 people)", "4 people")]
)
def test_for_whom_a_thing_is_stays_its_remark(text: str, note: str) -> None:
    (line,) = parse(text).lines

    assert line.notes == (note,)
