"""How many packs cover what was asked."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.matching.packs import MAX_PACKS, Cover, Fit, cover
from orderflow.units import MEASURES

_GRAMS = {
    "gram": Decimal(1),
    "kilogram": Decimal(1000),
    "ounce": Decimal("28.349523125"),
    "pound": Decimal("453.59237"),
}
_MILLILITRES = {
    "milliliter": Decimal(1),
    "centiliter": Decimal(10),
    "liter": Decimal(1000),
    "cup": Decimal(240),
    "tablespoon": Decimal(15),
    "teaspoon": Decimal(5),
}
_amounts = st.decimals(min_value="0.01", max_value="10000", places=2)
_measures = st.sampled_from([_GRAMS, _MILLILITRES])


def _packs(quantity: str, unit: str, pack_quantity: str, pack_unit: str) -> int | None:
    covered = cover(Decimal(quantity), unit, Decimal(pack_quantity), pack_unit)
    return covered.packs if covered else None


@pytest.mark.parametrize(
    ("quantity", "unit", "pack_quantity", "pack_unit", "packs"),
    [
        ("2", "cup", "1", "liter", 1),
        ("5", "cup", "1", "liter", 2),
        ("1", "kilogram", "500", "gram", 2),
        ("1", "kilogram", "1000", "gram", 1),
        ("1", "pound", "450", "gram", 2),
        ("75", "centiliter", "1.5", "liter", 1),
        ("1", "mudu", "1", "kilogram", 2),
        ("1", "paint", "5", "kilogram", 1),
    ],
)
def test_measures_are_converted_and_rounded_up(
    quantity: str, unit: str, pack_quantity: str, pack_unit: str, packs: int
) -> None:
    assert _packs(quantity, unit, pack_quantity, pack_unit) == packs


@pytest.mark.parametrize(
    ("quantity", "unit", "pack_quantity", "pack_unit", "packs"),
    [
        ("3", "", "12", "", 1),
        ("13", "", "12", "", 2),
        ("3", "", "1", "", 3),
        ("1", "crate", "12", "", 3),
        ("1", "tray", "30", "", 1),
        ("6", "piece", "12", "bottle", 1),
        ("20", "bottle", "12", "bottle", 2),
        ("2", "loaf", "1", "loaf", 2),
    ],
)
def test_pieces_and_equal_containers_are_counted_within_the_pack(
    quantity: str, unit: str, pack_quantity: str, pack_unit: str, packs: int
) -> None:
    assert _packs(quantity, unit, pack_quantity, pack_unit) == packs


@pytest.mark.parametrize(
    ("quantity", "unit", "pack_quantity", "pack_unit", "packs"),
    [
        ("2", "can", "150", "gram", 2),
        ("3", "", "70", "gram", 3),
        ("2", "carton", "12", "bottle", 2),
        ("1.5", "wibble", "1", "kilogram", 2),
        ("4", "clove", "1", "", 1),
        ("11", "clove", "1", "", 2),
        ("6", "slice", "1", "loaf", 1),
        ("10", "rasher", "1", "package", 2),
    ],
)
def test_what_can_not_be_converted_counts_packs(
    quantity: str, unit: str, pack_quantity: str, pack_unit: str, packs: int
) -> None:
    assert _packs(quantity, unit, pack_quantity, pack_unit) == packs


def test_volume_covers_mass_as_if_it_were_water() -> None:
    assert cover(Decimal(3), "cup", Decimal(400), "gram") == Cover(2, Fit.BY_WATER, is_exact=False)


@pytest.mark.parametrize(("quantity", "unit", "packs"), [("2", "kilogram", 2), ("500", "gram", 1)])
def test_a_weight_of_pieces_takes_one_for_each_started_kilogram(
    quantity: str, unit: str, packs: int
) -> None:
    covered = cover(Decimal(quantity), unit, Decimal(1), "tuber")

    assert covered is not None
    assert (covered.packs, covered.fit) == (packs, Fit.BY_PACK)


@pytest.mark.parametrize("quantity", ["0", "-1", "1000", "1E+999999"])
def test_amounts_outside_1_to_999_packs_are_not_covered(quantity: str) -> None:
    assert _packs(quantity, "", "1", "") is None


def test_the_largest_and_the_smallest_amounts_are_covered() -> None:
    assert _packs("999", "", "1", "") == MAX_PACKS
    assert _packs("1E-999999", "gram", "1", "kilogram") == 1


@pytest.mark.parametrize("unit", sorted(MEASURES))
def test_every_measure_of_the_list_parser_can_be_converted(unit: str) -> None:
    covered = cover(Decimal(1), unit, Decimal(50), "kilogram")
    assert covered is not None
    assert covered.fit in {Fit.MEASURED, Fit.BY_WATER}


@given(_measures, st.data(), _amounts, _amounts)
def test_packs_hold_what_is_asked_and_one_fewer_would_not(
    sizes: dict[str, Decimal], data: st.DataObject, asked: Decimal, held: Decimal
) -> None:
    unit, pack_unit = (data.draw(st.sampled_from(sorted(sizes))) for _ in range(2))
    covered = cover(asked, unit, held, pack_unit)
    asked_base, held_base = asked * sizes[unit], held * sizes[pack_unit]
    if covered is None:
        assert asked_base > held_base * MAX_PACKS
    else:
        assert covered.packs * held_base >= asked_base
        assert (covered.packs - 1) * held_base < asked_base


@given(st.integers(1, 5000), st.integers(1, 100))
def test_pieces_are_covered_by_the_fewest_packs(asked: int, held: int) -> None:
    covered = cover(Decimal(asked), "", Decimal(held), "")
    if covered is None:
        assert asked > held * MAX_PACKS
    else:
        assert (covered.packs - 1) * held < asked <= covered.packs * held
