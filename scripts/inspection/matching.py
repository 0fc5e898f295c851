"""Why a line of a list becomes a product: its reading, the candidates, and their scores' parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderflow.catalog.aliases import AliasStore
from orderflow.catalog.index.search import CatalogIndex, Explanation
from orderflow.catalog.product import Product
from orderflow.matching.matcher import match_lines
from orderflow.matching.rules import Rules
from orderflow.matching.tunables import Tunables
from orderflow.orders.lines import MatchedLine, RequestedLine, UnmatchedLine
from orderflow.orders.submission import parse_list
from scripts.cli.deployment import Deployment


@dataclass(frozen=True)
class Runner:
    """A candidate for a line: its product, and why."""

    product: Product
    why: Explanation

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        words, brevity, head, aisle, spelling = (round(part, 3) for part in self.why.parts)
        return {
            "productId": self.product.id,
            "name": self.product.name,
            "packSize": self.product.pack_size,
            "available": self.product.available,
            "score": round(self.why.score, 3),
            "compared": self.why.name,
            "asked": [*self.why.asked],
            "worth": round(self.why.worth, 3),
            "parts": {
                "words": words,
                "brevity": brevity,
                "head": head,
                "aisle": aisle,
                "spelling": spelling,
            },
        }


@dataclass(frozen=True)
class LineMatch:
    """What a line becomes without the model, and the likeliest products.

    Attributes:
        line: how it was read.
        matched: the basket line; None where there is none.
        unmatched: why not.
        asks_model: whether the model would choose among the candidates.
        runners: the likeliest products, the best first.
    """

    line: RequestedLine
    matched: MatchedLine | None
    unmatched: UnmatchedLine | None
    asks_model: bool
    runners: list[Runner]

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {
            "line": self.line.model_dump(by_alias=True, mode="json"),
            "matched": self.matched and self.matched.model_dump(by_alias=True, mode="json"),
            "unmatched": self.unmatched and self.unmatched.model_dump(by_alias=True, mode="json"),
            "asksModel": self.asks_model,
            "candidates": [runner.as_json() for runner in self.runners],
        }


class MatchExplainer:
    """Matches lines as the function does, with the stage's catalog, aliases and settings.

    The model is not asked: that costs money.

    Args:
        deployment: the stage.
    """

    def __init__(self, deployment: Deployment) -> None:
        products = deployment.catalog.load_products()
        self.products: Mapping[str, Product] = {product.id: product for product in products}
        self._index = CatalogIndex(products)
        self._names = deployment.catalog.load_known_names()
        self._aliases = AliasStore(deployment.catalog_table)
        answer = deployment.client("ssm").get_parameter(Name=deployment.output("TunablesParameter"))
        self.rules: Rules = Tunables.model_validate_json(answer["Parameter"]["Value"]).rules

    def explain(self, text: str, limit: int) -> list[LineMatch]:
        """Explain each line of a list.

        Args:
            text: the list.
            limit: how many candidates of each line.

        Raises:
            InvalidOrder: nothing in the text is an item.
        """
        lines = parse_list(text, self._names).requested
        known = self._aliases.find(line.name for line in lines)
        remembered = {
            name: alias.product_id for name, alias in known.items() if alias.holds(self.products)
        }
        return [self._explain(line, remembered, limit) for line in lines]

    def _explain(self, line: RequestedLine, remembered: Mapping[str, str], limit: int) -> LineMatch:
        asked: list[Any] = []

        def choose(questions: Sequence[Any]) -> Any:
            asked.extend(questions)
            raise _ModelWouldBeAskedError

        try:
            result = match_lines([line], self._index, self.products, remembered, choose, self.rules)
        except _ModelWouldBeAskedError:
            result = match_lines([line], self._index, self.products, remembered, None, self.rules)
        explained = self._index.explain(line.name, limit)
        return LineMatch(
            line=line,
            matched=next(iter(result.lines), None),
            unmatched=next(iter(result.unmatched), None),
            asks_model=bool(asked),
            runners=[
                Runner(self.products[each.product_id], each)
                for each in explained
                if each.product_id in self.products
            ],
        )


class _ModelWouldBeAskedError(Exception):
    """The line is unclear: the function would ask the model."""
