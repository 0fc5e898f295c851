"""From lines to products, packs and prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.catalog.csv_file import read_csv
from orderflow.catalog.product import Product
from orderflow.errors import BedrockUnavailable
from orderflow.matching.chooser import Answer, Choice, Chooser, Question, Unanswered, Usage
from orderflow.matching.matcher import (
    AMOUNT_REFUSED,
    CatalogIndex,
    MatchResult,
    Rules,
    candidate_ids,
    match_lines,
    normalise,
)
from orderflow.matching.outcomes import NO_SUCH_PRODUCT, NOT_LOOKED_UP
from orderflow.orders.lines import MatchedBy, RequestedLine
from tests.support.paths import PROJECT

_SHIPPED = PROJECT / "scripts" / "local" / "catalog.csv"


def _product(id_: str, name: str, pack: str = "1", price: int = 100_000, **more: object) -> Product:
    quantity, _, unit = pack.partition(" ")
    fields = {"id": id_, "name": name, "pack_quantity": quantity, "pack_unit": unit}
    return Product.model_validate(fields | {"price_kobo": price} | more)


PRODUCTS = (
    _product("uht", "Farm UHT Milk", "1 liter", 260_000, synonyms=["milk", "farm milk"]),
    _product("powder", "Farm Milk Powder", "400 gram", 480_000, synonyms=["milk", "farm milk"]),
    _product(
        "evaporated", "Farm Evaporated Milk", "150 gram", 90_000, synonyms=["tin milk", "farm milk"]
    ),
    _product("chocolate", "Milk Chocolate", "80 gram", 310_000),
    _product("egg", "Eggs", "1", 23_000),
    _product("egg-dozen", "Eggs", "12", 260_000),
    _product("egg-crate", "Eggs", "30", 590_000),
    _product("rice-5", "Long Rice", "5 kilogram", 890_000, synonyms=["rice"]),
    _product("rice-50", "Long Rice", "50 kilogram", 7_600_000, synonyms=["rice", "bag of rice"]),
    _product("mango", "Mangoes", "1 kilogram", 150_000, available=False),
    _product("buns", "Burger Buns", "6", 150_000, synonyms=["buns"]),
    _product("okra", "Okra", "500 gram", 90_000, synonyms=["okro"]),
)
BY_ID = {product.id: product for product in PRODUCTS}
INDEX = CatalogIndex(PRODUCTS)


def _line(name: str, quantity: str = "1", unit: str = "") -> RequestedLine:
    text = f"{quantity} {unit} {name}"
    return RequestedLine(text=text, name=name, quantity=Decimal(quantity), unit=unit)


class _Model:
    """A chooser that gives prepared product ids to questions, in their order."""

    def __init__(self, *product_ids: str | None, confidence: str = "0.9") -> None:
        self.asked: list[Sequence[Question]] = []
        self._product_ids = product_ids
        self._confidence = Decimal(confidence)

    def __call__(self, questions: Sequence[Question]) -> Answer:
        self.asked.append(questions)
        choices = [Choice(n, id_, self._confidence) for n, id_ in enumerate(self._product_ids)]
        return Answer(tuple(choices), Usage(100, 10))


def _match(
    *lines: RequestedLine,
    model: Chooser | None = None,
    aliases: Mapping[str, str] | None = None,
    products: Mapping[str, Product] = BY_ID,
) -> MatchResult:
    return match_lines(lines, INDEX, products, aliases or {}, model, Rules())


def test_a_name_of_one_product_is_exact_and_needs_no_model() -> None:
    model = _Model()
    result = _match(_line("OKRO", "2"), model=model)
    assert [(line.product_id, line.matched_by) for line in result.lines] == [
        ("okra", MatchedBy.EXACT)
    ]
    assert model.asked == []
    assert result.lines[0].confidence == Decimal("1.00")


@pytest.mark.parametrize(
    ("quantity", "unit", "product_id", "packs"),
    [
        ("3", "", "egg", 3),
        ("12", "", "egg-dozen", 1),
        ("1", "crate", "egg-crate", 1),
        ("31", "", "egg-crate", 2),
    ],
)
def test_the_cheapest_pack_of_a_family_that_covers_the_amount_is_taken(
    quantity: str, unit: str, product_id: str, packs: int
) -> None:
    [line] = _match(_line("eggs", quantity, unit)).lines
    if quantity == "31":
        assert line.line_total_kobo == min(31 * 23_000, 3 * 260_000, 2 * 590_000)
    else:
        assert (line.product_id, line.packs) == (product_id, packs)
    assert line.matched_by is MatchedBy.EXACT


@pytest.mark.parametrize(
    ("quantity", "unit", "product_id"),
    [("2", "kilogram", "rice-5"), ("50", "kilogram", "rice-50"), ("1", "bag", "rice-50")],
)
def test_the_unit_decides_between_packs(quantity: str, unit: str, product_id: str) -> None:
    assert _match(_line("rice", quantity, unit)).lines[0].product_id == product_id


def test_a_line_carries_what_was_asked_and_what_it_costs() -> None:
    [line] = _match(_line("okra", "1", "kilogram")).lines
    assert (line.text, line.name, line.quantity, line.unit) == (
        "1 kilogram okra",
        "Okra",
        Decimal(1),
        "kilogram",
    )
    assert (line.packs, line.pack_size, line.unit_price_kobo, line.line_total_kobo) == (
        2,
        "500 grams",
        90_000,
        180_000,
    )


def test_lines_that_end_at_one_product_are_one_line_of_the_basket() -> None:
    [line] = _match(_line("okra", "2", "package"), _line("okro", "1", "package")).lines
    assert (line.product_id, line.quantity, line.packs) == ("okra", 3, 3)
    assert line.text == "2 package okra, 1 package okro"


def test_amounts_of_one_product_are_added_up_before_packs_are_counted() -> None:
    spoons = _match(_line("milk powder", "2", "tablespoon"), _line("milk powder", "1", "teaspoon"))
    [line] = spoons.lines
    assert line.packs == 1
    assert line.unit == BY_ID[line.product_id].pack_unit


def test_a_name_that_several_products_share_goes_to_the_model() -> None:
    model = _Model("powder")
    result = _match(_line("milk", "2", "cup"), _line("okra"), model=model)
    assert [line.matched_by for line in result.lines] == [MatchedBy.MODEL, MatchedBy.EXACT]
    assert result.lines[0].product_id == "powder"
    assert result.lines[0].confidence == Decimal("0.90")
    assert result.answer.usage == Usage(100, 10)


def test_all_unclear_lines_go_in_one_call_with_their_candidates() -> None:
    model = _Model("uht", "powder")
    _match(_line("milk"), _line("eggs"), _line("farm milk"), model=model)
    [questions] = model.asked
    assert [question.line.name for question in questions] == ["milk", "farm milk"]
    assert {"uht", "powder"} <= {product.id for product in questions[0].candidates}


@pytest.mark.parametrize("name", ["milk choc", "milk choclate", "chocolate milks"])
def test_a_name_far_ahead_of_all_others_needs_no_model(name: str) -> None:
    model = _Model()
    [line] = _match(_line(name), model=model).lines
    assert (line.product_id, line.matched_by) == ("chocolate", MatchedBy.NAME)
    assert line.confidence >= Decimal("0.85")
    assert model.asked == []


def test_a_likely_name_that_is_hardly_ahead_goes_to_the_model() -> None:
    lead = Rules(clear_lead=0.9)
    model = _Model("chocolate")
    [line] = match_lines([_line("milk choc")], INDEX, BY_ID, {}, model, lead).lines
    assert line.matched_by is MatchedBy.MODEL


def test_a_remark_or_a_container_that_is_part_of_a_name_decides() -> None:
    bag = _line("rice", "1", "bag")
    tins = _line("milk", "2", "can")
    uht = RequestedLine(text="milk (farm)", name="milk", quantity=Decimal(1), notes=["tin"])
    lines = [line for each in (bag, tins, uht) for line in _match(each, model=_Model()).lines]
    assert [line.product_id for line in lines] == ["rice-50", "evaporated", "evaporated"]
    assert {line.matched_by for line in lines} == {MatchedBy.EXACT}


def test_each_line_names_its_alternatives_with_their_similarity() -> None:
    result = _match(_line("milk choc"), _line("purple milk"))
    [line], [missing] = result.lines, result.unmatched
    similarities = [other.similarity for other in line.alternatives]
    assert "chocolate" not in {other.product_id for other in line.alternatives}
    assert similarities == sorted(similarities, reverse=True)
    assert {"uht", "powder"} & {other.product_id for other in missing.alternatives}
    assert all(0 < other.similarity < Decimal("0.72") for other in missing.alternatives)


@pytest.mark.parametrize(
    ("line", "packing"),
    [
        (_line("buns", "4"), "Sold by 6 pieces: you get 6 pieces for the 4 pieces asked for."),
        (_line("okra", "1", "kilogram"), ""),
        (
            _line("okra", "1", "cup"),
            "Sold by 500 grams: you get 500 grams for the 1 cup asked for.",
        ),
        (_line("okra", "2", "bag"), ""),
        (
            _line("eggs", "1.5", "kilogram"),
            "Sold by the piece: one for each started kilogram or litre.",
        ),
    ],
)
def test_it_is_said_how_packs_came_out_of_the_amount(line: RequestedLine, packing: str) -> None:
    assert _match(line).lines[0].packing == packing


@pytest.mark.parametrize(
    ("quantity", "unit", "size", "product_id", "packs"),
    [
        ("2", "bag", "5kg", "rice-5", 2),
        ("2", "bag", "50 kg", "rice-50", 2),
        ("1", "bag", "50000 g", "rice-50", 1),
        ("2", "bag", "10kg", "rice-5", 4),  # not sold: 20 kg in all
        ("20", "kilogram", "50kg", "rice-5", 4),  # a weight was asked for: the remark is one
        ("1", "", "long grain", "rice-5", 1),
    ],
)
def test_the_size_of_pack_that_is_asked_for_is_the_one_that_comes(
    quantity: str, unit: str, size: str, product_id: str, packs: int
) -> None:
    line = _line("long rice", quantity, unit).model_copy(update={"notes": [size]})
    [matched] = _match(line).lines
    assert (matched.product_id, matched.packs) == (product_id, packs)


def test_lines_without_any_likely_product_are_not_asked_about() -> None:
    model = _Model()
    result = _match(_line("wireless headphones"), model=model)
    assert model.asked == []
    assert result.unmatched[0].reason == NO_SUCH_PRODUCT


def test_the_model_may_say_that_nothing_fits() -> None:
    result = _match(_line("milk"), model=_Model(None))
    assert result.lines == []
    assert [(line.text, line.reason) for line in result.unmatched] == [("1  milk", NO_SUCH_PRODUCT)]


def test_a_product_that_was_not_offered_is_discarded_and_the_name_decides() -> None:
    [line] = _match(_line("milk", "2", "cup"), model=_Model("okra")).lines
    assert (line.product_id, line.matched_by) == ("uht", MatchedBy.NAME)


def test_a_line_that_the_model_left_open_is_decided_by_its_name() -> None:
    [line] = _match(_line("milk", "2", "cup"), model=_Model()).lines
    assert (line.product_id, line.matched_by) == ("uht", MatchedBy.NAME)


def test_of_several_choices_for_a_line_the_first_counts() -> None:
    def choose(questions: Sequence[Question]) -> Answer:
        return Answer((Choice(0, "powder", Decimal(1)), Choice(0, "uht", Decimal(1))))

    result = match_lines([_line("milk")], INDEX, BY_ID, {}, choose, Rules())
    assert result.lines[0].product_id == "powder"


def test_an_unavailable_model_is_the_callers_to_answer() -> None:
    def choose(questions: Sequence[Question]) -> Answer:
        raise BedrockUnavailable("throttled")

    with pytest.raises(BedrockUnavailable):
        match_lines([_line("milk")], INDEX, BY_ID, {}, choose, Rules())


def test_what_the_model_resolved_is_learned_under_its_normalised_name() -> None:
    result = _match(_line("Milk"), _line("okra"), model=_Model("uht"))
    assert result.learned == {"milk": "uht"}


def test_a_choice_that_passes_over_a_much_likelier_name_is_not_learned() -> None:
    result = _match(_line("milk"), model=_Model("chocolate", confidence="1"))
    assert result.lines[0].product_id == "chocolate"
    assert result.learned == {}


def test_a_guess_of_the_model_is_not_learned() -> None:
    result = _match(_line("milk"), model=_Model("uht", confidence="0.4"))
    assert result.lines[0].product_id == "uht"
    assert result.learned == {}


def test_a_remembered_name_needs_no_model() -> None:
    model = _Model()
    [line] = _match(_line("Milks", "2", "cup"), aliases={"milk": "powder"}, model=model).lines
    assert (line.product_id, line.matched_by) == ("powder", MatchedBy.ALIAS)
    assert model.asked == []


def test_a_remembered_product_is_taken_in_the_pack_that_suits_this_amount() -> None:
    aliases = {"jollof grain": "rice-5"}
    [line] = _match(_line("jollof grain", "50", "kilogram"), aliases=aliases).lines
    assert (line.product_id, line.packs) == ("rice-50", 1)


def test_a_remembered_product_that_is_gone_is_forgotten() -> None:
    [line] = _match(_line("okra"), aliases={"okra": "sold-no-more"}).lines
    assert line.matched_by is MatchedBy.EXACT


def test_without_the_model_the_best_name_is_taken() -> None:
    [line] = _match(_line("farm evaporatd milk")).lines
    assert (line.product_id, line.matched_by) == ("evaporated", MatchedBy.NAME)
    assert Decimal("0.72") <= line.confidence < 1


def test_without_the_model_equal_names_are_decided_by_the_unit() -> None:
    [line] = _match(_line("milk", "3", "cup")).lines
    assert (line.product_id, line.packs) == ("uht", 1)


def test_a_container_prefers_what_is_called_by_it() -> None:
    [line] = _match(_line("farm milk", "2", "can")).lines
    assert (line.product_id, line.packs) == ("evaporated", 2)


def test_a_name_below_the_minimum_score_is_not_matched() -> None:
    result = _match(_line("purple milk"))
    assert [line.reason for line in result.unmatched] == [NOT_LOOKED_UP]
    assert result.pending == {Unanswered.UNAVAILABLE}


def test_a_choice_of_nothing_means_that_there_is_no_such_product() -> None:
    result = _match(_line("purple milk"), model=_Model(None))
    assert [line.reason for line in result.unmatched] == [NO_SUCH_PRODUCT]
    assert result.pending == frozenset()


def test_a_product_that_was_not_offered_is_an_answer_that_was_not_understood() -> None:
    result = _match(_line("purple milk"), model=_Model("gold-bar"))
    assert [line.reason for line in result.unmatched] == [NOT_LOOKED_UP]
    assert result.pending == {Unanswered.NOT_UNDERSTOOD}


def test_what_a_guardrail_blocked_is_not_looked_up_later() -> None:
    blocked = Answer(unanswered={0: Unanswered.BLOCKED})
    result = _match(_line("purple milk"), model=lambda _: blocked)
    assert [line.reason for line in result.unmatched] == [NO_SUCH_PRODUCT]
    assert result.pending == frozenset()


def test_a_choice_of_nothing_where_the_named_product_is_out_of_stock_says_so() -> None:
    sold_out = BY_ID | {"chocolate": BY_ID["chocolate"].model_copy(update={"available": False})}
    result = _match(_line("milk chocolate"), model=_Model(None), products=sold_out)
    assert [line.reason for line in result.unmatched] == ["Out of stock: Milk Chocolate."]


def test_what_is_out_of_stock_is_not_matched_and_the_customer_is_told() -> None:
    for model in (None, _Model()):
        result = _match(_line("mango"), model=model)
        assert [line.reason for line in result.unmatched] == ["Out of stock: Mangoes."]


def test_another_product_stands_in_for_one_that_is_out_of_stock() -> None:
    sold_out = BY_ID | {"uht": BY_ID["uht"].model_copy(update={"available": False})}
    [line] = _match(_line("milk", "2", "cup"), products=sold_out).lines
    assert (line.product_id, line.matched_by) == ("powder", MatchedBy.EXACT)


def test_a_product_without_a_fresh_price_is_not_sold() -> None:
    without_okra = {id_: product for id_, product in BY_ID.items() if id_ != "okra"}
    result = _match(_line("okra"), products=without_okra)
    assert [line.reason for line in result.unmatched] == [NO_SUCH_PRODUCT]


@pytest.mark.parametrize("quantity", ["0", "100000"])
def test_an_amount_that_nobody_sells_is_refused(quantity: str) -> None:
    result = _match(_line("okra", quantity), model=_Model())
    assert [line.reason for line in result.unmatched] == [AMOUNT_REFUSED]


def test_fresh_products_of_the_candidate_ids_are_all_that_matching_needs() -> None:
    lines = [_line("milk"), _line("egg", "2"), _line("jollof grain"), _line("headphones")]
    aliases = {"jollof grain": "rice-5"}
    ids = candidate_ids(lines, INDEX, Rules()) | {*INDEX.family("rice-5")}
    assert {"rice-5", "rice-50", "uht", "powder"} <= ids
    fresh = {id_: BY_ID[id_] for id_ in ids}
    assert _match(*lines, aliases=aliases, products=fresh) == _match(*lines, aliases=aliases)


def test_the_readme_list_matches_three_products_of_the_shipped_catalog() -> None:
    products = read_csv(_SHIPPED)
    lines = [_line("milk", "2", "cup"), _line("bread", "1", "loaf"), _line("eggs", "3")]
    by_id = {product.id: product for product in products}
    result = match_lines(lines, CatalogIndex(products), by_id, {}, None, Rules())
    assert [by_id[line.product_id].category for line in result.lines] == ["Dairy", "Bakery", "Eggs"]
    assert [line.packs for line in result.lines] == [1, 1, 3]


_names = st.sampled_from(["milk", "eggs", "rice", "okro", "mango", "milk choc", "nothing", "", "?"])
_lines = st.lists(
    st.builds(
        RequestedLine,
        text=st.text(max_size=10),
        name=_names,
        quantity=st.decimals(min_value=0, max_value=5000, places=2),
        unit=st.sampled_from(["", "cup", "kilogram", "crate", "can", "wibble"]),
    ),
    max_size=8,
)
_ids = st.one_of(st.none(), st.sampled_from([*BY_ID, "made-up"]))
_choices = st.lists(
    st.builds(
        Choice,
        question=st.integers(-2, 12),
        product_id=_ids,
        confidence=st.decimals(min_value=0, max_value=1, places=3),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(_lines, _choices)
def test_whatever_the_model_answers_only_offered_products_at_catalog_prices_get_through(
    lines: list[RequestedLine], choices: list[Choice]
) -> None:
    offered: dict[str, set[str]] = {}

    def choose(questions: Sequence[Question]) -> Answer:
        for question in questions:
            ids = {product.id for product in question.candidates}
            offered.setdefault(normalise(question.line.name), set()).update(ids)
        return Answer(tuple(choices))

    result = match_lines(lines, INDEX, BY_ID, {}, choose, Rules())

    assert len(result.lines) + len(result.unmatched) <= len(lines)
    texts = [line.text for line in (*result.lines, *result.unmatched)]
    assert Counter(", ".join(texts)) >= Counter("".join(line.text for line in lines))
    assert len({line.product_id for line in result.lines}) == len(result.lines)
    for line in result.lines:
        product = BY_ID[line.product_id]
        assert product.available
        assert line.unit_price_kobo == product.price_kobo
        assert line.line_total_kobo == line.packs * product.price_kobo
        assert 1 <= line.packs <= 999
        assert 0 <= line.confidence <= 1
    for name, product_id in result.learned.items():
        assert product_id in offered[name]
