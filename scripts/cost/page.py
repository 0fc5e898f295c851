"""Writes docs/performance/cost.md from the table of prices and the measured orders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from scripts.cost.alternatives import Design, alternatives
from scripts.cost.capabilities import by_capability, without_new
from scripts.cost.fixed import FixedCosts
from scripts.cost.measured_order import (
    EARLIER,
    OWN_RECEIPTS,
    PRESENT,
    MeasuredOrder,
    measured_order,
)
from scripts.cost.prices import bill, price_table, total
from scripts.cost.usage import MODEL, Unit, Usage

REGION: Final = "eu-west-1"
#: What was set out to be reached, as a part of the other's cost.
GOALS: Final = {"public peer": Decimal("0.6"), EARLIER: Decimal("0.75")}


def page() -> str:
    """The whole page."""
    present, earlier, receipts = map(measured_order, (PRESENT, EARLIER, OWN_RECEIPTS))
    designs = [
        Design("this build", present.used, ""),
        Design("with `own_receipts`", receipts.used, ""),
        Design(f"`{EARLIER}`", earlier.used, ""),
        *alternatives(present.used),
    ]
    parts = (
        _introduction(present, earlier),
        _receipts(present, earlier, receipts),
        _capabilities(present.used),
        _units_of_present(present.used),
        _comparison(designs),
        _fixed(present),
        _prices(),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _introduction(present: MeasuredOrder, earlier: MeasuredOrder) -> Iterator[str]:
    table = price_table()
    cost = _thousand(present.used)
    before = _thousand(earlier.used)
    comparable = _thousand(without_new(present.used))
    counted, counted_before = (_counted(each.used) for each in (present, earlier))
    yield "# What an order costs"
    yield ""
    yield "Written by `make cost` (`python -m scripts.cost`) from the table of prices"
    yield "([scripts/cost/prices.json](../../scripts/cost/prices.json)) and orders that were measured on the"
    yield "local stack; a test compares this page with both. `orders cost ORDER_ID` and"
    yield "`orders cost --since 1h` count the same of any order."
    yield ""
    yield (
        f'{present.orders} orders of "{present.list}" were placed and paid one after another on '
        f"{present.measured}, with warm functions; `{EARLIER}` likewise on {earlier.measured}. Prices are "
        f"AWS's list prices in {REGION}, read on {table.looked_up}, without free tiers. Nothing of this has "
        "run on AWS: the functions' durations (`lambda.gb-seconds`) are those of the local stack, and grow "
        "with what else the machine did; all other amounts are counts."
    )
    yield ""
    yield (
        f"**1,000 paid orders cost ${cost:.3f} without the model**, ${before:.3f} at `{EARLIER}`: "
        f"{cost / before:.2f} times (the goal was {GOALS[EARLIER]}). Without the durations it is "
        f"${counted:.3f} and ${counted_before:.3f}, {counted / counted_before:.2f} times. Without what `{EARLIER}` had not "
        f"(below) it is ${comparable:.3f}, {comparable / before:.2f} times; the goal is held against the whole."
    )
    yield ""
    goal = GOALS[EARLIER] * before
    fixed = _part(present.used, Unit.EMAILS, Unit.TRANSITIONS)
    yield (
        f"The goal is ${goal:.3f}. The link's e-mail and {present.transitions} transitions make ${fixed:.3f}, which leaves "
        f"${goal - fixed:.3f} for everything else; everything else costs ${cost - fixed:.3f}, and "
        f"${_rest(earlier.used):.3f} at `{EARLIER}`. What would go further, and what it would cost in return, "
        "is in [decision 73](../decisions/0073-what-an-order-pays-for.md)."
    )
    yield ""


def _receipts(
    present: MeasuredOrder, earlier: MeasuredOrder, receipts: MeasuredOrder
) -> Iterator[str]:
    cost, before, own = (_counted(each.used) for each in (present, earlier, receipts))
    emailed = _part(receipts.used, Unit.EMAILS) - _part(present.used, Unit.EMAILS)
    yield "## The receipt that PayStack sends"
    yield ""
    yield (
        f"`{EARLIER}` e-mailed the link, and later that the order was paid. PayStack e-mails a receipt of each payment "
        "anyway, so this build sends its own only where the stage has `own_receipts`, which is off as shipped "
        "([decision 100](../decisions/0100-paystacks-receipt-confirms-a-payment.md)). With it, measured likewise on "
        f"{receipts.measured}, 1,000 orders cost **${own:.3f}, {own / before:.2f} times** the ${before:.3f} of "
        f"`{EARLIER}`, where they cost ${cost:.3f} without it, {cost / before:.2f} times (all without the durations, "
        "which the machine's load changes from one measurement to the next): the goal is reached by sending one "
        f"e-mail less. Of the ${before - cost:.3f} that are saved, ${own - cost:.3f} are this "
        f"e-mail: ${emailed:.3f} SES's price, the rest the function that sent it, its writes and its log. Beside "
        f"`{EARLIER}` without the price of its second e-mail (${before - emailed:.3f}) this build costs "
        f"{cost / (before - emailed):.2f} times."
    )
    yield ""


def _rest(used: Usage) -> Decimal:
    return _thousand(used) - _part(used, Unit.EMAILS, Unit.TRANSITIONS)


def _capabilities(used: Usage) -> Iterator[str]:
    yield "## What it buys"
    yield ""
    yield "| capability | $ for 1,000 | |"
    yield "|---|---:|---|"
    for capability, part in by_capability(used):
        since = f"not in `{EARLIER}`" if capability.is_new else ""
        yield f"| {capability.name} | {_thousand(part):.4f} | {since} |"
    yield f"| **sum** | **{_thousand(used):.4f}** | |"
    yield ""


def _units_of_present(used: Usage) -> Iterator[str]:
    yield "## Unit by unit"
    yield ""
    yield "| unit | used for | of one order | $ for 1,000 |"
    yield "|---|---|---:|---:|"
    for unit in used.units:
        costs = [each for each in bill(used, REGION) if each.unit is unit]
        amount, usd = sum(each.amount for each in costs), sum(each.usd for each in costs)
        names = ", ".join(
            f"{each.detail} {each.amount:,.4g}" if each.detail else f"{each.amount:,.4g}"
            for each in sorted(costs, key=lambda each: -each.amount)
        )
        yield f"| {unit} | {names} | {amount:,.4g} | {1000 * usd:.4f} |"
    yield ""


def _comparison(designs: list[Design]) -> Iterator[str]:
    units = [unit for unit in Unit if any(design.usage.of(unit) for design in designs)]
    yield "## Beside other designs"
    yield ""
    yield (
        "In US dollars for 1,000 paid orders, without the model. The other designs are counted with as many e-mails "
        f"as this build, one for each order; `{EARLIER}` and `own_receipts` have two."
    )
    yield ""
    yield f"| unit | {' | '.join(design.name for design in designs)} |"
    yield f"|---|{'---:|' * len(designs)}"
    for unit in units:
        if unit not in MODEL:
            cells = " | ".join(f"{_part(design.usage, unit):.4f}" for design in designs)
            yield f"| {unit} | {cells} |"
    sums = [_thousand(design.usage) for design in designs]
    yield f"| **sum** | {' | '.join(f'**{each:.3f}**' for each in sums)} |"
    yield f"| this build's part | {' | '.join(f'{sums[0] / each:.2f}' for each in sums)} |"
    yield ""
    yield f"The goal beside the public peer was {GOALS['public peer']} of its cost."
    yield ""
    for design in designs:
        if design.assumptions:
            yield f"- **{design.name}**: {design.assumptions}"
    yield ""


def _fixed(present: MeasuredOrder) -> Iterator[str]:
    yield "## Fixed costs"
    yield ""
    yield "US dollars a month without any order, from the synthesized templates."
    yield ""
    costs = FixedCosts.read().with_metrics(present.custom_metrics, REGION)
    stages = list(costs.stages)
    yield f"| | {' | '.join(stages)} |"
    yield f"|---|{'---:|' * len(stages)}"
    for what in costs.kinds:
        yield f"| {what} | {' | '.join(costs.cell(stage, what) for stage in stages)} |"
    yield f"| **sum** | {' | '.join(f'**{costs.sum(stage):.2f}**' for stage in stages)} |"
    yield ""
    yield (
        "Snapshots are the largest line: SnapStart bills the memory of each published version that is "
        "kept, and each deployment publishes new versions while orders in flight hold the former ones: "
        "two kept versions cost twice as much. Storage, CloudTrail, the canary's runs and Cognito's "
        "users are not in this table."
    )
    yield ""


def _prices() -> Iterator[str]:
    table = price_table()
    yield "## Prices"
    yield ""
    yield f"Read on {table.looked_up}. {table.note}"
    yield ""
    yield f"| unit | {REGION} | us-east-1 | per | source | |"
    yield "|---|---:|---:|---:|---|---|"
    for row in table.prices:
        yield (
            f"| {row.unit}: {row.what} | {row.ireland} | {row.virginia} | {row.per:,} | "
            f"<{row.source}> | {row.read or (row.assumed and f'assumed: {row.assumed}')} |"
        )
    yield ""


def _thousand(used: Usage) -> Decimal:
    return 1000 * total(used, REGION, with_model=False)


def _counted(used: Usage) -> Decimal:
    """Without the functions' durations, which are the machine's."""
    return _thousand(used) - _part(used, Unit.FUNCTION_GB_SECONDS)


def _part(used: Usage, *units: Unit) -> Decimal:
    return 1000 * sum((each.usd for each in bill(used, REGION) if each.unit in units), Decimal())


def write(project: Path) -> Path:
    """Writes the page into a checkout."""
    path = project / "docs" / "performance" / "cost.md"
    path.write_text(page(), encoding="utf-8")
    return path
