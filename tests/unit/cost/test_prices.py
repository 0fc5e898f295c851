"""Bills, against sums made by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scripts.cost.prices import PriceError, bill, price_table, total
from scripts.cost.usage import Unit, Usage


def test_every_unit_has_one_price_with_its_source() -> None:
    table = price_table()
    assert sorted(row.unit for row in table.prices) == sorted(Unit)
    assert all(row.what and row.source for row in (*table.prices, *table.monthly))


def test_a_bill_is_amount_times_price() -> None:
    used = Usage()
    used.add(Unit.TRANSITIONS, 13)  # 13 x $0.025 / 1,000
    used.add(Unit.EMAILS, 2)  # 2 x $0.10 / 1,000
    used.add(Unit.WRITES, 56, "orders")  # 56 x $0.705 / 1,000,000
    used.add(Unit.FUNCTION_GB_SECONDS, 1.5)  # 1.5 x $0.0000133334
    costs = {each.unit: each.usd for each in bill(used, "eu-west-1")}
    assert costs == {
        Unit.TRANSITIONS: Decimal("0.000325"),
        Unit.EMAILS: Decimal("0.0002"),
        Unit.WRITES: Decimal("0.00003948"),
        Unit.FUNCTION_GB_SECONDS: Decimal("0.0000200001"),
    }
    assert total(used, "eu-west-1") == Decimal("0.0005844801")


def test_prices_differ_by_region() -> None:
    used = Usage({(Unit.WRITES, "orders"): 1_000_000})
    assert total(used, "eu-west-1") == Decimal("0.705")
    assert total(used, "us-east-1") == Decimal("0.625")


def test_the_model_can_be_left_out() -> None:
    used = Usage({(Unit.INPUT_TOKENS, ""): 1_000_000, (Unit.EMAILS, ""): 1000})
    assert total(used, "eu-west-1") == Decimal("0.16")
    assert total(used, "eu-west-1", with_model=False) == Decimal("0.10")


def test_an_unknown_region_names_those_that_there_are() -> None:
    with pytest.raises(PriceError, match=r"no prices of mars-1; it has eu-west-1, us-east-1"):
        total(Usage({(Unit.EMAILS, ""): 1}), "mars-1")


def test_usage_survives_its_file() -> None:
    used = Usage({(Unit.EMAILS, ""): 2, (Unit.WRITES, "orders/byCustomer"): 22.5})
    assert Usage.from_json(used.as_json()).as_json() == used.as_json()


def test_usages_add_up_and_scale() -> None:
    used = Usage({(Unit.EMAILS, ""): 2}) + Usage({(Unit.EMAILS, ""): 1, (Unit.READS, "a"): 4})
    assert used.scaled(0.5).as_json() == {
        "dynamodb.read-units": {"a": 2.0},
        "ses.emails": {"": 1.5},
    }
