"""The parser understands lists as shoppers write them: one table a rule of docs/grocery-list.md."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from orderflow.grocery_list.parser import MAX_CHARACTERS, MAX_LINES, GroceryLine, parse
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS
from tests.support.paths import PROJECT

REFERENCE = PROJECT / "docs" / "grocery-list.md"

# quantity, unit, name; with notes where there are any
Item = tuple[str, str, str] | tuple[str, str, str, tuple[str, ...]]


def _items(text: str) -> list[Item]:
    return [_item(line) for line in parse(text).lines]


def _item(line: GroceryLine) -> Item:
    plain = (str(line.quantity), line.unit, line.name)
    return (*plain, line.notes) if line.notes else plain


def _not_understood(text: str) -> list[str]:
    return [text[start:end] for start, end in parse(text).not_understood]


SINGLE_ITEMS: list[tuple[str, Item]] = [
    # Numbers in figures
    ("milk", ("1", "", "milk")),
    ("9 guavas", ("9", "", "guavas")),
    ("1.5 kg potatoes", ("1.5", "kilogram", "potatoes")),
    ("1,5 kg potatoes", ("1.5", "kilogram", "potatoes")),
    (".5 kg fish", ("0.5", "kilogram", "fish")),
    ("1.500 kg mackerel", ("1.5", "kilogram", "mackerel")),
    ("1,000 g rice", ("1000", "gram", "rice")),
    ("1.234,5 g rice", ("1234.5", "gram", "rice")),
    ("1,234.5 g rice", ("1234.5", "gram", "rice")),
    ("1/2 cup cream", ("0.5", "cup", "cream")),
    ("1⁄2 cup cream", ("0.5", "cup", "cream")),  # noqa: RUF001 - a fraction slash
    ("½ onion", ("0.5", "", "onion")),
    ("1½ cups semolina", ("1.5", "cup", "semolina")),
    ("1 ½ cups semolina", ("1.5", "cup", "semolina")),
    ("2 1/4 cups semolina", ("2.25", "cup", "semolina")),
    ("2-1/4 cups semolina", ("2.25", "cup", "semolina")),
    ("2 and 1/4 cups semolina", ("2.25", "cup", "semolina")),
    ("⅔ cup ghee", ("0.6667", "cup", "ghee")),
    ("३ mangoes", ("3", "", "mangoes")),
    # Numbers in words
    ("one pawpaw", ("1", "", "pawpaw")),
    ("an avocado", ("1", "", "avocado")),
    ("Twelve plantains", ("12", "", "plantains")),
    ("twenty five kolanuts", ("25", "", "kolanuts")),
    ("twenty-five kolanuts", ("25", "", "kolanuts")),
    ("a hundred paper cups", ("100", "", "paper cups")),
    ("two hundred and fifty grams of butter", ("250", "gram", "butter")),
    ("one and a half litres of zobo", ("1.5", "liter", "zobo")),
    ("2 and half kg goat meat", ("2.5", "kilogram", "goat meat")),
    ("three quarters of a cup of groundnuts", ("0.75", "cup", "groundnuts")),
    ("two thirds cup groundnut oil", ("0.6667", "cup", "groundnut oil")),
    ("three-quarters cup groundnut oil", ("0.75", "cup", "groundnut oil")),
    ("1 quarter bag of beans", ("0.25", "bag", "beans")),
    ("1/2 a watermelon", ("0.5", "", "watermelon")),
    ("a kilo and a half of goat meat", ("1.5", "kilogram", "goat meat")),
    ("kilo and a half of goat meat", ("1.5", "kilogram", "goat meat")),
    ("half-dozen eggs", ("6", "", "eggs")),
    ("half bag of beans", ("0.5", "bag", "beans")),
    ("half a bag of beans", ("0.5", "bag", "beans")),
    ("a quarter watermelon", ("0.25", "", "watermelon")),
    ("a dozen eggs", ("12", "", "eggs")),
    ("half a dozen eggs", ("6", "", "eggs")),
    ("3 doz eggs", ("36", "", "eggs")),
    ("a couple of lemons", ("2", "", "lemons")),
    ("a few onions", ("3", "", "onions")),
    ("two score oranges", ("40", "", "oranges")),
    # Ranges ask for their upper end
    ("2-3 avocados", ("3", "", "avocados")),
    ("2 – 3 avocados", ("3", "", "avocados")),  # noqa: RUF001 - an en dash
    ("two or three avocados", ("3", "", "avocados")),
    ("between 4 and 6 cucumbers", ("6", "", "cucumbers")),
    ("not more than 6 cucumbers", ("6", "", "cucumbers")),
    ("500g to 1kg minced beef", ("1", "kilogram", "minced beef")),
    # Units
    ("2lbs turkey", ("2", "pound", "turkey")),
    ("1 lb. turkey", ("1", "pound", "turkey")),
    ("750ml palm oil", ("750", "milliliter", "palm oil")),
    ("2 Litres palm oil", ("2", "liter", "palm oil")),
    ("8 fl. oz. cream", ("8", "fluid ounce", "cream")),
    ("2 T curry powder", ("2", "tablespoon", "curry powder")),
    ("2 t curry powder", ("2", "teaspoon", "curry powder")),
    ("2 tblsp. curry powder", ("2", "tablespoon", "curry powder")),
    ("3 tins of sardines", ("3", "can", "sardines")),
    ("4 packets of noodles", ("4", "package", "noodles")),
    ("2 loaves of bread", ("2", "loaf", "bread")),
    ("1 kg 500 g snails", ("1.5", "kilogram", "snails")),
    ("1 lb 8 oz snails", ("1.5", "pound", "snails")),
    ("kilo of onions", ("1", "kilogram", "onions")),
    ("4 dericas of rice", ("4", "derica", "rice")),
    ("3 mudu beans", ("3", "mudu", "beans")),
    ("2 kongo garri", ("2", "congo", "garri")),
    ("half paint of garri", ("0.5", "paint", "garri")),
    ("1 paint bucket of garri", ("1", "paint", "garri")),
    ("1 rubber of garri", ("1", "paint", "garri")),
    ("2 ｋｇ garri", ("2", "kilogram", "garri")),  # noqa: RUF001 - as Asian keyboards write it
    ("500 g. butter", ("500", "gram", "butter")),
    ("2 doz. eggs", ("24", "", "eggs")),
    ("10 satchets milk powder", ("10", "sachet", "milk powder")),
    ("a crate of eggs", ("1", "crate", "eggs")),
    ("5 tubers of yam", ("5", "tuber", "yam")),
    ("1 cartoon of Indomie", ("1", "carton", "Indomie")),
    ("2 bunches ugu", ("2", "bunch", "ugu")),
    ("6 wraps of moi moi", ("6", "wrap", "moi moi")),
    ("2 large cans chickpeas", ("2", "can", "chickpeas", ("large",))),
    ("5 cloves", ("5", "", "cloves")),
    # Multiples and the sizes of packs
    ("2 x 500g spaghetti", ("1000", "gram", "spaghetti")),
    ("2x500g spaghetti", ("1000", "gram", "spaghetti")),
    ("500g x 2 spaghetti", ("1000", "gram", "spaghetti")),
    ("500g spaghetti x 2", ("1000", "gram", "spaghetti")),
    ("a bag of rice x 3", ("3", "bag", "rice")),
    ("qty: 3 yoghurt", ("3", "", "yoghurt")),
    ("3 packs of 6 eggs", ("18", "", "eggs")),
    ("pack of 6 eggs", ("6", "", "eggs")),
    ("5kg bag of rice", ("1", "bag", "rice", ("5kg",))),
    ("2 bags of 5kg rice", ("10", "kilogram", "rice")),
    ("a 6-pack of malt", ("6", "", "malt")),
    ("2 6-packs of malt", ("12", "", "malt")),
    ("2 x 400g tins tomatoes", ("2", "can", "tomatoes", ("400g",))),
    ("2 14-ounce cans beans", ("2", "can", "beans", ("14-ounce",))),
    ("2 cans (400g) tomatoes", ("2", "can", "tomatoes", ("400g",))),
    ("2 malt 33cl", ("2", "", "malt", ("33cl",))),
    ("1 bag rice 50kg", ("1", "bag", "rice", ("50kg",))),
    ("x2 yoghurt", ("2", "", "yoghurt")),
    ("2x yoghurt", ("2", "", "yoghurt")),
    ("2xyoghurt", ("2", "", "yoghurt")),
    ("2*500g couscous", ("1000", "gram", "couscous")),
    # The amount at the end
    ("yoghurt x 2", ("2", "", "yoghurt")),
    ("yoghurt 2x", ("2", "", "yoghurt")),
    ("yoghurt 2", ("2", "", "yoghurt")),
    ("yoghurt qty 2", ("2", "", "yoghurt")),
    ("yoghurt.....2", ("2", "", "yoghurt")),
    ("yoghurt 2 cups plain", ("2", "cup", "yoghurt", ("plain",))),
    ("rice 50kg 2 bags", ("2", "bag", "rice", ("50kg",))),
    ("rice, 5kg bag", ("1", "bag", "rice", ("5kg",))),
    ("pampers size 3", ("1", "", "pampers size 3")),
    ("pampers size 3 x 2", ("2", "", "pampers size 3")),
    ("mayonnaise big size 2", ("2", "", "mayonnaise", ("big size",))),
    ("yam (2 tubers, big)", ("2", "tuber", "yam", ("big",))),
    ("yam (big, 2 tubers)", ("2", "tuber", "yam", ("big",))),
    ("five (5) yams", ("5", "", "yams")),
    ("eggs (12)", ("12", "", "eggs")),
    ("honey (2 tbsp.)", ("2", "tablespoon", "honey")),
    ("milk, 2 l", ("2", "liter", "milk")),
    ("semovita - 5kg", ("5", "kilogram", "semovita")),
    ("semovita-5kg", ("5", "kilogram", "semovita")),
    ("semovita: 5kg", ("5", "kilogram", "semovita")),
    ("semovita | 5 kg", ("5", "kilogram", "semovita")),
    ("yam 5 tubers", ("5", "tuber", "yam")),
    ("salt, a pinch", ("1", "pinch", "salt")),
    ("2 - yoghurt", ("2", "", "yoghurt")),
    ("500g - couscous", ("500", "gram", "couscous")),
    # Glued together
    ("500g couscous", ("500", "gram", "couscous")),
    ("3eggs", ("3", "", "eggs")),
    ("1½kg tilapia", ("1.5", "kilogram", "tilapia")),
    # Bullets, numbering, check boxes
    ("- 2 carrots", ("2", "", "carrots")),
    ("* 2 carrots", ("2", "", "carrots")),
    ("• carrots", ("1", "", "carrots")),
    ("1. carrots", ("1", "", "carrots")),
    ("3) 2 carrots", ("2", "", "carrots")),
    ("(3) 2 carrots", ("2", "", "carrots")),
    ("b) carrots", ("1", "", "carrots")),
    ("iii) carrots", ("1", "", "carrots")),
    ("o\tcarrots", ("1", "", "carrots")),
    ("- [x] 2 carrots", ("2", "", "carrots")),
    ("☐ carrots", ("1", "", "carrots")),
    # Courtesy
    ("Please get me 2 limes", ("2", "", "limes")),
    ("I'd like 3 onions please", ("3", "", "onions")),
    ("can you add some ketchup to my list", ("1", "", "ketchup")),
    ("Abeg I need about 2 kg of okra", ("2", "kilogram", "okra")),
    ("don't forget the ketchup", ("1", "", "ketchup")),
    # Remarks
    ("plantains (ripe)", ("1", "", "plantains", ("ripe",))),
    ("2 (ripe) plantains", ("2", "", "plantains", ("ripe",))),
    ("plantains, very ripe", ("1", "", "plantains", ("very ripe",))),
    ("plantains, the ripe ones", ("1", "", "plantains", ("the ripe ones",))),
    ("organic carrots", ("1", "", "carrots", ("organic",))),
    ("pepper small", ("1", "", "pepper", ("small",))),
    ("2 tins tuna, in brine", ("2", "can", "tuna", ("in brine",))),
    ("1 bottle Dettol, 500ml", ("1", "bottle", "Dettol", ("500ml",))),
    ("1 cup flour, plus more for dusting", ("1", "cup", "flour", ("plus more for dusting",))),
    ("ketchup if available", ("1", "", "ketchup", ("if available",))),
    ("ketchup, or any brand", ("1", "", "ketchup", ("or any brand",))),
    ("butter or margarine", ("1", "", "butter", ("or margarine",))),
    ("butter or margarine 250g", ("250", "gram", "butter", ("or margarine",))),
    ("2 shawarmas, no onions", ("2", "", "shawarmas", ("no onions",))),
    ("ketchup - big bottle", ("1", "", "ketchup", ("big bottle",))),
    ("₦2,000 worth of tomatoes", ("1", "", "tomatoes", ("₦2,000",))),
    ("500 naira pepper", ("1", "", "pepper", ("500 naira",))),
    ("N5k pepper", ("1", "", "pepper", ("N5k",))),
    ("5k worth of pepper", ("1", "", "pepper", ("5k",))),
    ("2 mudu beans @ 2500", ("2", "mudu", "beans", ("@ 2500",))),
    ("tomatoes, 2 kg, fresh", ("2", "kilogram", "tomatoes", ("fresh",))),
    # Names that look like something else
    ("mac and cheese", ("1", "", "mac and cheese")),
    ("2 boxes Mac & Cheese", ("2", "box", "Mac & Cheese")),
    ("1/2 cup half and half", ("0.5", "cup", "half and half")),
    ("red and green peppers", ("1", "", "red and green peppers")),
    ("7up", ("1", "", "7up")),
    ("2 bottles 7 Up", ("2", "bottle", "7 Up")),
    ("omega-3", ("1", "", "omega-3")),
    ("2 l 2% milk", ("2", "liter", "2% milk")),
    ("80/20 minced beef", ("1", "", "80/20 minced beef")),
    ("1 kg 00 flour", ("1", "kilogram", "00 flour")),
    ("2 12-inch pizzas", ("2", "", "12-inch pizzas")),
    ("3-in-1 coffee", ("1", "", "3-in-1 coffee")),
    ("a can opener", ("1", "", "can opener")),
    ("vitamin a", ("1", "", "vitamin a")),
    ("2 bottles Dr. Pepper", ("2", "bottle", "Dr. Pepper")),
    ("m&m's", ("1", "", "m&m's")),
    # Case, accents, emoji, quotation marks
    ("2 CUPS PALM OIL!!!", ("2", "cup", "PALM OIL")),
    ("crème fraîche", ("1", "", "crème fraîche")),
    ("ẹ̀wà 2 mudu", ("2", "mudu", "ẹ̀wà")),
    ("🥕 2 carrots 🙏", ("2", "", "carrots")),
    ("“baby” carrots", ("1", "", "baby carrots")),
    ("Kellogg’s cornflakes", ("1", "", "Kellogg's cornflakes")),  # noqa: RUF001
    ("  2   sweet   potatoes  ", ("2", "", "sweet potatoes")),
]


@pytest.mark.parametrize(("text", "item"), SINGLE_ITEMS)
def test_understands_a_single_item(text: str, item: Item) -> None:
    assert _items(text) == [item]
    assert _not_understood(text) == []


@pytest.mark.parametrize("text", [text for text, _ in SINGLE_ITEMS])
def test_reads_its_own_account_of_an_item_as_the_same_item(text: str) -> None:
    (line,) = parse(text).lines
    remarks = "".join(f" ({note})" for note in line.notes)

    (again,) = parse(f"{line.quantity} {line.unit} {line.name}{remarks}").lines

    assert _item(again) == _item(line)


LISTS: list[tuple[str, list[Item]]] = [
    (
        "2 cups milk, 1 loaf bread, 3 eggs",
        [("2", "cup", "milk"), ("1", "loaf", "bread"), ("3", "", "eggs")],
    ),
    ("milk\neggs\r\nbread", [("1", "", "milk"), ("1", "", "eggs"), ("1", "", "bread")]),
    ("milk; eggs & bread", [("1", "", "milk"), ("1", "", "eggs"), ("1", "", "bread")]),
    ("milk and 2 eggs + bread", [("1", "", "milk"), ("2", "", "eggs"), ("1", "", "bread")]),
    ("Milk. Eggs! Bread", [("1", "", "Milk"), ("1", "", "Eggs"), ("1", "", "Bread")]),
    ("rice 5kg. beans 2kg.", [("5", "kilogram", "rice"), ("2", "kilogram", "beans")]),
    ("1 lb. butter. 2 eggs.", [("1", "pound", "butter"), ("2", "", "eggs")]),
    ("1. milk\n2. 2 eggs", [("1", "", "milk"), ("2", "", "eggs")]),
    ("1) milk 2) 6 eggs", [("1", "", "milk"), ("6", "", "eggs")]),
    ("* milk\n* 2 eggs", [("1", "", "milk"), ("2", "", "eggs")]),
    ("milk 2, eggs 3", [("2", "", "milk"), ("3", "", "eggs")]),
    (
        "milk, 2 l, eggs, 12, bread",
        [("2", "liter", "milk"), ("12", "", "eggs"), ("1", "", "bread")],
    ),
    ("milk - 2 eggs - 3 rolls", [("1", "", "milk"), ("2", "", "eggs"), ("3", "", "rolls")]),
    ("5 cloves, eggs", [("5", "", "cloves"), ("1", "", "eggs")]),
    ("mac and cheese and milk", [("1", "", "mac and cheese"), ("1", "", "milk")]),
    ("(milk, eggs", [("1", "", "milk"), ("1", "", "eggs")]),
    ('["milk", "2 eggs"]', [("1", "", "milk"), ("2", "", "eggs")]),
    ("Shopping list: milk, eggs. Thanks!", [("1", "", "milk"), ("1", "", "eggs")]),
    ("onions (1, chopped), salt", [("1", "", "onions", ("chopped",)), ("1", "", "salt")]),
    ("milk as well as 2 eggs nd bread", [("1", "", "milk"), ("2", "", "eggs"), ("1", "", "bread")]),
    ("i) milk ii) eggs iii) bread", [("1", "", "milk"), ("1", "", "eggs"), ("1", "", "bread")]),
    ("2 red and 3 green peppers", [("2", "", "red peppers"), ("3", "", "green peppers")]),
    (
        "2kg each of beef and fish, 3 eggs",
        [("2", "kilogram", "beef"), ("2", "kilogram", "fish"), ("3", "", "eggs")],
    ),
    # Without any separator
    (
        "2kg rice 1kg beans 3 tins sardines",
        [("2", "kilogram", "rice"), ("1", "kilogram", "beans"), ("3", "can", "sardines")],
    ),
    (
        "rice 5kg (local) beans 2kg sugar 1kg",
        [
            ("5", "kilogram", "rice", ("local",)),
            ("2", "kilogram", "beans"),
            ("1", "kilogram", "sugar"),
        ],
    ),
    ("4 limes 2 onions", [("4", "", "limes"), ("2", "", "onions")]),
    ("🥛 milk x2 🍞 bread x1", [("2", "", "milk"), ("1", "", "bread")]),
    ("1 Peak 400g milk powder", [("1", "", "Peak 400g milk powder")]),
    ("2kg rice for 3 people", [("2", "kilogram", "rice", ("for 3 people",))]),
]


@pytest.mark.parametrize(("text", "items"), LISTS)
def test_divides_a_list_into_its_items(text: str, items: list[Item]) -> None:
    assert _items(text) == items
    assert _not_understood(text) == []


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("500 g", ["500 g"]),
        ("5449000000996", ["5449000000996"]),
        ("🍎", ["🍎"]),
        ("no onions", ["no onions"]),
        ("please don't buy milk", ["don't buy milk"]),
        ("Vegetables:\n- tomatoes", ["Vegetables"]),
        ("Dairy: milk", ["Dairy"]),
        ("milk, 5449000000996, eggs", ["5449000000996"]),
    ],
)
def test_reports_what_it_does_not_understand(text: str, unclear: list[str]) -> None:
    assert _not_understood(text) == unclear


@pytest.mark.parametrize("text", ["", " \n\t", "???", "---", "Thanks!", "hello, please"])
def test_finds_nothing_where_nothing_is_asked_for(text: str) -> None:
    parsed = parse(text)

    assert parsed.lines == ()
    assert parsed.not_understood == ()


def test_points_at_the_source_of_each_line() -> None:
    text = "Please get 2 kg rice (long grain), thanks\n- eggs, 12"

    parsed = parse(text)

    assert [line.text for line in parsed.lines] == ["2 kg rice (long grain)", "eggs, 12"]
    assert [text[slice(*line.span)] for line in parsed.lines] == [
        line.text for line in parsed.lines
    ]


def test_quantities_are_exact_decimals_that_print_plainly() -> None:
    quantities = [line.quantity for line in parse("1000 g a, 0.10 g b, 1/3 cup c, 12 d").lines]

    assert quantities == [Decimal(1000), Decimal("0.1"), Decimal("0.3333"), Decimal(12)]
    assert [str(quantity) for quantity in quantities] == ["1000", "0.1", "0.3333", "12"]


def test_the_smallest_quantity_is_above_zero() -> None:
    assert parse("0.000001 g saffron").lines[0].quantity == Decimal("0.0001")


def test_multiplies_the_largest_numbers_without_an_error() -> None:
    largest = "999999.25 999999-pack"

    (line,) = parse(f"{largest} x {largest} of malt x 99").lines

    assert line.quantity > 10**25


def test_reads_as_many_lines_as_a_list_may_have_and_reports_the_rest() -> None:
    text = "\n".join(f"{number} melons" for number in range(1, MAX_LINES + 3))

    parsed = parse(text)

    assert len(parsed.lines) == MAX_LINES
    assert _not_understood(text) == [f"{MAX_LINES + 1} melons\n{MAX_LINES + 2} melons"]
    assert parsed.truncated


def test_more_corrections_than_a_list_may_have_lines_are_not_read() -> None:
    text = "2 melons" + ", sorry 3" * MAX_LINES + ", sorry 4"
    parsed = parse(text)

    assert [(line.quantity, line.name) for line in parsed.lines] == [(Decimal(3), "melons")]
    assert _not_understood(text) == ["sorry 4"]
    assert parsed.truncated


def test_a_list_of_as_many_lines_as_allowed_is_not_truncated() -> None:
    parsed = parse("melons\n" * MAX_LINES + "Thanks!\n")

    assert len(parsed.lines) == MAX_LINES
    assert not parsed.truncated


def test_reads_as_many_characters_as_a_list_may_have_and_reports_the_rest() -> None:
    text = "milk" + " " * (MAX_CHARACTERS - 4) + "eggs"

    parsed = parse(text)

    assert [line.name for line in parsed.lines] == ["milk"]
    assert _not_understood(text) == ["eggs"]
    assert parsed.truncated


def test_the_reference_lists_the_units_as_they_are_understood() -> None:
    _, units = REFERENCE.read_text(encoding="utf-8").split("## Units\n")
    rows = re.findall(r"^\| ([a-z ]+) \| (.+) \|$", units, re.MULTILINE)
    documented = {other: unit for unit, others in rows for other in others.split(", ")}
    without_others = units.rstrip(".\n").rpartition(": ")[2].split(", ")

    assert {*documented.values(), *without_others} == MEASURES | COUNTED_UNITS
    assert documented == {other: UNIT_SPELLINGS[other] for other in documented}
