"""Catalog files and the catalog table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from orderflow.catalog.aliases import AliasStore
from orderflow.catalog.csv_file import COLUMNS, CatalogFileError, read_csv
from orderflow.catalog.product import Product
from orderflow.catalog.store import CatalogChanges, CatalogStore
from orderflow.errors import StoreUnavailable
from orderflow.matching.matcher import CatalogIndex
from tests.support.paths import PROJECT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_ROOT = PROJECT
_SHIPPED = _ROOT / "scripts" / "local" / "catalog.csv"
_HEADER = ",".join(COLUMNS)
_MILK = "milk-1l,Milk,Peak,Dairy,1,litre,2950.50,yes,liquid milk|Mílk"
_NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def _problems(*lines: str) -> list[tuple[int, str]]:
    with pytest.raises(CatalogFileError) as raised:
        read_csv(lines)
    return [(problem.line, problem.column) for problem in raised.value.problems]


def _row(**changes: str) -> str:
    values = dict(zip(COLUMNS, _MILK.split(","), strict=True)) | changes
    return ",".join(values[column] for column in COLUMNS)


class TestFile:
    def test_a_row_becomes_a_product_with_its_price_in_kobo(self) -> None:
        assert read_csv([_HEADER, _MILK]) == [
            Product(
                id="milk-1l",
                name="Milk",
                brand="Peak",
                category="Dairy",
                pack_quantity=Decimal(1),
                pack_unit="liter",
                price_kobo=295_050,
                available=True,
                synonyms=("liquid milk", "Mílk"),
            )
        ]

    @pytest.mark.parametrize(
        ("unit", "canonical"), [("", ""), ("kg", "kilogram"), ("Loaf", "loaf"), ("tins", "can")]
    )
    def test_pack_units_may_be_written_as_in_a_list(self, unit: str, canonical: str) -> None:
        assert read_csv([_HEADER, _row(pack_unit=unit)])[0].pack_unit == canonical

    def test_columns_may_come_in_any_order_and_brand_and_synonyms_be_empty(self) -> None:
        header = ",".join(reversed(COLUMNS))
        row = ",".join(reversed(_row(brand="", synonyms="").split(",")))
        [product] = read_csv([header, row])
        assert (product.id, product.brand, product.synonyms) == ("milk-1l", "", ())

    @pytest.mark.parametrize(("grams", "weight"), [("", None), ("85.5", Decimal("85.5"))])
    def test_a_shop_may_say_what_a_piece_weighs(self, grams: str, weight: Decimal | None) -> None:
        [product] = read_csv([f"{_HEADER},piece_grams", f"{_MILK},{grams}"])
        assert product.piece_grams == weight

    @pytest.mark.parametrize("grams", ["0", "-1", "heavy"])
    def test_a_piece_weighs_something(self, grams: str) -> None:
        with pytest.raises(CatalogFileError, match="line 2, piece_grams: "):
            read_csv([f"{_HEADER},piece_grams", f"{_MILK},{grams}"])

    def test_a_spreadsheets_byte_order_mark_is_no_part_of_the_header(self, tmp_path: Path) -> None:
        path = tmp_path / "catalog.csv"
        path.write_text(f"{_HEADER}\r\n{_MILK}\r\n", encoding="utf-8-sig")
        assert len(read_csv(str(path))) == 1

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("id", ""),
            ("id", "Milk 1L"),
            ("name", " "),
            ("category", ""),
            ("pack_quantity", "0"),
            ("pack_quantity", "one"),
            ("pack_unit", "wibble"),
            ("price_ngn", "0"),
            ("price_ngn", "-5"),
            ("price_ngn", "10.005"),
            ("price_ngn", "10000000"),
            ("price_ngn", "NaN"),
            ("price_ngn", "N500"),
            ("price_ngn", ""),
            ("available", "maybe"),
            ("available", ""),
        ],
    )
    def test_a_bad_value_is_reported_with_its_line_and_column(
        self, column: str, value: str
    ) -> None:
        other = _row(id="other")
        assert _problems(_HEADER, other, _row(**{column: value})) == [(3, column)]

    def test_all_problems_are_reported_at_once_in_words(self) -> None:
        with pytest.raises(CatalogFileError) as raised:
            read_csv([_HEADER, _row(price_ngn="1.234", available="y"), _MILK, _MILK])
        assert str(raised.value).splitlines() == [
            "line 2, price_ngn: Decimal input should have no more than 2 decimal places",
            "line 2, available: must be yes or no",
            "line 4, id: milk-1l is already on line 3",
        ]

    def test_lines_are_counted_as_an_editor_does_when_values_run_over_several(self) -> None:
        long_name = '"Milk\n(full cream)"'
        lines = "\n".join([_HEADER, _row(name=long_name), _row(id="BAD")]).splitlines(True)
        assert _problems(*lines) == [(4, "id")]

    def test_rows_with_too_few_or_too_many_values_are_reported(self) -> None:
        assert _problems(_HEADER, "milk-1l,Milk", f"{_MILK},more") == [(2, ""), (3, "")]

    def test_missing_unknown_and_repeated_columns_are_reported(self) -> None:
        header = _HEADER.replace("brand", "color").replace("category", "name")
        assert _problems(header, _MILK) == [
            (1, "brand"),
            (1, "category"),
            (1, "color"),
            (1, "name"),
        ]

    @pytest.mark.parametrize("lines", [[], [_HEADER]])
    def test_a_file_without_products_is_refused(self, lines: list[str]) -> None:
        with pytest.raises(CatalogFileError):
            read_csv(lines)

    def test_a_file_in_another_encoding_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "catalog.csv"
        path.write_bytes(f"{_HEADER}\n{_MILK}\n".encode("latin-1"))
        with pytest.raises(CatalogFileError, match="UTF-8"):
            read_csv(path)

    def test_a_value_beyond_the_csv_readers_limit_is_refused(self) -> None:
        assert _problems(_HEADER, _row(name="x" * 200_000)) == [(1, "")]

    @given(st.decimals(min_value="0.01", max_value="9999999.99", places=2))
    def test_prices_are_exact_to_the_kobo(self, price: Decimal) -> None:
        [product] = read_csv([_HEADER, _row(price_ngn=str(price))])
        assert product.price_kobo == price * 100


class TestPackSize:
    @pytest.mark.parametrize(
        ("quantity", "unit", "words"),
        [
            ("1", "liter", "1 litre"),
            ("1.50", "liter", "1.5 litres"),
            ("500", "gram", "500 grams"),
            ("1", "", "each"),
            ("30", "", "30 pieces"),
            ("2", "loaf", "2 loaves"),
            ("3", "can", "3 tins"),
        ],
    )
    def test_packs_are_put_in_words(self, quantity: str, unit: str, words: str) -> None:
        product = Product(
            id="a", name="A", price_kobo=1, pack_quantity=Decimal(quantity), pack_unit=unit
        )
        assert product.pack_size == words


class TestShippedCatalog:
    def test_it_holds_a_few_hundred_products_of_every_aisle(self) -> None:
        products = read_csv(_SHIPPED)
        assert 350 <= len(products) <= 450
        assert min(Counter(product.category for product in products).values()) >= 3

    @pytest.mark.parametrize(
        "plain",
        [
            *("milk", "bread", "eggs", "rice", "sugar", "butter", "flour", "tomatoes", "onions"),
            *("okro", "gari", "corn", "agege bread"),
        ],
    )
    def test_plain_words_name_an_available_product(self, plain: str) -> None:
        products = {product.id: product for product in read_csv(_SHIPPED)}
        named = CatalogIndex(products.values()).named(plain)
        assert any(products[product_id].available for product_id in named)

    def test_the_example_in_the_documentation_loads(self) -> None:
        page = (_ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")
        example = page.split("```csv\n")[1].split("```")[0]
        assert len(read_csv(example.splitlines())) >= 3


@pytest.fixture
def table(catalog_table: Table) -> Table:
    return catalog_table


@pytest.fixture
def store(table: Table) -> CatalogStore:
    return CatalogStore(table, now=lambda: _NOON)


def _product(id_: str, price: int = 100, **more: Any) -> Product:
    return Product(id=id_, name=id_.title(), price_kobo=price, **more)


class TestStore:
    def test_products_come_back_as_they_were_put(self, store: CatalogStore) -> None:
        [product] = read_csv([_HEADER, _MILK])
        store.put_products([product])
        assert store.load_products() == [product]
        assert store.get_products(["milk-1l", "unknown"]) == {"milk-1l": product}

    def test_the_table_uses_the_documented_attributes(
        self, store: CatalogStore, table: Table
    ) -> None:
        store.put_products(read_csv([_HEADER, _MILK]))
        names, product = sorted(table.scan()["Items"], key=lambda item: str(item["kind"]))
        assert [product] == [
            {
                "kind": "PRODUCT",
                "id": "milk-1l",
                "name": "Milk",
                "brand": "Peak",
                "category": "Dairy",
                "packQuantity": Decimal(1),
                "packUnit": "liter",
                "priceKobo": Decimal(295_050),
                "available": True,
                "synonyms": ["liquid milk", "Mílk"],
                "updatedAt": "2026-01-31T12:00:00.000Z",
            }
        ]

        assert {key: names[key] for key in ("kind", "id", "updatedAt")} == {
            "kind": "NAMES",
            "id": "names",
            "updatedAt": "2026-01-31T12:00:00.000Z",
        }

    def test_the_names_of_products_and_their_synonyms_are_there_for_reading_lists(
        self, store: CatalogStore
    ) -> None:
        assert store.load_known_names() is None

        store.put_products([_product("a", synonyms=("Mac and Beans",)), _product("plain-thing")])
        names = store.load_known_names()

        assert names is not None
        assert ("mac", "and", "beans") in names.protected
        store.put_products([_product("yam")])
        changed = store.load_known_names()
        assert changed is not None
        assert changed.protected == frozenset()

    def test_loading_writes_what_differs_and_removes_what_is_gone(
        self, store: CatalogStore, table: Table
    ) -> None:
        store.put_products([_product("kept"), _product("dearer"), _product("gone")])
        AliasStore(table).remember({"old name": _product("kept")}, days=1)
        wanted = [_product("kept"), _product("dearer", price=200), _product("new")]
        assert store.put_products(wanted) == CatalogChanges(
            added=1, updated=1, unchanged=1, removed=1
        )
        assert {p.id: p.price_kobo for p in store.load_products()} == {
            "kept": 100,
            "dearer": 200,
            "new": 100,
        }
        assert AliasStore(table).find(["old name"])["old name"].product_id == "kept"

    def test_more_products_than_a_page_or_a_batch_holds_are_loaded(
        self, store: CatalogStore
    ) -> None:
        long_names = ("long " * 2000,)
        products = [_product(f"p{number}", synonyms=long_names) for number in range(150)]
        store.put_products(products)
        assert len(store.load_products()) == 150
        assert len(store.get_products(product.id for product in products)) == 150

    def test_nothing_asked_is_nothing_read(self, store: CatalogStore) -> None:
        assert store.get_products([]) == {}


class TestStoreInTrouble:
    """DynamoDB's answers are prepared, so that it can be busy on demand."""

    @pytest.fixture
    def stubbed(self) -> Iterator[tuple[CatalogStore, Stubber]]:
        resource = boto3.resource(
            "dynamodb",
            region_name="eu-west-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        with Stubber(resource.meta.client) as stubber:
            yield CatalogStore(resource.Table("catalog")), stubber

    @staticmethod
    def _item(id_: str) -> dict[str, Any]:
        return {"kind": {"S": "PRODUCT"}, "id": {"S": id_}, "name": {"S": id_}} | {
            "priceKobo": {"N": "100"}
        }

    @staticmethod
    def _left(*ids: str) -> dict[str, Any]:
        keys = [{"kind": {"S": "PRODUCT"}, "id": {"S": id_}} for id_ in ids]
        return {"catalog": {"Keys": keys, "ConsistentRead": True}}

    def test_keys_left_over_are_asked_for_again(
        self, stubbed: tuple[CatalogStore, Stubber]
    ) -> None:
        store, dynamodb = stubbed
        first = {"Responses": {"catalog": [self._item("a")]}, "UnprocessedKeys": self._left("b")}
        dynamodb.add_response("batch_get_item", first)
        dynamodb.add_response("batch_get_item", {"Responses": {"catalog": [self._item("b")]}})
        assert store.get_products(["a", "b"]).keys() == {"a", "b"}
        dynamodb.assert_no_pending_responses()

    def test_no_progress_at_all_means_that_the_store_is_unavailable(
        self, stubbed: tuple[CatalogStore, Stubber]
    ) -> None:
        store, dynamodb = stubbed
        nothing = {"Responses": {}, "UnprocessedKeys": self._left("a")}
        dynamodb.add_response("batch_get_item", nothing)
        with pytest.raises(StoreUnavailable):
            store.get_products(["a"])

    def test_throttling_means_that_the_store_is_unavailable(
        self, stubbed: tuple[CatalogStore, Stubber]
    ) -> None:
        store, dynamodb = stubbed
        for operation in ("query", "batch_get_item", "batch_write_item"):
            dynamodb.add_client_error(operation, "ThrottlingException", http_status_code=400)
        with pytest.raises(StoreUnavailable):
            store.load_products()
        with pytest.raises(StoreUnavailable):
            store.get_products(["a"])
        with pytest.raises(StoreUnavailable):
            AliasStore(store._table).remember({"a": _product("b")}, days=1)
