"""Words of size and parts of packs: "a small bag of rice", "half a bag of beans", "family size".

Lists are parsed and matched in the shipped catalog by name alone, as while the model can't be
reached, or with a remembered choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.catalog.csv_file import read_csv
from orderflow.catalog.index.search import CatalogIndex
from orderflow.catalog.product import Product
from orderflow.grocery_list.catalog_names import known_names_of
from orderflow.matching.matcher import match_lines, sizes_apart
from orderflow.matching.packs import content
from orderflow.matching.rules import Rules
from orderflow.orders.lines import MatchedBy, MatchedLine
from orderflow.orders.submission import parse_list
from tests.support.paths import PROJECT

PRODUCTS = read_csv(PROJECT / "scripts" / "local" / "catalog.csv")
BY_ID = {product.id: product for product in PRODUCTS}
INDEX = CatalogIndex(PRODUCTS)
REMEMBERED = {"rice": "big-bull-parboiled-rice-50kg"}


def _match(
    text: str, aliases: Mapping[str, str], products: Mapping[str, Product] = BY_ID
) -> list[MatchedLine]:
    lines = parse_list(text).requested
    index = INDEX if products is BY_ID else CatalogIndex(products.values())
    result = match_lines(sizes_apart(lines, index), index, products, aliases, None, Rules())
    assert result.unmatched == []
    return result.lines


def _bought(text: str, **aliases: str) -> MatchedLine:
    [line] = _match(text, aliases)
    return line


def _without(*ids: str) -> dict[str, Product]:
    return {id_: product for id_, product in BY_ID.items() if id_ not in ids}


@pytest.mark.parametrize(
    ("text", "product_id", "packs"),
    [
        ("a small bag of beans", "brown-beans-1kg", 1),
        ("2 small bags of beans", "brown-beans-1kg", 2),
        ("medium bag of beans", "brown-beans-5kg", 1),
        ("big bag of beans", "brown-beans-50kg", 1),
        ("small bag of rice", "mama-gold-parboiled-rice-1kg", 1),
        ("large rice", "big-bull-parboiled-rice-50kg", 1),
        ("omo (family size)", "omo-detergent-powder-2kg", 1),
        ("family size omo", "omo-detergent-powder-2kg", 1),
        ("king size omo", "omo-detergent-powder-2kg", 1),
        ("biggest size of omo", "omo-detergent-powder-2kg", 1),
        ("jumbo omo", "omo-detergent-powder-2kg", 1),
        ("medium omo", "omo-detergent-powder-900g", 1),
        ("2 small milo", "milo-chocolate-malt-drink-powder-20g", 2),
        ("large bottle of hypo", "hypo-bleach-3-5l", 1),
        ("mini bottle of hypo", "hypo-bleach-250ml", 1),
        ("big bottle coke", "coca-cola-1l", 1),
        ("big pack of toilet paper", "rose-plus-toilet-rolls-12rolls", 1),
    ],
)
def test_a_word_of_size_chooses_the_pack(text: str, product_id: str, packs: int) -> None:
    bought = _bought(text)
    assert (bought.product_id, bought.packs) == (product_id, packs)


@pytest.mark.parametrize(
    ("text", "pack_size"),
    [
        ("small bag of rice", "5 kilograms"),
        ("small rice", "5 kilograms"),
        ("medium bag of rice", "10 kilograms"),
        ("big bag of rice", "50 kilograms"),
        ("bag of rice", "50 kilograms"),
    ],
)
def test_a_remembered_choice_comes_in_the_size_asked_for(text: str, pack_size: str) -> None:
    bought = _bought(text, **REMEMBERED)
    assert (bought.name, bought.pack_size) == ("Big Bull Parboiled Rice", pack_size)
    assert bought.matched_by is MatchedBy.ALIAS


@pytest.mark.parametrize(
    ("text", "product_id"),
    [
        ("big bull rice", "big-bull-parboiled-rice-5kg"),
        ("family bread", "butterfield-family-bread"),
        ("family loaf", "butterfield-family-bread"),
        ("medium toothbrush", "oral-b-medium-toothbrush"),
        ("large eggs", "eggs-each"),
    ],
)
def test_a_word_of_size_in_a_name_of_the_catalog_is_no_size(text: str, product_id: str) -> None:
    bought = _bought(text)
    assert (bought.product_id, bought.packing) == (product_id, "")


@pytest.mark.parametrize("text", ["2 medium onions", "2 onions, large", "2 big onions"])
def test_a_word_of_size_for_pieces_that_are_weighed_is_about_the_piece(text: str) -> None:
    large = BY_ID["onions-1kg"].model_copy(update={"id": "onions-5kg", "pack_quantity": Decimal(5)})
    [bought] = _match(text, {}, {**BY_ID, large.id: large})
    assert (bought.product_id, bought.packs) == ("onions-1kg", 1)


@pytest.mark.parametrize(
    ("text", "product_id", "packs"),
    [
        ("bag of rice", "big-bull-parboiled-rice-50kg", 1),
        ("2 bags of rice", "big-bull-parboiled-rice-50kg", 2),
        ("bag of rice 5kg", "big-bull-parboiled-rice-5kg", 1),
        ("bag of rice (small)", "mama-gold-parboiled-rice-1kg", 1),
        ("half bag of rice", "mama-gold-parboiled-rice-25kg", 1),
        ("bag of beans", "brown-beans-50kg", 1),
        ("pack of water", "eva-table-water-12bottles", 1),
        ("super pack", "indomie-chicken-noodles-120g", 1),
        ("sachet peak", "peak-full-cream-milk-powder-14g", 1),
    ],
)
def test_a_name_of_one_pack_is_that_pack(text: str, product_id: str, packs: int) -> None:
    """Also where the list was read with the catalog's names, which keeps "bag of rice" whole."""
    known = known_names_of(name for each in PRODUCTS for name in (each.name, *each.synonyms))
    for lines in (parse_list(text).requested, parse_list(text, known).requested):
        [bought] = match_lines(sizes_apart(lines, INDEX), INDEX, BY_ID, {}, None, Rules()).lines
        assert (bought.product_id, bought.packs) == (product_id, packs)


