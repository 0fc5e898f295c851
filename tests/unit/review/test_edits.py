"""Changes of an order's lines: products, packs and totals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orderflow.catalog.product import Product
from orderflow.errors import InvalidOrder
from orderflow.orders.lines import Alternative, MatchedBy, UnmatchedLine
from orderflow.orders.model import MAX_TOTAL_KOBO, Order
from orderflow.review.edits import Edit, LineAddition, LineRemoval, LineUpdate
from tests.support.factories import a_matched_order, matched_line, unmatched_line

RICE_5KG = Product(
    id="rice-5kg", name="Rice", pack_quantity=Decimal(5), pack_unit="kilogram", price_kobo=500_000
)
SALT = Product(id="salt", name="Salt", price_kobo=30_000)
GONE = Product(id="gone", name="Gone", price_kobo=100, available=False)
PRODUCTS = {product.id: product for product in (RICE_5KG, SALT, GONE)}


def at(kind: type[Edit], **fields: Any) -> Any:
    return kind.model_validate({"orderId": "o-1", "version": 3, **fields})


def order_of(*packs: int) -> Order:
    return a_matched_order(lines=[matched_line(packs=each) for each in packs])


def test_another_number_of_packs_changes_the_lines_total_alone() -> None:
    lines, _ = at(LineUpdate, line=1, packs=5).apply(order_of(2, 3), PRODUCTS)

    assert [(line.packs, line.line_total_kobo) for line in lines] == [(2, 240_100), (5, 600_250)]
    assert lines[1].matched_by is MatchedBy.EXACT


def test_another_product_comes_at_the_catalogs_price_in_packs_that_cover_what_was_asked() -> None:
    order = a_matched_order(
        lines=[
            matched_line(
                quantity=Decimal(12),
                packing="Sold by 1 kilogram",
                alternatives=[
                    Alternative(product_id="rice-5kg", name="Rice", similarity=Decimal("0.9")),
                    Alternative(product_id="rye", name="Rye", similarity=Decimal("0.5")),
                ],
            )
        ]
    )

    (line,), _ = at(LineUpdate, line=0, productId="rice-5kg").apply(order, PRODUCTS)

    assert (line.product_id, line.packs, line.line_total_kobo) == ("rice-5kg", 3, 1_500_000)
    assert (line.name, line.pack_size, line.packing) == ("Rice", "5 kilograms", "")
    assert (line.text, line.matched_by, line.confidence) == ("2 kg rice", MatchedBy.CUSTOMER, 1)
    # The way back is among the alternatives.
    assert [each.product_id for each in line.alternatives] == ["rice-1kg", "rye"]


def test_the_packs_that_the_customer_names_are_taken() -> None:
    (line,), _ = at(LineUpdate, line=0, productId="rice-5kg", packs=7).apply(order_of(2), PRODUCTS)

    assert (line.packs, line.line_total_kobo) == (7, 3_500_000)


def test_the_same_product_again_changes_nothing_else() -> None:
    order = order_of(2)

    (line,), _ = at(LineUpdate, line=0, productId="rice-1kg", packs=2).apply(order, {})

    assert line == order.lines[0]


def test_a_line_is_removed() -> None:
    lines, _ = at(LineRemoval, line=0).apply(order_of(2, 3), PRODUCTS)

    assert [line.packs for line in lines] == [3]


def test_the_last_line_stays() -> None:
    with pytest.raises(InvalidOrder, match="cancel the order"):
        at(LineRemoval, line=0).apply(order_of(2), PRODUCTS)


def test_a_product_is_added() -> None:
    lines, unmatched = at(LineAddition, productId="salt", packs=2).apply(order_of(1), PRODUCTS)

    assert lines[1].model_dump(include={"text", "packs", "line_total_kobo", "matched_by"}) == {
        "text": "Salt",
        "packs": 2,
        "line_total_kobo": 60_000,
        "matched_by": MatchedBy.CUSTOMER,
    }
    assert unmatched == []


def test_an_added_product_stands_for_a_line_that_was_not_matched() -> None:
    salt = Alternative(product_id="salt", name="Salt", similarity=Decimal("0.4"))
    dulse = Alternative(product_id="dulse", name="Dulse", similarity=Decimal("0.3"))
    sea_salt = UnmatchedLine(text="sel de mer", reason="Unknown.", alternatives=[salt, dulse])
    order = a_matched_order(unmatched=[unmatched_line(), sea_salt])

    lines, unmatched = at(LineAddition, productId="salt", unmatched=1).apply(order, PRODUCTS)

    assert (lines[1].text, lines[1].alternatives) == ("sel de mer", [dulse])
    assert unmatched == [unmatched_line()]


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        (LineUpdate, {"line": 1, "packs": 1}, "line: The order has no such line"),
        (LineRemoval, {"line": 1}, "line: The order has no such line"),
        (LineAddition, {"productId": "salt", "unmatched": 0}, "unmatched: The order has no such"),
        (LineUpdate, {"line": 0, "productId": "nothing"}, "productId: We have no such product"),
        (LineUpdate, {"line": 0, "productId": "gone"}, "productId: We have no such product"),
        (LineAddition, {"productId": "gone"}, "productId: We have no such product"),
        (LineUpdate, {"line": 0, "productId": "rice-5kg", "packs": 999}, None),
    ],
)
def test_what_can_not_be_had_is_refused(
    kind: type[Edit], fields: dict[str, Any], reason: str | None
) -> None:
    edit = at(kind, **fields)
    if reason is None:
        assert edit.apply(order_of(1), PRODUCTS)
        return
    with pytest.raises(InvalidOrder, match=reason):
        edit.apply(order_of(1), PRODUCTS)


def test_a_total_above_the_limit_is_refused() -> None:
    dear = matched_line(packs=1, unit_price_kobo=MAX_TOTAL_KOBO)
    order = a_matched_order(lines=[dear])

    with pytest.raises(InvalidOrder, match="above our limit of ₦10,000,000"):
        at(LineAddition, productId="salt").apply(order, PRODUCTS)


def test_no_order_has_more_than_100_lines() -> None:
    with pytest.raises(InvalidOrder, match="100 lines"):
        at(LineAddition, productId="salt").apply(order_of(*[1] * 100), PRODUCTS)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (LineUpdate, {"line": 0}),
        (LineUpdate, {"line": -1, "packs": 1}),
        (LineUpdate, {"line": 0, "packs": 0}),
        (LineUpdate, {"line": 0, "packs": 1_000}),
        (LineUpdate, {"line": 0, "packs": 1, "unitPriceKobo": 1}),
        (LineAddition, {}),
        (LineRemoval, {}),
    ],
)
def test_an_edit_that_says_too_little_or_too_much_is_refused(
    kind: type[Edit], fields: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        at(kind, **fields)


edits = st.one_of(
    st.builds(at, st.just(LineUpdate), line=st.integers(0, 3), packs=st.integers(1, 999)),
    st.builds(
        at, st.just(LineUpdate), line=st.integers(0, 3), productId=st.sampled_from([*PRODUCTS])
    ),
    st.builds(at, st.just(LineRemoval), line=st.integers(0, 3)),
    st.builds(
        at, st.just(LineAddition), productId=st.sampled_from([*PRODUCTS]), packs=st.integers(1, 999)
    ),
)


@given(changes=st.lists(edits, max_size=8))
def test_whatever_is_changed_each_total_is_packs_times_price(changes: list[Edit]) -> None:
    order = order_of(1, 2)
    for change in changes:
        try:
            lines, unmatched = change.apply(order, PRODUCTS)
        except InvalidOrder:
            continue
        order = order.model_copy(update={"lines": lines, "unmatched": unmatched})
    assert 1 <= len(order.lines) <= 100
    assert sum(line.line_total_kobo for line in order.lines) <= MAX_TOTAL_KOBO
    for line in order.lines:
        assert line.line_total_kobo == line.packs * line.unit_price_kobo
        assert line.product_id not in {each.product_id for each in line.alternatives}


def test_the_same_request_has_the_same_digest_and_another_one_another() -> None:
    one = at(LineUpdate, line=0, packs=2)
    assert one.digest == at(LineUpdate, line=0, packs=2).digest
    others = [
        at(LineUpdate, line=0, packs=3),
        at(LineUpdate, line=1, packs=2),
        at(LineUpdate, line=0, packs=2, version=4),
        at(LineRemoval, line=0),
    ]
    assert len({each.digest for each in (one, *others)}) == 5
