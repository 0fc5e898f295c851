"""Names that customers used, and the products that were chosen for them.

They are items of the ``catalog`` table (partition key ``kind``, here ``ALIAS``; sort key ``id``,
the normalised name). They hold until their ``ttl``, or until the product has another fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from orderflow.catalog.product import Product
from orderflow.clock import Clock, iso, utc_now
from orderflow.platform.dynamodb import get_items, is_sort_key, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ALIAS_KIND: Final = "ALIAS"


@dataclass(frozen=True, slots=True)
class Alias:
    """The product that was chosen for a name, and its fingerprint at that time."""

    product_id: str
    fingerprint: str

    def holds(self, products: Mapping[str, Product]) -> bool:
        """Whether the product is among these with the same fingerprint."""
        product = products.get(self.product_id)
        return product is not None and product.fingerprint == self.fingerprint


def alias_keys(names: Iterable[str]) -> list[dict[str, str]]:
    """The keys of these normalised names' aliases.

    Names that a key can't hold (empty, or longer than 1,024 bytes) are never stored.
    """
    return [{"kind": ALIAS_KIND, "id": name} for name in filter(is_sort_key, names)]


class AliasStore:
    """The remembered names in DynamoDB.

    Every method raises ``StoreUnavailable`` when DynamoDB throttles, fails or can't be reached.

    Args:
        table: the boto3 table of the catalog.
        now: returns the present time, in UTC.
    """

    def __init__(self, table: Table, now: Clock = utc_now) -> None:
        self._table = table
        self._now = now

    def find(self, names: Iterable[str]) -> dict[str, Alias]:
        """The stored alias of each of these normalised names, unless it has expired."""
        return self.among(get_items(self._table, alias_keys(names)))

    def among(self, items: Iterable[Mapping[str, Any]]) -> dict[str, Alias]:
        """The aliases among items of the catalog, by their names, but for those that expired."""
        now = int(self._now().timestamp())
        # DynamoDB deletes expired items days late.
        return {
            str(item["id"]): Alias(str(item["productId"]), str(item.get("fingerprint", "")))
            for item in items
            if item["kind"] == ALIAS_KIND and int(item["ttl"]) > now
        }

    def remember(self, aliases: Mapping[str, Product], days: int) -> None:
        """Store for so many days which product each normalised name means."""
        learned_at = self._now()
        expires = int((learned_at + timedelta(days=days)).timestamp())
        with translated_errors(), self._table.batch_writer() as batch:
            for name in filter(is_sort_key, aliases):
                batch.put_item(
                    Item={
                        "kind": ALIAS_KIND,
                        "id": name,
                        "productId": aliases[name].id,
                        "fingerprint": aliases[name].fingerprint,
                        "learnedAt": iso(learned_at),
                        "ttl": expires,
                    }
                )