def test_small_chops_are_no_small_pack() -> None:
    requested = parse_list("small chops").requested
    assert sizes_apart(requested, INDEX) == requested


def test_the_line_says_which_size_comes() -> None:
    assert _bought("small bag of beans").packing == (
        "Sold in 3 sizes: you get the smallest, 1 kilogram."
    )
    assert _bought("mini pack of oreo").packing == "Sold in one size: 133 grams."


@pytest.mark.parametrize(
    ("text", "product_id", "packs"),
    [
        ("half bag of beans", "brown-beans-5kg", 5),
        ("half a bag of beans", "brown-beans-5kg", 5),
        ("beans half bag", "brown-beans-5kg", 5),
        ("quarter bag of beans", "brown-beans-1kg", 13),
        ("half bag of mama gold rice", "mama-gold-parboiled-rice-25kg", 1),
        ("half bag of rice", "mama-gold-parboiled-rice-25kg", 1),
        ("half a big bag of mama gold rice", "mama-gold-parboiled-rice-25kg", 1),
        ("half bag of mama gold rice (50kg)", "mama-gold-parboiled-rice-25kg", 1),
        ("half bag of mama gold rice (40kg)", "mama-gold-parboiled-rice-10kg", 2),
        ("half paint of white garri", "white-garri-1kg", 2),
        ("half crate of eggs", "eggs-each", 15),
    ],
)
def test_part_of_a_pack_comes_in_packs_that_hold_that_much(
    text: str, product_id: str, packs: int
) -> None:
    bought = _bought(text)
    assert (bought.product_id, bought.packs) == (product_id, packs)


