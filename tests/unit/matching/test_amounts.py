"""How much is bought: sizes of packs, pieces of what is weighed, counts that are asked about.

The shipped catalog is matched by name alone, as it is while the model can't be reached.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.catalog.csv_file import read_csv
from orderflow.catalog.index.search import CatalogIndex
from orderflow.matching.matcher import MatchResult, match_lines
from orderflow.matching.outcomes import AMOUNT_ASKED, AMOUNT_REFUSED
from orderflow.matching.rules import Rules
from orderflow.orders.lines import MatchedLine, RequestedLine
from tests.support.paths import PROJECT

PRODUCTS = read_csv(PROJECT / "scripts" / "local" / "catalog.csv")
BY_ID = {product.id: product for product in PRODUCTS}
INDEX = CatalogIndex(PRODUCTS)


def _line(quantity: str, unit: str, name: str, size: str = "", **more: object) -> RequestedLine:
    size_quantity, _, size_unit = size.partition(" ")
    fields = {"text": name, "name": name, "quantity": quantity, "unit": unit, **more}
    if size:
        fields |= {"size_quantity": size_quantity, "size_unit": size_unit}
    return RequestedLine.model_validate(fields)


def _match(*lines: RequestedLine, rules: Rules | None = None) -> MatchResult:
    return match_lines(lines, INDEX, BY_ID, {}, None, rules or Rules())


def _bought(*lines: RequestedLine) -> MatchedLine:
    result = _match(*lines)
    assert result.unmatched == []
    [line] = result.lines
    return line


@pytest.mark.parametrize(
    ("line", "product_id", "packs"),
    [
        (_line("10", "package", "Indomie", "70 gram"), "indomie-chicken-noodles-70g", 10),
        (_line("6", "bottle", "Eva water", "1.5 liter"), "eva-table-water-1-5l", 6),
        (_line("2", "bag", "Mama Gold rice", "50 kilogram"), "mama-gold-parboiled-rice-50kg", 2),
    ],
)
def test_packs_of_the_size_that_is_asked_for_come(
    line: RequestedLine, product_id: str, packs: int
) -> None:
    bought = _bought(line)
    assert (bought.product_id, bought.packs) == (product_id, packs)


def test_the_size_of_what_is_in_a_carton_asks_for_the_carton() -> None:
    bought = _bought(_line("2", "carton", "Indomie", "70 gram"))
    assert (bought.product_id, bought.packs) == ("indomie-chicken-noodles-carton", 2)


def test_a_total_in_packs_of_a_size_comes_in_such_packs() -> None:
    bought = _bought(_line("10", "kilogram", "Mama Gold rice", "5 kilogram"))
    assert (bought.product_id, bought.packs) == ("mama-gold-parboiled-rice-5kg", 2)


def test_a_size_that_is_not_sold_is_made_up_of_the_packs_that_are() -> None:
    bought = _bought(_line("3", "bag", "rice", "2 kilogram"))
    assert bought.packs * BY_ID[bought.product_id].pack_quantity in range(6, 11)


def test_a_size_never_multiplies_what_is_sold_by_the_piece() -> None:
    assert _bought(_line("4", "", "toothbrush", "500 gram")).packs == 4


@pytest.mark.parametrize(
    ("quantity", "name", "packs"),
    [("6", "tomatoes", 1), ("3", "onions", 1), ("10", "potatoes", 3), ("30", "carrots", 3)],
)
def test_pieces_of_what_is_sold_by_weight_are_weighed(quantity: str, name: str, packs: int) -> None:
    bought = _bought(_line(quantity, "", name))
    assert BY_ID[bought.product_id].pack_unit == "kilogram"
    assert bought.packs == packs
    assert f"{quantity} pieces, about " in bought.packing


def test_the_line_says_what_so_many_pieces_weigh() -> None:
    assert _bought(_line("6", "", "tomatoes")).packing == (
        "6 pieces, about 600 grams (100 g each). Sold by 1 kilogram: you get 1 kilogram."
    )


@pytest.mark.parametrize(
    ("quantity", "name", "packs"),
    [("3", "bananas", 1), ("12", "bananas", 2), ("13", "bananas", 3), ("4", "spring onions", 1)],
)
def test_pieces_of_what_is_sold_by_the_bunch_are_part_of_one(
    quantity: str, name: str, packs: int
) -> None:
    bought = _bought(_line(quantity, "", name))
    assert (BY_ID[bought.product_id].pack_unit, bought.packs) == ("bunch", packs)
    assert f"{quantity} pieces, about 6 to a bunch. Sold by 1 bunch: " in bought.packing


def test_bunches_are_bunches_and_so_are_counts_of_leaves() -> None:
    assert _bought(_line("3", "bunch", "bananas")).packs == 3
    assert _bought(_line("2", "", "ugu")).packs == 2


def test_pieces_and_bunches_are_added_up() -> None:
    lines = [
        _line("3", "", "bananas"),
        _line("3", "piece", "bananas"),
        _line("1", "bunch", "banana"),
    ]
    assert _bought(*lines).packs == 2


def test_packs_of_what_is_sold_by_weight_are_packs() -> None:
    assert _bought(_line("1", "", "tomatoes")).packing == ""
    assert _bought(_line("2", "package", "tomatoes")).packs == 2
    assert _bought(_line("3", "", "spaghetti")).packs == 3


def test_the_same_thing_from_several_lines_is_added_up() -> None:
    spoons = [_line("2", "tablespoon", "olive oil"), _line("1", "tablespoon", "olive oil")]
    bought = _bought(*spoons)
    assert (bought.quantity, bought.unit, bought.packs) == (3, "tablespoon", 1)


def test_lines_in_different_units_are_added_up_in_the_packs_unit() -> None:
    lines = [_line("2", "tablespoon", "olive oil"), _line("490", "milliliter", "olive oil")]
    bought = _bought(*lines)
    assert (bought.quantity, bought.unit) == (520, "milliliter")
    assert bought.packs * BY_ID[bought.product_id].pack_quantity >= 520


def test_lines_that_are_together_too_much_are_all_refused() -> None:
    result = _match(*[_line("999", "package", "Eva water")] * 2)
    assert [line.reason for line in result.unmatched] == [AMOUNT_REFUSED] * 2


def test_a_bare_count_that_may_be_money_is_asked_about_and_the_rest_is_bought() -> None:
    result = _match(_line("500", "", "beans"), _line("1", "", "spaghetti"))
    assert [line.packs for line in result.lines] == [1]
    [asked] = result.unmatched
    assert asked.reason == AMOUNT_ASKED
    assert asked.question == (
        'Do you want 500 packs of "Brown Beans" (1 kilogram)? If so, please order "500 packs". '
        "If 500 is a price, please leave it out."
    )


@pytest.mark.parametrize(
    ("line", "rules", "is_bought"),
    [
        (_line("50", "", "beans"), Rules(), True),
        (_line("51", "", "beans"), Rules(), False),
        (_line("51", "package", "beans"), Rules(), True),
        (_line("60", "piece", "eggs"), Rules(), True),
        (_line("51", "", "beans"), Rules(max_count=60), True),
        (_line("90", "", "eggs"), Rules(max_count_by_category={"Eggs": 90}), True),
        (_line("20", "", "eggs"), Rules(max_count_by_category={"Eggs": 12}), False),
    ],
)
def test_the_highest_count_is_a_setting(
    line: RequestedLine, rules: Rules, *, is_bought: bool
) -> None:
    result = _match(line, rules=rules)
    assert bool(result.lines) is is_bought
    assert bool(result.unmatched) is not is_bought


def test_an_absurd_amount_is_refused() -> None:
    [refused] = _match(_line("1000000", "roll", "toilet roll")).unmatched
    assert refused.reason == AMOUNT_REFUSED


def test_a_price_that_was_written_is_kept_and_changes_nothing() -> None:
    price = {"price": "N500 each", "price_kobo": 50_000, "price_currency": "NGN"}
    noted = _line("2", "", "spaghetti", notes=["thin", "N500 each"], **price)
    plain = _bought(_line("2", "", "spaghetti"))
    bought = _bought(noted)
    assert (bought.price_note, bought.price_note_kobo) == ("N500 each", 50_000)
    assert bought.price_note_currency == "NGN"
    assert bought.notes == ["thin"]
    assert bought.line_total_kobo == plain.line_total_kobo


@pytest.mark.parametrize("nonsense", ["b", "q", "script", "hello", "x y"])
def test_nonsense_matches_nothing(nonsense: str) -> None:
    assert _match(_line("1", "", nonsense)).lines == []


_amounts = st.decimals(min_value=1, max_value=40, places=0)
_units = st.sampled_from(["", "cup", "tablespoon", "kilogram", "gram", "package", "bag"])


@given(
    st.lists(
        st.builds(lambda quantity, unit: _line(str(quantity), unit, "rice"), _amounts, _units),
        min_size=1,
        max_size=4,
    )
)
def test_all_that_is_asked_for_is_bought_once(lines: list[RequestedLine]) -> None:
    result = _match(*lines)
    assert len({line.product_id for line in result.lines}) == len(result.lines)
    texts = ", ".join(line.text for line in result.lines)
    assert texts.count("rice") + len(result.unmatched) == len(lines)
    for line in result.lines:
        assert line.line_total_kobo == line.packs * line.unit_price_kobo
        assert Decimal(0) < line.quantity


@pytest.mark.parametrize("unit", ["can", ""])
def test_tins_of_a_thing_are_what_is_called_a_tin_of_it(unit: str) -> None:
    milk = _bought(_line("2", unit, "milk"))
    assert ("evaporated" in milk.product_id) == (unit == "can")


def test_a_name_spelled_as_one_products_is_that_product() -> None:
    assert _bought(_line("1", "", "tin tomatoes")).product_id == "canned-chopped-tomatoes-400g"
