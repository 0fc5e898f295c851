"""Filling an order's basket: what is asked of the catalog and the model, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from orderflow.catalog.aliases import Alias, AliasStore
from orderflow.catalog.product import Product
from orderflow.catalog.store import CatalogStore
from orderflow.errors import (
    BedrockUnavailable,
    CatalogEmptyError,
    InvalidOrder,
    OrderAlreadyClosed,
)
from orderflow.matching.basket import Basket, IndexCache, Shop, fill_basket
from orderflow.matching.chooser import Answer, Choice, Chooser, Question, Unanswered, Usage
from orderflow.matching.matcher import CatalogIndex
from orderflow.matching.outcomes import NOT_LOOKED_UP
from orderflow.matching.tunables import Tunables
from orderflow.orders.lines import MatchedBy, ModelUse, UnmatchedLine
from orderflow.orders.model import Order
from orderflow.orders.status import CLOSED, OrderStatus
from orderflow.orders.store import OrderStore
from tests.support.factories import (
    a_new_order,
    an_order,
    client_error,
    matched_line,
    requested_line,
    stored,
)
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

S = OrderStatus
TUNABLES = Tunables(
    model_id="a.model-v1", input_token_price=Decimal("0.06"), output_token_price=Decimal("0.24")
)

RICE = Product(
    id="rice-1kg",
    name="Rice",
    category="Grains",
    pack_quantity=Decimal(1),
    pack_unit="kilogram",
    price_kobo=120_050,
)
OIL = Product(
    id="oil-1l",
    name="Groundnut Oil",
    category="Oils",
    pack_quantity=Decimal(1),
    pack_unit="liter",
    price_kobo=250_000,
)


NOT_ASKED = Answer(unanswered={0: Unanswered.UNAVAILABLE})


class Model:
    """Chooses the product with this id for every unclear line, and counts what it was asked."""

    USAGE = Usage(input_tokens=120, output_tokens=30)

    def __init__(self, product_id: str) -> None:
        self.product_id = product_id
        self.asked: list[str] = []

    def __call__(self, questions: Sequence[Question]) -> Answer:
        self.asked += [question.line.name for question in questions]
        choices = tuple(
            Choice(number, self.product_id, Decimal("0.9")) for number, _ in enumerate(questions)
        )
        return Answer(choices, self.USAGE)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def catalog(catalog_table: Table) -> CatalogStore:
    """A shop with rice and oil."""
    catalog = CatalogStore(catalog_table)
    catalog.put_products([RICE, OIL])
    return catalog


def fill(
    order: Order,
    store: OrderStore,
    catalog: CatalogStore,
    choose: Chooser | None = None,
    cache: IndexCache | None = None,
) -> Basket:
    shop = Shop(catalog, AliasStore(catalog._table), cache or IndexCache())
    return fill_basket(order.order_id, store, shop, TUNABLES, choose)


def wanting(store: OrderStore, *names: str) -> Order:
    return stored(store, a_new_order(requested=[requested_line(name) for name in names]))


class TestFilling:
    def test_a_retry_overtaken_by_the_late_write_of_the_first_attempt_keeps_its_lines(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        order = wanting(store, "rice", "oil")

        class OvertakenCache(IndexCache):
            def get(self, catalog: CatalogStore, max_age_seconds: float) -> CatalogIndex:
                fill(order, store, catalog)
                return super().get(catalog, max_age_seconds)

        again = fill(order, store, catalog, cache=OvertakenCache()).order

        assert again.status is S.MATCHED
        assert again == store.get(order.order_id)

    def test_products_and_their_prices_are_recorded(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        basket = fill(wanting(store, "rice", "unicorn"), store, catalog)

        order = basket.order
        assert order.status is S.MATCHED
        (line,) = order.lines
        assert (line.product_id, line.packs, line.line_total_kobo) == ("rice-1kg", 2, 240_100)
        assert line.matched_by is MatchedBy.EXACT
        assert [each.text for each in order.unmatched] == ["2 kg unicorn"]
        assert order.total_kobo == 240_100
        assert basket.answer.usage == Usage()
        assert order == store.get(order.order_id)

    def test_clear_names_do_not_cost_a_call_of_the_model(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        model = Model("oil-1l")

        fill(wanting(store, "rice"), store, catalog, model)

        assert model.asked == []

    def test_unclear_names_are_the_models_and_its_cost_is_told(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        model = Model("oil-1l")

        basket = fill(wanting(store, "rice", "frying oil"), store, catalog, model)

        assert model.asked == ["frying oil"]
        assert basket.answer.usage == Model.USAGE
        order = basket.order
        assert order.model_use == ModelUse(
            model_id="a.model-v1",
            prompt_version="choose_products.v1",
            input_tokens=120,
            output_tokens=30,
            cost_usd=Decimal("0.000014"),  # 120 x 0.06 + 30 x 0.24 millionths
        )
        assert [(line.product_id, line.matched_by) for line in order.lines] == [
            ("rice-1kg", MatchedBy.EXACT),
            ("oil-1l", MatchedBy.MODEL),
        ]

    def test_what_the_model_resolved_is_remembered_for_the_next_order(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        model = Model("oil-1l")
        fill(wanting(store, "frying oil"), store, catalog, model)

        basket = fill(wanting(store, "Frying  OIL"), store, catalog, model)

        assert model.asked == ["frying oil"]
        assert basket.answer.usage == Usage()
        assert basket.order.model_use is None
        assert basket.order.lines[0].matched_by is MatchedBy.ALIAS

    def test_what_was_remembered_of_a_name_counts_for_every_size_of_it(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        groundnut = OIL.model_copy(update={"synonyms": ("frying oil",)})
        five = {"id": "oil-5l", "pack_quantity": Decimal(5), "price_kobo": 1_200_000}
        soya = {"id": "soya-oil-1l", "name": "Soya Oil", "price_kobo": 240_000}
        catalog.put_products([groundnut, *(groundnut.model_copy(update=to) for to in (five, soya))])
        model = Model("oil-1l")
        fill(wanting(store, "frying oil"), store, catalog, model)
        line = requested_line("big frying oil", quantity=Decimal(1), unit="")

        basket = fill(stored(store, a_new_order(requested=[line])), store, catalog, model)

        assert model.asked == ["frying oil"]
        [bought] = basket.order.lines
        assert (bought.product_id, bought.packs) == ("oil-5l", 1)
        assert bought.matched_by is MatchedBy.ALIAS

    @pytest.mark.parametrize(
        ("change", "by"),
        [
            ({"price_kobo": 999}, MatchedBy.ALIAS),
            ({"name": "Soya Oil"}, MatchedBy.MODEL),
            ({"pack_quantity": Decimal(5)}, MatchedBy.MODEL),
            ({"synonyms": ("arachide",)}, MatchedBy.MODEL),
        ],
    )
    def test_what_was_remembered_is_forgotten_when_the_product_becomes_another(
        self, store: OrderStore, catalog: CatalogStore, change: dict[str, object], by: MatchedBy
    ) -> None:
        model = Model("oil-1l")
        fill(wanting(store, "frying oil"), store, catalog, model)
        catalog.put_products([RICE, OIL.model_copy(update=change)])

        order = fill(wanting(store, "frying oil"), store, catalog, model).order

        assert order.lines[0].matched_by is by

    def test_what_the_parser_could_not_read_stays_on_the_list_of_what_is_missing(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        unread = UnmatchedLine(text="Vegetables:", reason="We could not read this as an item.")
        order = stored(
            store, a_new_order(requested=[requested_line("unicorn")], unmatched=[unread])
        )

        filled = fill(order, store, catalog).order

        assert [line.text for line in filled.unmatched] == ["Vegetables:", "2 kg unicorn"]

    def test_a_total_above_the_limit_is_refused_with_both_figures(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        # 999 packs at NGN 10,804.50 are NGN 10,793,695.50.
        catalog.put_products([RICE.model_copy(update={"price_kobo": 1_080_450})])
        lines = [requested_line("rice", quantity=Decimal(999), unit="package")]
        order = stored(store, a_new_order(requested=lines))

        with pytest.raises(InvalidOrder, match=r"₦10,793,695\.50 .* ₦10,000,000\.00"):
            fill(order, store, catalog)

        assert store.get(order.order_id) == order

    def test_nothing_matched_is_recorded_too(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        order = fill(wanting(store, "unicorn"), store, catalog).order

        assert (order.status, order.lines, order.total_kobo) == (S.MATCHED, [], 0)


class TestAgain:
    def test_a_filled_basket_is_left_as_it_is(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        model = Model("oil-1l")
        first = fill(wanting(store, "frying oil"), store, catalog, model).order
        catalog.put_products([RICE, OIL.model_copy(update={"price_kobo": 999})])

        again = fill(first, store, catalog, model)

        assert again == Basket(first)
        assert model.asked == ["frying oil"]

    @pytest.mark.parametrize("status", [S.PAYMENT_INITIATED, S.PAYMENT_DELAYED, S.FAILED])
    def test_an_order_that_went_on_keeps_its_products(
        self, store: OrderStore, catalog: CatalogStore, status: OrderStatus
    ) -> None:
        order = stored(store, an_order(status=status, lines=[matched_line(7, 11)]))

        assert fill(order, store, catalog) == Basket(order)

    def test_an_order_that_failed_before_it_was_matched_is_matched_now(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        failed = stored(store, a_new_order(status=S.FAILED))

        order = fill(failed, store, catalog).order

        assert order.status is S.MATCHED
        assert order.lines

    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_an_order_that_has_ended_is_left_alone(
        self, store: OrderStore, catalog: CatalogStore, status: OrderStatus
    ) -> None:
        order = stored(store, a_new_order(status=status))

        with pytest.raises(OrderAlreadyClosed, match=status):
            fill(order, store, catalog)

        assert store.get(order.order_id) == order


class TestTrouble:
    def test_an_outage_of_the_model_leaves_the_order_to_be_matched(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        order = wanting(store, "frying oil")

        def out(questions: Sequence[Question]) -> Answer:
            raise BedrockUnavailable(f"{len(questions)} left open")

        with pytest.raises(BedrockUnavailable):
            fill(order, store, catalog, out)
        assert store.get(order.order_id) == order

        assert fill(order, store, catalog) == Basket(
            order, NOT_ASKED, pending=Unanswered.UNAVAILABLE
        )

    def test_an_order_in_which_nothing_can_be_looked_up_is_matched_once_it_can(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        order = wanting(store, "frying oil")
        fill(order, store, catalog)
        parked = order.model_copy(update={"status": S.NEEDS_ATTENTION, "status_reason": "Later."})
        stored(store, parked)

        basket = fill(parked, store, catalog, Model("oil-1l"))

        assert basket.order.status is S.MATCHED
        assert [line.matched_by for line in basket.order.lines] == [MatchedBy.MODEL]
        assert basket.order.status_reason is None
        assert basket.pending is None

    def test_an_order_with_products_goes_on_without_what_can_not_be_looked_up(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        basket = fill(wanting(store, "rice", "frying oil"), store, catalog)

        assert (basket.order.status, basket.pending) == (S.MATCHED, None)
        assert [line.product_id for line in basket.order.lines] == ["rice-1kg"]
        assert [line.reason for line in basket.order.unmatched] == [NOT_LOOKED_UP]

    @pytest.mark.parametrize(
        ("reasons", "pending"),
        [
            ((Unanswered.UNAVAILABLE, Unanswered.NOT_UNDERSTOOD), Unanswered.UNAVAILABLE),
            ((Unanswered.NOT_UNDERSTOOD, Unanswered.BLOCKED), Unanswered.NOT_UNDERSTOOD),
            ((Unanswered.BLOCKED, Unanswered.BLOCKED), None),
        ],
    )
    def test_lines_that_were_not_asked_about_decide_what_an_order_waits_for(
        self,
        store: OrderStore,
        catalog: CatalogStore,
        reasons: Sequence[Unanswered],
        pending: Unanswered | None,
    ) -> None:
        answer = Answer(unanswered=dict(enumerate(reasons)))

        basket = fill(wanting(store, "frying oil", "cashew oil"), store, catalog, lambda _: answer)

        assert basket.pending is pending
        assert basket.order.status is (S.PENDING_MATCHING if pending else S.MATCHED)

    def test_what_was_learned_outlives_a_failed_write_of_the_order(
        self, store: OrderStore, catalog: CatalogStore, fail_calls: FailCalls
    ) -> None:
        order = wanting(store, "frying oil")
        error = client_error("AccessDeniedException")
        fail_calls(store._table.meta.client, "UpdateItem", error)

        with pytest.raises(type(error)):
            fill(order, store, catalog, Model("oil-1l"))

        found = AliasStore(catalog._table).find(["frying oil"])
        assert found == {"frying oil": Alias("oil-1l", OIL.fingerprint)}

    def test_names_and_products_are_read_in_one_request_also_where_an_alias_is_known(
        self, store: OrderStore, catalog: CatalogStore, record_calls: RecordCalls
    ) -> None:
        AliasStore(catalog._table).remember({"rise": RICE}, days=1)
        order = wanting(store, "rise")
        reads = record_calls(catalog._table.meta.client, "BatchGetItem")

        (line,) = fill(order, store, catalog).order.lines

        assert (line.product_id, line.matched_by) == ("rice-1kg", MatchedBy.ALIAS)
        assert len(reads) == 1

    def test_an_alias_that_is_like_no_product_is_read_too(
        self, store: OrderStore, catalog: CatalogStore, record_calls: RecordCalls
    ) -> None:
        AliasStore(catalog._table).remember({"xxxx": OIL}, days=1)
        order = wanting(store, "xxxx")
        reads = record_calls(catalog._table.meta.client, "BatchGetItem")

        (line,) = fill(order, store, catalog).order.lines

        assert (line.product_id, line.matched_by) == ("oil-1l", MatchedBy.ALIAS)
        assert len(reads) == 2


class TestIndexCache:
    def test_the_index_is_kept_up_to_its_age(self, catalog: CatalogStore) -> None:
        clock = Clock()
        cache = IndexCache(clock)
        first = cache.get(catalog, 60)
        clock.now += 60

        assert cache.get(catalog, 60) is first

    def test_an_older_index_is_built_anew(self, catalog: CatalogStore) -> None:
        clock = Clock()
        cache = IndexCache(clock)
        cache.get(catalog, 60)
        catalog.put_products([OIL])
        clock.now += 60.5

        assert cache.get(catalog, 60).named("rice") == ()
        assert cache.get(catalog, 60).named("groundnut oil") == ("oil-1l",)

    def test_with_an_age_of_nothing_the_catalog_is_always_read_anew(
        self, catalog: CatalogStore
    ) -> None:
        clock = Clock()
        cache = IndexCache(clock)
        cache.get(catalog, 0)
        catalog.put_products([OIL])
        clock.now += 0.001

        assert cache.get(catalog, 0).named("rice") == ()

    def test_an_empty_catalog_is_an_error_until_it_is_loaded(self, catalog: CatalogStore) -> None:
        cache = IndexCache(Clock())
        catalog.put_products([])
        with pytest.raises(CatalogEmptyError, match="orders catalog load FILE"):
            cache.get(catalog, 60)

        catalog.put_products([OIL])

        assert cache.get(catalog, 60).named("groundnut oil") == ("oil-1l",)

    def test_a_catalog_that_has_not_changed_keeps_its_index(self, catalog: CatalogStore) -> None:
        clock = Clock()
        cache = IndexCache(clock)
        first = cache.get(catalog, 60)
        clock.now += 61

        assert cache.get(catalog, 60) is first
        catalog.put_products([OIL])
        clock.now += 60
        assert cache.get(catalog, 60) is first
        clock.now += 1
        assert cache.get(catalog, 60) is not first

    def test_it_ages_from_before_it_was_loaded(self, catalog: CatalogStore) -> None:
        clock = Clock()

        class Slow(CatalogStore):
            def load_products(self) -> list[Product]:
                clock.now += 50
                return catalog.load_products()

        slow = Slow(catalog._table)
        cache = IndexCache(clock)
        cache.get(slow, 60)
        catalog.put_products([OIL])
        clock.now += 11

        assert cache.get(slow, 60).named("rice") == ()

    def test_prices_are_fresh_though_the_index_is_not(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        cache = IndexCache(Clock())
        fill(wanting(store, "rice"), store, catalog, cache=cache)
        catalog.put_products([RICE.model_copy(update={"price_kobo": 130_000}), OIL])

        order = fill(wanting(store, "rice"), store, catalog, cache=cache).order

        assert order.total_kobo == 260_000

    def test_what_is_sold_out_since_is_not_sold(
        self, store: OrderStore, catalog: CatalogStore
    ) -> None:
        cache = IndexCache(Clock())
        fill(wanting(store, "rice"), store, catalog, cache=cache)
        catalog.put_products([RICE.model_copy(update={"available": False}), OIL])

        order = fill(wanting(store, "rice"), store, catalog, cache=cache).order

        assert order.lines == []
        assert order.unmatched[0].reason == "Out of stock: Rice."