def test_half_a_bag_of_a_remembered_choice_is_half_of_its_bag() -> None:
    bought = _bought("half bag of rice", **REMEMBERED)
    assert (bought.product_id, bought.packs) == ("big-bull-parboiled-rice-5kg", 5)


def test_part_of_a_pack_is_an_amount_that_every_other_pack_can_cover() -> None:
    """So a customer who chooses another size in the review gets as much of it."""
    bought = _bought("half bag of beans")
    assert (bought.quantity, bought.unit) == (Decimal(25), "kilogram")


def test_part_of_a_pack_says_what_it_was_taken_for() -> None:
    assert _bought("half bag of beans").packing == (
        "0.5 bags of 50 kilograms: 25 kilograms. Sold by 5 kilograms: you get 25 kilograms."
    )


@pytest.mark.parametrize("text", ["half bag of beans", "half carton of indomie", "half tin milo"])
def test_where_only_the_whole_is_sold_it_comes_and_the_line_says_so(text: str) -> None:
    whole = _without("brown-beans-1kg", "brown-beans-5kg")
    [bought] = _match(text, {}, whole)
    assert bought.packs == 1
    assert f"you get {bought.pack_size}" in bought.packing


def test_halves_and_other_amounts_of_one_product_are_added_up() -> None:
    [bought] = _match("half bag of beans\n5 kg beans", {}, _without("brown-beans-1kg"))
    assert (bought.product_id, bought.packs) == ("brown-beans-5kg", 6)
    assert (bought.quantity, bought.unit) == (Decimal(30), "kilogram")


def test_two_halves_are_a_whole_bag() -> None:
    [bought] = _match("half bag of beans\nhalf bag of beans", {})
    [whole] = _match("bag of beans", {})
    assert (bought.product_id, bought.packs) == (whole.product_id, whole.packs)


@pytest.mark.parametrize("text", ["small bag of beans", "big beans", "half bag of beans"])
def test_alternatives_of_a_line_about_sizes_are_other_sizes_first(text: str) -> None:
    bought = _bought(text)
    sizes = {"brown-beans-1kg", "brown-beans-5kg", "brown-beans-50kg"} - {bought.product_id}
    assert {each.product_id for each in bought.alternatives[:2]} == sizes


def test_without_a_word_of_size_alternatives_are_other_products() -> None:
    bought = _bought("beans")
    assert {BY_ID[each.product_id].name for each in bought.alternatives}.isdisjoint({bought.name})


_things = st.sampled_from(["beans", "rice", "mama gold rice", "white garri", "sugar", "omo"])
_things_in_packs = st.builds("{} of {}".format, st.sampled_from(["bag", "pack", "sachet"]), _things)


@given(_things_in_packs, st.integers(1, 20))
def test_a_word_of_size_changes_no_count(thing: str, count: int) -> None:
    plain = _bought(f"{count} {thing}")
    for size in ("small", "medium", "big"):
        assert _bought(f"{count} {size} {thing}").packs == plain.packs == count


@given(_things)
def test_sizes_are_in_order(thing: str) -> None:
    aliases = {thing: _bought(thing).product_id}  # of one product: brands have their own sizes
    small, medium, big = (
        content(BY_ID[_match(f"{size} {thing}", aliases)[0].product_id])
        for size in ("small", "medium", "big")
    )
    assert small <= medium <= big
    assert small < big


@given(_things_in_packs, st.sampled_from(["1/4", "1/2", "3/4", "1 1/2", "2 1/2"]))
def test_part_of_a_pack_costs_no_more_than_whole_packs(thing: str, part: str) -> None:
    whole_packs = {"1 1/2": 2, "2 1/2": 3}.get(part, 1)
    assert (
        _bought(f"{part} {thing}").line_total_kobo
        <= _bought(f"{whole_packs} {thing}").line_total_kobo
    )
