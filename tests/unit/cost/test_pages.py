"""docs/performance/cost.md and capacity.md are what their tables and measurements give."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scripts.capacity import capacity_page
from scripts.cost import page
from scripts.cost.alternatives import alternatives, durable, peer
from scripts.cost.capabilities import CAPABILITIES, by_capability, without_new
from scripts.cost.measured_order import OWN_RECEIPTS, PRESENT, measured_order
from scripts.cost.prices import total
from scripts.cost.usage import Unit, Usage
from tests.support.paths import PROJECT

DOCS = PROJECT / "docs" / "performance"


@pytest.mark.parametrize(
    ("name", "content"), [("cost.md", page.page()), ("capacity.md", capacity_page.page())]
)
def test_a_page_is_up_to_date(name: str, content: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == content, "run `make cost-pages`"


def test_what_capacity_calls_built_is_there() -> None:
    assert [path for _, path in capacity_page.BUILT if not (PROJECT / path).is_file()] == []


def test_orchestration_by_durable_functions_costs_eleven_operations() -> None:
    used = durable(measured_order().used).usage
    assert used.of(Unit.TRANSITIONS) == 0
    assert used.of(Unit.DURABLE_OPERATIONS) == 11  # x $8 / 1,000,000 = $0.088 for 1,000 orders


def test_the_peers_scans_grow_with_its_catalog() -> None:
    small, large = (peer(measured_order().used, products).usage for products in (1000, 2000))
    # A product has 300 bytes, half a unit reads 4 KB, and there are three lines.
    assert small.of(Unit.READS) == pytest.approx(3 * 1000 * 300 / 4096 / 2)
    assert large.of(Unit.READS) == pytest.approx(2 * small.of(Unit.READS))


def test_no_alternative_is_priced_at_nothing() -> None:
    costs = [total(design.usage, page.REGION) for design in alternatives(measured_order().used)]
    assert all(cost > Decimal("0.0001") for cost in costs)


def test_capabilities_share_the_whole_order_and_each_has_a_part() -> None:
    used = measured_order().used
    parts = by_capability(used)
    whole = Usage.total(part for _, part in parts)
    assert whole.as_json() == used.as_json()
    assert all(total(part, page.REGION) > 0 for _, part in parts)


def test_no_detail_belongs_to_two_capabilities() -> None:
    details = [detail for each in CAPABILITIES for detail in each.details]
    assert len(details) == len({*details})
    measured = [measured_order(build).used for build in (PRESENT, OWN_RECEIPTS)]
    known = {detail for used in measured for _, detail, _ in used}
    assert {*details} <= known, "a detail that no order has any more"


def test_a_receipt_of_our_own_is_one_e_mail_more() -> None:
    shipped, receipts = (measured_order(build).used for build in (PRESENT, OWN_RECEIPTS))
    assert (shipped.of(Unit.EMAILS), receipts.of(Unit.EMAILS)) == (1, 2)
    assert shipped.by_detail(Unit.FUNCTION_REQUESTS).get("send-status-emails", 0) == 0
    assert receipts.by_detail(Unit.FUNCTION_REQUESTS)["send-status-emails"] >= 1


def test_what_the_earlier_build_had_not_is_left_out() -> None:
    left = without_new(Usage({(Unit.LOGS, "audit"): 1, (Unit.EMAILS, ""): 2}))
    assert left.as_json() == {"ses.emails": {"": 2}}
