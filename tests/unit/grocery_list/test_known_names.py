"""Every name of a catalog reads back as one line, as itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.catalog.csv_file import read_csv
from orderflow.grocery_list.catalog_names import known_names_of
from orderflow.grocery_list.known_names import KnownNames
from orderflow.grocery_list.parser import parse
from scripts.local.stack.seed import CATALOG

NAMES = [name for product in read_csv(CATALOG) for name in (product.name, *product.synonyms)]
KNOWN = known_names_of(NAMES)

WORDS = st.sampled_from(
    ["Milk", "and", "2", "500g", "plus", "Fresh", "-", "(Red)", "x", "for", "bag", "of", "7", "6pm"]
)
PRODUCT_NAMES = (
    st.lists(WORDS, min_size=1, max_size=5)
    .map(" ".join)
    .filter(lambda name: any(map(str.isalpha, name)))
)


def _reads_as_itself(name: str, known: KnownNames) -> bool:
    lines = parse(name, known).lines
    return [(line.name, line.quantity, line.unit) for line in lines] == [(name, 1, "")]


def test_every_name_of_the_shipped_catalog_reads_back_as_itself() -> None:
    assert [name for name in NAMES if not _reads_as_itself(name, KNOWN)] == []


@given(st.lists(PRODUCT_NAMES, min_size=1, max_size=6))
def test_the_names_of_any_catalog_read_back_as_themselves(names: list[str]) -> None:
    known = known_names_of(names)

    assert [name for name in names if not _reads_as_itself(name, known)] == []


@given(st.lists(PRODUCT_NAMES, max_size=6))
def test_packed_names_unpack_to_the_same(names: list[str]) -> None:
    known = known_names_of(names)

    assert KnownNames.unpack(known.pack()) == known


def test_what_is_not_packed_names_is_refused() -> None:
    with pytest.raises(ValueError, match="not packed names"):
        KnownNames.unpack(b"something else")


def test_a_name_keeps_its_amount_beside_it() -> None:
    known = known_names_of(["Golden Morn Maize and Soya", "Peak Milk 123", "Sugar 2"])

    lines = parse(
        "2 packs golden morn maize and soya, peak milk 123 x 4, sugar 2 bags", known
    ).lines

    assert [(str(line.quantity), line.unit, line.name) for line in lines] == [
        ("2", "package", "golden morn maize and soya"),
        ("4", "", "peak milk 123"),
        ("2", "bag", "sugar"),
    ]


def test_names_tell_apart_what_nothing_separates() -> None:
    known = known_names_of(["Zobo", "Kuli Kuli", "Fura"])

    assert [line.name for line in parse("zobo kuli kuli fura", known).lines] == [
        "zobo",
        "kuli kuli",
        "fura",
    ]
    assert len(parse("zobos kuli kulis furas").lines) == 1
