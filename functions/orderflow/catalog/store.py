"""The products of the catalog in DynamoDB.

The ``catalog`` table (partition key ``kind``, sort key ``id``) holds three kinds of items:
``PRODUCT``, one for each product, ``ALIAS`` (:mod:`orderflow.catalog.aliases`), and one item
``NAMES``: what the products are called, packed for reading grocery lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from orderflow.catalog.product import Product
from orderflow.clock import Clock, iso, utc_now
from orderflow.grocery_list.catalog_names import known_names_of
from orderflow.grocery_list.known_names import KnownNames
from orderflow.platform.dynamodb import get_items, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

PRODUCT_KIND: Final = "PRODUCT"
_NAMES_KEY: Final = {"kind": "NAMES", "id": "names"}


@dataclass(frozen=True, slots=True)
class CatalogChanges:
    """The numbers of products that loading a catalog added, updated, left and removed."""

    added: int
    updated: int
    unchanged: int
    removed: int


class CatalogStore:
    """The catalog in DynamoDB.

    Every method raises ``StoreUnavailable`` when DynamoDB throttles, fails or can't be reached.

    Args:
        table: the boto3 table; its client's retries end before the caller's timeout.
        now: returns the present time, in UTC.
    """

    def __init__(self, table: Table, now: Clock = utc_now) -> None:
        self._table = table
        self._now = now

    def load_products(self) -> list[Product]:
        """All products, eventually consistent: for the index, not for prices."""
        pages = self._table.meta.client.get_paginator("query").paginate(
            TableName=self._table.name,
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues={":kind": PRODUCT_KIND},
        )
        with translated_errors():
            return [Product.model_validate(item) for page in pages for item in page["Items"]]

    def put_products(self, products: Iterable[Product]) -> CatalogChanges:
        """Make the table hold exactly these products, writing only what differs.

        The names that lists are read with are written, too. An interrupted load leaves a mix of old
        and new products; loading again completes it.
        """
        wanted = {product.id: product for product in products}
        present = {product.id: product for product in self.load_products()}
        removed = present.keys() - wanted.keys()
        added = wanted.keys() - present.keys()
        updated = {id_ for id_ in wanted.keys() & present.keys() if wanted[id_] != present[id_]}
        with translated_errors(), self._table.batch_writer() as batch:
            for id_ in sorted(added | updated):
                batch.put_item(Item=self._product_item(wanted[id_]))
            for id_ in sorted(removed):
                batch.delete_item(Key={"kind": PRODUCT_KIND, "id": id_})
            names = known_names_of(_names(wanted.values()))
            batch.put_item(Item={**_NAMES_KEY, "packed": names.pack(), **self._written_now()})
        unchanged = len(wanted) - len(added) - len(updated)
        return CatalogChanges(len(added), len(updated), unchanged, len(removed))

    def load_known_names(self) -> KnownNames | None:
        """What the products are called, eventually consistent; None before the first load."""
        with translated_errors():
            item = self._table.get_item(Key=_NAMES_KEY).get("Item")
        packed: Any = item["packed"] if item else None  # boto3's Binary, which bytes() opens
        return KnownNames.unpack(bytes(packed)) if item else None

    def get_products(self, ids: Iterable[str]) -> dict[str, Product]:
        """These products as they are now (strongly consistent), by id; unknown ids are left out."""
        return products_among(self.get_items(product_keys(ids)))

    def get_items(self, keys: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """The items with these keys (strongly consistent), in any order; unknown ones left out."""
        return [*get_items(self._table, keys)]

    def _product_item(self, product: Product) -> dict[str, Any]:
        fields = product.model_dump(by_alias=True, exclude_none=True)
        fields["synonyms"] = list(product.synonyms)
        return {"kind": PRODUCT_KIND, **fields, **self._written_now()}

    def _written_now(self) -> dict[str, str]:
        return {"updatedAt": iso(self._now())}


def product_keys(ids: Iterable[str]) -> list[dict[str, str]]:
    """The keys of these products."""
    return [{"kind": PRODUCT_KIND, "id": id_} for id_ in ids]


def products_among(items: Iterable[Mapping[str, Any]]) -> dict[str, Product]:
    """The products among items of the catalog, by id."""
    found = (Product.model_validate(item) for item in items if item["kind"] == PRODUCT_KIND)
    return {product.id: product for product in found}


def _names(products: Iterable[Product]) -> Iterator[str]:
    for product in products:
        yield product.name
        yield from product.synonyms
