"""What a till prints reads back as its things; all that stands around them is set aside."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.grocery_list.parser import MAX_CHARACTERS, parse
from orderflow.grocery_list.set_aside import Reason

THINGS = ["BRITISH MILK", "Gouda", "TOMATO SOUP", "Basmati Rice", "KITCHEN FOIL", "Gnocchi"]
HEADS = [
    "CORNER STORES LTD\n33 High Street",
    "Store: Costco\nCashier: Dana",
    "MINIMART\nTill 4  Op 112\n12/11/2026 14:22",
]
FEET = [
    "TOTAL {total}\nCASH 99.00\nCHANGE 1.00",
    "SUBTOTAL {total}\nVAT 20% 0.40\n4 BALANCE DUE {total}\nVISA ****4471\nPOINTS EARNED 11",
    "Grand Total: {total}\nPaid by card\nThank you for shopping with us",
]
THING = st.tuples(
    st.sampled_from(THINGS),
    st.integers(1, 12),
    st.integers(20, 999).map(lambda cents: Decimal(cents) / 100),
    st.sampled_from(["behind", "before", "columns", "in line"]),
)


def _printed(name: str, count: int, each: Decimal, where: str) -> str:
    cost = f"{count * each:.2f}"
    if count == 1:
        return f"{name}   {cost} A"
    return {
        "behind": f"{name}   {cost}\n  {count} @ {each:.2f}",
        "before": f"{count} x {each:.2f}\n{name}   {cost}",
        "columns": f"{name}  {count}  {each:.2f}  {cost}",
        "in line": f"{name} {count} @ {each:.2f}  {cost}",
    }[where]


@given(
    st.lists(
        THING,
        min_size=3,
        max_size=6,
        unique_by=(lambda thing: thing[0], lambda thing: thing[1] * thing[2]),
    ),
    st.sampled_from(HEADS),
    st.sampled_from(FEET),
)
def test_a_receipt_reads_back(
    things: list[tuple[str, int, Decimal, str]], head: str, foot: str
) -> None:
    body = "\n".join(_printed(*thing) for thing in things)
    total = sum(count * each for _, count, each, _ in things)
    lines = parse(f"{head}\n{body}\n{foot.format(total=total)}").lines
    assert [(line.name, line.quantity) for line in lines] == [
        (name, count) for name, count, _, _ in things
    ]


@pytest.mark.parametrize(
    ("line", "name", "quantity", "unit"),
    [
        ("GV WHL MILK   007874235186 F   3.48 N", "GV WHL MILK", "1", ""),
        ("E 1068080 KS ORG EGGS 7.99 N", "KS ORG EGGS", "1", ""),
        ("405188 BABY SPINACH       1.09 A", "BABY SPINACH", "1", ""),
        ("2 FOR 3.00 YOGURT", "YOGURT", "2", ""),
        ("*SALE* CHIPS 2 FOR $5.00", "CHIPS", "2", ""),
        ("ROMA TOMATO\n1.27 lb @ 1.99 /lb    2.53 F", "ROMA TOMATO", "1.27", "pound"),
        ("WT 1.27 lb @ 1.99 /lb\nROMA TOMATO    2.53 F", "ROMA TOMATO", "1.27", "pound"),
        ("BANANAS\n 1.92 lb @ 1 lb /0.58    1.11 N", "BANANAS", "1.92", "pound"),
        ("ROYCO CUBES\n  3 X 20.00     60.00A", "ROYCO CUBES", "3", ""),
        ("Paprika\n  0,99 X 2     1,98 A", "Paprika", "2", ""),
        ("Telur\n2 x 28.500       57.000", "Telur", "2", ""),
        ("GARDENIA BREAD\n9556103221 2 x 3.60 7.20 ZR", "GARDENIA BREAD", "2", ""),
        ("Peak Evap Milk x3     @ N750     N2,250", "Peak Evap Milk", "3", ""),
        ("Chicken Thighs   2/2   £9.00", "Chicken Thighs", "2", ""),
        ("Item: Raisins   2.15", "Raisins", "1", ""),
        ("Milk 2 x 1.45", "Milk", "2", ""),
        ("6 @ 30p\nBraeburn apples £1.80", "Braeburn apples", "6", ""),
    ],
)
def test_a_tills_line_of_a_thing(line: str, name: str, quantity: str, unit: str) -> None:
    read = parse(f"MINIMART\nCashier: Dana\n{line}\nGOUDA 3.10\nSUBTOTAL 9.99\nTAX 0.31")
    assert [(each.name, each.quantity, each.unit) for each in read.lines] == [
        (name, Decimal(quantity), unit),
        ("GOUDA", 1, ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        *("Clubcard saving  -£0.40", "CPN MFR -0.50", "SC KROGER SAVINGS  1.00", "Reg 1.49"),
        *("Loyalty points: 14", "VAT REG NO 4760208306", "Discount: -0.50", "12/11/2026 14:22"),
        *("Smart shopper 5.00-", "YOU WERE SERVED BY: JANET", "*8811 VISA", "DELIVERY CHARGE 2.99"),
    ],
)
def test_what_a_till_prints_besides_is_no_thing(line: str) -> None:
    read = parse(f"MINIMART\nMILK 1.45\n{line}\nGOUDA 3.10\nTOTAL 4.55\nCASH 5.00\nCHANGE 0.45")
    assert [each.name for each in read.lines] == ["MILK", "GOUDA"]
    assert {each.reason for each in read.set_aside} <= {Reason.MONEY, Reason.HEADING, Reason.TALK}


def test_what_a_line_with_a_minus_takes_back_is_refused() -> None:
    read = parse("SHOP\nMILK 1.45\nORANGE JUICE 3.29\nVOID ORANGE JUICE -3.29\nTOTAL 1.45")
    assert [each.name for each in read.lines] == ["MILK"]
    assert Reason.REFUSED in {each.reason for each in read.set_aside}


def test_whole_sums_are_a_receipts_where_they_add_up() -> None:
    read = parse("JUSTRITE\nCashier BOLA\nMilo  3500\nBread Agege   900\nTOTAL 4400\nCASH 5000")
    assert [(each.name, each.quantity) for each in read.lines] == [("Milo", 1), ("Bread Agege", 1)]


def test_what_a_shopper_writes_around_a_receipt_is_bought() -> None:
    read = parse("ALDI\nMILK 1.45\nOATS 0.95\nTOTAL 2.40\n\nand also a dozen eggs")
    assert [(each.name, each.quantity) for each in read.lines] == [
        *(("MILK", 1), ("OATS", 1), ("eggs", 12))
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Tomatoes\nPrice: 3,000\nOnions\nPrice: 1,500", ["Tomatoes", "Onions"]),
        ("Product: Rice\nPack: 5kg\nPrice: 12,000", ["Rice"]),
        ("Store: Costco\npaper plates 2\nnapkins 3\nSigned: K. Doyle", ["paper plates", "napkins"]),
        ("Sl | Saman | Matra\n1 | Chawal | 10 kg\n2 | Arhar dal | 3 kg", ["Chawal", "Arhar dal"]),
        ("a pack of ham two pounds fifty some cheese three pounds twenty", ["ham", "cheese"]),
        ("1\t2 kg rice\n2\t3 tins milk\n3\tsix eggs", ["rice", "milk", "eggs"]),
    ],
)  # fmt: skip
def test_prices_fields_and_heads_are_no_things(text: str, names: list[str]) -> None:
    assert [line.name for line in parse(text).lines] == names


def test_a_number_said_for_each_of_several_counts_once() -> None:
    lines = parse("Coke, Fanta, Sprite - 2 2 bottle each").lines
    assert [(line.name, line.quantity, line.unit) for line in lines] == [
        *(("Coke", 2, "bottle"), ("Fanta", 2, "bottle"), ("Sprite", 2, "bottle"))
    ]


@given(st.text(alphabet="0123456789.,@xX -£A\nTOTAL ", max_size=400))
def test_any_figures_are_read_within_the_list(text: str) -> None:
    for line in parse(text).lines:
        assert 0 <= line.span[0] < line.span[1] <= min(len(text), MAX_CHARACTERS)
        assert line.quantity > 0
