"""Tables read back, whatever divides their cells, in any order of columns, with heads or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.grocery_list.parser import GroceryList, parse

HEADS = {
    "serial": ["S/N", "No", "No.", "#", "Sr. No", "Sl", "sn", "S.No", "Item No"],
    "item": [
        *("Item", "ITEM", "Items", "Product", "Description", "Particulars", "Goods", "Name"),
        *("Item name", "Ingredient", "Commodity", "What", "Article", "Groceries", "product name"),
    ],
    "quantity": [
        *(
            "Qty",
            "QTY",
            "Quantity",
            "quantity",
            "How many",
            "How much",
            "Qty needed",
            "No of items",
        ),
        *("Number", "Needed", "Count", "Qnty", "Required", "Qty.", "Order"),
    ],
    "unit": ["Unit", "UOM", "Measure", "unit of measure", "Units"],
    "price": [
        *("Price", "Unit price", "Rate", "Cost", "Price (₦)", "MRP", "Unit Cost", "Price each"),
        *("Amount (N)", "Est. price", "£"),
    ],
    "total": ["Total", "Amount", "Line total", "Total price", "Value", "Amt"],
    "note": ["Note", "Notes", "Remark", "Remarks", "Comments", "Brand"],
    "other": ["Aisle", "Category", "Shop", "Section", "Dept"],
}
NAMES = [
    *("Milk", "Rice", "Brown bread", "Chicken thighs", "Long-life milk", "Ofada rice", "Salt"),
    *("Red onions", "Golden Morn", "Salt & vinegar crisps", "Toor dal", "Sugar sachets", "Eggs"),
    *("Paper cups", "Tea bags", "7up", "Half & half", "Free range eggs", "Bin liners", "Zobo"),
    *("Xylitol", "Omo", "Green tea", "Basmati Rice", "Tomato paste", "Kachumber", "Flumrok"),
]
UNITS = {"kg": "kilogram", "bag": "bag", "bottles": "bottle", "pkt": "package", "tins": "can",
         "litre": "liter", "g": "gram", "Carton": "carton"}  # fmt: skip
QUANTITIES = {"1": "1", "2": "2", "12": "12", "0.5": "0.5", "3": "3", "½": "0.5", "24": "24",
              "100": "100", "1.5": "1.5", "5": "5"}  # fmt: skip
PRICES = ["1,450", "3500", "0.95", "12.50", "₦800", "£3.20", "200", "75,000", "$4"]


@dataclass(frozen=True)
class Entry:
    """What a row asks for."""

    name: str
    quantity: str
    unit: str
    price: str
    note: str


ENTRIES = st.builds(
    Entry,
    st.sampled_from(NAMES),
    st.sampled_from(sorted(QUANTITIES)),
    st.sampled_from(["", *sorted(UNITS)]),
    st.sampled_from(PRICES),
    st.sampled_from(["", "fresh", "any brand", "the big one", "if available", "Peak"]),
)
DIVIDED: dict[str, Callable[[Sequence[str]], str]] = {
    "tab": "\t".join,
    "pipe": " | ".join,
    "markdown": lambda cells: "| " + " | ".join(cells) + " |",
    "tight pipe": "|".join,
    "drawn": " │ ".join,
    "semicolon": ";".join,
    "comma": lambda cells: ",".join(f'"{cell}"' if "," in cell else cell for cell in cells),
    "spaces": lambda cells: "".join(cell.ljust(26) for cell in cells).rstrip(),
    "right": lambda cells: cells[0].ljust(26) + "".join(cell.rjust(26) for cell in cells[1:]),
}
OPTIONAL = ["serial", "unit", "price", "total", "note", "other"]


def _cell(column: str, entry: Entry, row: int, has_units: bool) -> str:
    return {
        "serial": str(row),
        "item": entry.name,
        "quantity": entry.quantity if has_units else f"{entry.quantity} {entry.unit}".strip(),
        "unit": entry.unit,
        "price": entry.price,
        "total": "2,400",
        "note": entry.note,
        "other": str(row + 4),
    }[column]


def _read(parsed: GroceryList) -> list[tuple[str, Decimal, str]]:
    return [(line.name, line.quantity, line.unit) for line in parsed.lines]


def _asked(entries: Sequence[Entry]) -> list[tuple[str, Decimal, str]]:
    return [
        (entry.name, Decimal(QUANTITIES[entry.quantity]), UNITS.get(entry.unit, ""))
        for entry in entries
    ]


@given(
    st.lists(ENTRIES, min_size=1, max_size=6, unique_by=lambda entry: entry.name),
    st.lists(st.sampled_from(OPTIONAL), unique=True),
    st.sampled_from(sorted(DIVIDED)),
    st.booleans(),
    st.data(),
)
def test_a_table_with_heads_reads_back(
    entries: list[Entry], optional: list[str], divided: str, has_total: bool, data: st.DataObject
) -> None:
    # Sums stand at the end, and nobody else's numbers look like quantities without a head.
    columns = data.draw(st.permutations(["item", "quantity", *optional]))
    if divided in {"spaces", "right"} and columns[0] != "serial":
        columns = ["item", *(column for column in columns if column != "item")]
    heads = [data.draw(st.sampled_from(HEADS[column])) for column in columns]
    if "serial" in columns:
        heads = [head if head not in {"Number", "Count"} else "Qty" for head in heads]
    joined = DIVIDED[divided]
    lines = [joined(heads)]
    if divided in {"markdown", "pipe"}:
        lines.append(joined(["---"] * len(heads)))
    for row, entry in enumerate(entries, 1):
        lines.append(joined([_cell(each, entry, row, "unit" in columns) for each in columns]))
    if has_total and "total" in columns:
        cells = {"item": "TOTAL", "total": "9,600"}
        lines.append(joined([cells.get(each, "") for each in columns]))

    parsed = parse("\n".join(lines))

    assert _read(parsed) == _asked(entries), "\n".join(lines)


@given(
    st.lists(ENTRIES, min_size=2, max_size=6, unique_by=lambda entry: entry.name),
    st.sampled_from(["tab", "pipe", "markdown", "tight pipe", "drawn", "semicolon", "comma"]),
    st.sampled_from(
        [
            ["serial", "item", "quantity"],
            ["serial", "item", "quantity", "price"],
            ["serial", "quantity", "item"],
            ["item", "quantity", "price", "total"],
            ["quantity", "item", "price"],
            ["serial", "item", "quantity", "unit", "price"],
            ["item", "quantity", "unit"],
        ]
    ),
)
def test_a_table_without_heads_reads_back(
    entries: list[Entry], divided: str, columns: list[str]
) -> None:
    # What numbers the rows, and what is a price, is seen from all of them: no price looks like a
    # count here, and not all rows lack a unit.
    rows = [
        Entry(entry.name, entry.quantity, entry.unit or "kg", "1,450", entry.note)
        for entry in entries
    ]
    lines = [
        DIVIDED[divided]([_cell(each, entry, row, "unit" in columns) for each in columns])
        for row, entry in enumerate(rows, 1)
    ]

    assert _read(parse("\n".join(lines))) == _asked(rows), "\n".join(lines)


@given(
    st.lists(ENTRIES, min_size=1, max_size=5, unique_by=lambda entry: entry.name),
    st.sampled_from(
        [
            "No Item Qty Price",
            "S/N ITEM QTY UNIT PRICE AMOUNT",
            "Item Qty",
            "QTY ITEM PRICE",
            "Item Unit Qty",
            "Qty Unit Description",
            "# Product Quantity Total",
            "Product name Quantity Unit price",
        ]
    ),
)
def test_single_blanks_divide_the_cells_below_such_heads(entries: list[Entry], heads: str) -> None:
    has_units = "unit " in heads.lower().replace("unit price", "")
    rows = [Entry(entry.name, entry.quantity, entry.unit or "kg", "1,450", "") for entry in entries]
    columns = {
        "no": "serial",
        "s/n": "serial",
        "#": "serial",
        "product": "item",
        "name": "",
        "description": "item",
        "qty": "quantity",
        "total": "price",
        "amount": "price",
    }
    words = heads.lower().replace("unit price", "price").split()
    order = [columns.get(word, word) for word in words if columns.get(word, word)]
    lines = [heads]
    lines += [
        " ".join(_cell(each, entry, row, has_units) for each in order)
        for row, entry in enumerate(rows, 1)
    ]

    assert _read(parse("\n".join(lines))) == _asked(rows), "\n".join(lines)


@given(
    st.lists(ENTRIES, min_size=1, max_size=5, unique_by=lambda entry: entry.name),
    st.sampled_from(["tab", "pipe", "markdown", "semicolon", "comma", "spaces"]),
    st.sampled_from(["kg", "bag", "bottles", "litre"]),
    st.sampled_from(["Qty ({})", "Quantity in {}", "{} needed", "Qty/{}"]),
)
def test_a_head_may_name_the_unit(entries: list[Entry], divided: str, unit: str, head: str) -> None:
    joined = DIVIDED[divided]
    lines = [joined(["Item", head.format(unit)])]
    lines += [joined([entry.name, entry.quantity]) for entry in entries]

    expected = [(entry.name, Decimal(QUANTITIES[entry.quantity]), UNITS[unit]) for entry in entries]
    assert _read(parse("\n".join(lines))) == expected, "\n".join(lines)


@given(
    entries=st.lists(ENTRIES, min_size=1, max_size=5),
    item=st.sampled_from(["Item: ", "Product name = ", "Description:", "- Item: ", ""]),
    quantity=st.sampled_from(["Qty: ", "Quantity : ", "qty=", "No. of items: "]),
    further=st.lists(st.sampled_from(["Unit", "Price", "Total", "Note"]), unique=True),
    gap=st.sampled_from(["\n", "\n\n"]),
)
def test_a_record_has_a_line_for_each_cell(
    entries: list[Entry], item: str, quantity: str, further: list[str], gap: str
) -> None:
    has_units = "Unit" in further
    records = [
        "\n".join(
            [
                f"{item}{entry.name}",
                f"{quantity}{_cell('quantity', entry, row, has_units)}",
                *(f"{head}: {_cell(head.lower(), entry, row, has_units)}" for head in further),
            ]
        )
        for row, entry in enumerate(entries, 1)
    ]

    assert _read(parse(gap.join(records))) == _asked(entries), gap.join(records)


def test_a_record_of_none_and_a_customers_own_make_no_item() -> None:
    text = "Name: Mrs Bello\nPhone: 08031234567\nItem: Rice\nQty: none\nItem: Beans\nQty: 2"

    assert _read(parse(text)) == [("Beans", 2, "")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # Units with the names, and departments side by side
        ("Tomatoes (kg) | 2\nRice (bags) | 1", [("Tomatoes", 2, "kilogram"), ("Rice", 1, "bag")]),
        (
            "Fridge       Cupboard\nMilk         Pasta\nEggs 12      2 tins tuna",
            [("Milk", 1, ""), ("Pasta", 1, ""), ("Eggs", 12, ""), ("tuna", 2, "can")],
        ),
        ("Fruit | Veg\nLimes | 3 leeks", [("Limes", 1, ""), ("leeks", 3, "")]),
        (
            "| Veg | |\n| Leeks | 3 |\n| Meat | |\n| Mince | 500g |",
            [("Leeks", 3, ""), ("Mince", 500, "gram")],
        ),
        ("qty;unit;item\n1;dozen;eggs\n2;can;beans", [("eggs", 12, ""), ("beans", 2, "can")]),
        # Marks that say "the same"
        (
            'Item | Qty | Unit\nRice | 2 | bag\nBeans | 1 | "\nGarri | " | "',
            [("Rice", 2, "bag"), ("Beans", 1, "bag"), ("Garri", 1, "bag")],
        ),
        # What is there, or not wanted
        (
            "Item\tQty\tHave?\nTea\t2\tyes\nMilk\t3\t\nSalt\t1\tno",
            [("Milk", 3, ""), ("Salt", 1, "")],
        ),
        ("Item,Qty\nTea,0\nMilk,none\nSalt,2", [("Salt", 2, "")]),
        # Departments among the rows, with and without marks
        ("Item\tQty\nDairy\nMilk\t2\nBakery\t\nRolls\t6", [("Milk", 2, ""), ("Rolls", 6, "")]),
        ("Item | Qty\nDAIRY |\nMilk | 2\nBAKERY |\nRolls | 6", [("Milk", 2, ""), ("Rolls", 6, "")]),
        # Sums below the rows
        ("Item  Qty  Price\nTea    2    450\nVAT         30\nPOS         930", [("Tea", 2, "")]),
        ("Tea | 2 | 450\nMilk | 1 | 300\n | | 750", [("Tea", 2, ""), ("Milk", 1, "")]),
        # Cells with marks of their own, and quotation marks
        ('Qty,Item\n3,"Onions, red"\n2,Tea', [("Onions", 3, ""), ("Tea", 2, "")]),
        ("Item;Qty\nSalt & pepper;2", [("Salt & pepper", 2, "")]),
        # Sizes in a column, with the name, and in the quantity's cell
        ("Item | Size | Qty\nMilo | 400g | 3", [("Milo", 3, "")]),
        ("Item | Qty\nFlour 1.5kg | 3\nRice 5kg bag | 2", [("Flour", 3, ""), ("Rice", 2, "bag")]),
        ("Item | Pack | Qty\nRice | 50kg bag | 2", [("Rice", 2, "bag")]),
        (
            "Item | Qty\nOil | 1 keg (25L)\nTea | 2 large boxes",
            [("Oil", 1, "keg"), ("Tea", 2, "box")],
        ),
        # Numbers of rows that count, and counts below "No"
        ("Item\tNo\nTea\t2\nMilk\t6", [("Tea", 2, ""), ("Milk", 6, "")]),
        # Several columns of amounts, and their sum
        (
            "Item | Kg | Bags\nRice | | 2\nBeans | 5 |",
            [("Rice", 2, "bag"), ("Beans", 5, "kilogram")],
        ),
        (
            "Item | Home | Office | Total\nTea | 1 | 2 | 3\nMilk | 4 | 0 | 4",
            [("Tea", 3, ""), ("Milk", 4, "")],
        ),
        # Heads in other words, told by what stands below
        (
            "Item,Week 1,Price\nOat milk,4,1.80\nRye bread,2,2.10",
            [("Oat milk", 4, ""), ("Rye bread", 2, "")],
        ),
        # What is said before and behind
        (
            "Hi, please send these:\n\nItem\tQty\nTea\t2\n\nThanks, Ann",
            [("Tea", 2, "")],
        ),
        # Two lines of a till for one thing
        (
            "BANANAS\n 0.874 kg @ 0.89/kg  0.78\nMILK 1.45\nTOTAL 2.23",
            [("BANANAS", "0.874", "kilogram"), ("MILK", 1, "")],
        ),
        ("MILK 1.45\n2 x 1.50\nBREAD  3.00\nTOTAL 4.45", [("MILK", 1, ""), ("BREAD", 2, "")]),
        ("YOGURT 2.97\n3 @ 0.99\nMILK 1.45\nTOTAL 4.42", [("YOGURT", 3, ""), ("MILK", 1, "")]),
    ],
)
def test_tables_of_a_kind(text: str, lines: list[tuple[str, int | str, str]]) -> None:
    expected = [(name, Decimal(quantity), unit) for name, quantity, unit in lines]

    assert _read(parse(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Item | Amount\nRice | 75,000\nBeans | 9,000",
        "Product\tPrice\tTotal\nRice\t1500\t3000\nBeans\t200\t200",
        "Date | Item | Tel\n12/11/2026 | Rice | 08031234567\n13/11/2026 | Beans | 08031234567",
        "SKU,Item,Price\n10023,Rice,1.10\n10458,Beans,1.25",
        "1\tRice\t£2.50\n2\tBeans\t£1.10",
        "Item,Rate,Amount\nRice,95,950\nBeans,130,1950",
    ],
)
def test_no_quantity_comes_from_money_dates_telephones_and_numbers_of_rows(text: str) -> None:
    assert _read(parse(text)) == [("Rice", 1, ""), ("Beans", 1, "")]


def test_a_row_keeps_its_remarks_size_and_price() -> None:
    (line,) = parse('S/N,Item,Size,Qty,Price (₦),Remark\n1,Milo,400g,3,"1,450",refill').lines

    assert line.notes == ("400g", "₦1,450", "refill")
    assert (line.size_quantity, line.size_unit) == (Decimal(400), "gram")
    assert (line.price_kobo, line.price_currency) == (145_000, "NGN")
    assert line.text == 'Milo,400g,3,"1,450",refill'
