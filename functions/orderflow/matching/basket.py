"""The workflow's matching step: an order's requested lines become products with prices."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from orderflow.catalog.aliases import Alias, AliasStore, alias_keys
from orderflow.catalog.product import Product
from orderflow.catalog.store import CatalogStore, product_keys, products_among
from orderflow.errors import CatalogEmptyError, IllegalTransitionError, InvalidOrder
from orderflow.matching.bedrock import PROMPT_VERSION
from orderflow.matching.chooser import Answer, Chooser, Unanswered, Usage
from orderflow.matching.matcher import (
    CatalogIndex,
    MatchResult,
    candidate_ids,
    match_lines,
    normalise,
    sizes_apart,
)
from orderflow.matching.rules import Rules
from orderflow.matching.tunables import Tunables
from orderflow.money import naira
from orderflow.orders.lines import MatchedLine, ModelUse, RequestedLine, total_of
from orderflow.orders.model import MAX_TOTAL_KOBO, Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus


class IndexCache:
    """The catalog's index, kept between a function's invocations.

    Only names are used; prices and availability are read fresh for every order.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._loaded_at = 0.0
        self._products: list[Product] = []
        self._index: CatalogIndex | None = None

    def get(self, catalog: CatalogStore, max_age_seconds: float) -> CatalogIndex:
        """The index of a catalog that was read at most ``max_age_seconds`` ago.

        A catalog that has not changed keeps its index: to build one takes longer than to read it.

        Raises:
            CatalogEmptyError: it holds no products. Orders fail and are replayed once it is loaded;
                otherwise each would be rejected for good, as if the shop sold nothing of it.
        """
        if self._index is None or self._clock() - self._loaded_at > max_age_seconds:
            loaded_at = self._clock()
            products = catalog.load_products()
            if not products:
                raise CatalogEmptyError(
                    "The catalog holds no products. Load it (orders catalog load FILE), then replay"
                    " the orders that failed."
                )
            if self._index is None or products != self._products:
                self._index, self._products = CatalogIndex(products), products
            self._loaded_at = loaded_at
        return self._index


@dataclass(frozen=True, slots=True)
class Basket:
    """An order after the matching step.

    Attributes:
        order: the order.
        answer: what the model answered (nothing where it was not asked).
        pending: why nothing was found for now, of an order in which something may be found later.
            Such an order is not recorded as matched.
    """

    order: Order
    answer: Answer = field(default_factory=Answer)
    pending: Unanswered | None = None


def fill_basket(
    order_id: str,
    store: Orders,
    shop: Shop,
    tunables: Tunables,
    choose: Chooser | None,
) -> Basket:
    """Match the order's lines and record them, unless an earlier run did.

    Raises:
        OrderAlreadyClosed: the order has ended.
        BedrockUnavailable: the model was asked and gave no answer.
        InvalidOrder: the total is above our limit.
    """
    order = store.get(order_id)
    order.refuse_if_closed()
    if _is_filled(order):
        return Basket(order)
    result = shop.match(order.requested, tunables, choose)
    if result.pending and not result.lines:
        return Basket(order, result.answer, _pending(result.pending))
    _check_total(result.lines)
    unmatched = [*order.unmatched, *result.unmatched]  # what the parser left, then what we do
    model_use = _model_use(result.answer.usage, tunables)
    try:
        order = store.record_matches(order_id, result.lines, unmatched, model_use)
    except IllegalTransitionError:
        # The write of an earlier attempt, which gave up waiting for its answer, came in between.
        order = store.get(order_id)
        order.refuse_if_closed()
        if not _is_filled(order):
            raise
    return Basket(order, result.answer)


@dataclass(frozen=True, slots=True)
class Shop:
    """What is sold, and what customers have called it."""

    catalog: CatalogStore
    aliases: AliasStore
    index_cache: IndexCache

    def match(
        self, lines: Sequence[RequestedLine], tunables: Tunables, choose: Chooser | None
    ) -> MatchResult:
        """Match lines at today's prices, and remember what the model resolved.

        Raises:
            BedrockUnavailable: the model was asked and gave no answer.
        """
        index = self.index_cache.get(self.catalog, tunables.catalog_max_age_seconds)
        lines = sizes_apart(lines, index)
        aliases, products = self._read(lines, index, tunables.rules)
        believed = {
            name: alias.product_id for name, alias in aliases.items() if alias.holds(products)
        }
        result = match_lines(lines, index, products, believed, choose, tunables.rules)
        if result.learned:
            learned = {name: products[id_] for name, id_ in result.learned.items()}
            self.aliases.remember(learned, tunables.alias_days)
        return result

    def _read(
        self, lines: Sequence[RequestedLine], index: CatalogIndex, rules: Rules
    ) -> tuple[dict[str, Alias], dict[str, Product]]:
        """The names' aliases, and all products that lines and aliases may mean.

        Most aliases mean a product that the name is like anyway, so that one request reads both.
        """
        names = {normalise(line.name) for line in lines}
        wanted = candidate_ids(lines, index, rules)
        items = self.catalog.get_items([*alias_keys(names), *product_keys(wanted)])
        aliases, products = self.aliases.among(items), products_among(items)
        remembered = {
            id_ for alias in aliases.values() for id_ in index.family(alias.product_id)
        } - wanted
        return aliases, products | self.catalog.get_products(remembered)


def _model_use(usage: Usage, tunables: Tunables) -> ModelUse | None:
    if usage == Usage():
        return None
    return ModelUse(
        model_id=tunables.model_id,
        prompt_version=PROMPT_VERSION,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=tunables.cost_usd(usage.input_tokens, usage.output_tokens),
    )


def _pending(reasons: frozenset[Unanswered]) -> Unanswered:
    """Where some lines were not asked about, the order waits for the model and asks again."""
    unavailable = Unanswered.UNAVAILABLE
    return unavailable if unavailable in reasons else Unanswered.NOT_UNDERSTOOD


def _is_filled(order: Order) -> bool:
    """Matched once, an order keeps its products and prices, also when it is run again."""
    if order.status is OrderStatus.MATCHED:
        return True
    # The others may have come to their status before they were matched.
    return bool(order.lines)


def _check_total(lines: Sequence[MatchedLine]) -> None:
    total_kobo = total_of(lines)
    if total_kobo > MAX_TOTAL_KOBO:
        raise InvalidOrder(
            f"The total of {naira(total_kobo)} is above our limit of "
            f"{naira(MAX_TOTAL_KOBO)}. Please split the list into several orders."
        )
