"""Tables at different widths, with safe output of text of others."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from orderflow.api.views import order_view
from orderflow.money import naira
from orderflow.orders.lines import Alternative, ModelUse, UnmatchedLine
from orderflow.orders.model import StatusChange
from orderflow.orders.status import OrderStatus
from scripts.cli.console import plain
from scripts.cli.orders.execution import Progress, visits
from scripts.cli.orders.views import (
    history_table,
    lines_table,
    model_use_text,
    orders_table,
    states_table,
    status_text,
)
from tests.support.factories import an_order, matched_line, unmatched_line
from tests.support.histories import START, load_history
from tests.support.screen import rendered

LATER = START + timedelta(minutes=2)


def rows(history: str) -> dict[str, list[str]]:
    """The table of a recorded execution, by state."""
    table = rendered(states_table(Progress("RUNNING", visits(load_history(history))), LATER))
    cells = [line.split() for line in table.splitlines()[1:]]
    return {state: [mark, *rest] for mark, state, *rest in cells}


@pytest.mark.parametrize(
    ("history", "state", "mark", "rest"),
    [
        ("paid", "AwaitPayment", "✓", []),
        ("parked", "CreatePaymentLink", "↷", ["2", "PaystackUnavailable"]),
        ("parked", "ParkOrder", "…", []),
        ("broken", "MatchProducts", "✗", ["2", "Lambda.SdkClientException"]),
        ("redriven", "MatchProducts", "✓", ["3", "Lambda.SdkClientException"]),
    ],
)
def test_a_states_mark_retries_and_last_error(
    history: str, state: str, mark: str, rest: list[str]
) -> None:
    shown_mark, seconds, *shown = rows(history)[state]

    assert (shown_mark, shown) == (mark, rest)
    assert float(seconds) > 0


def test_before_the_first_state_there_is_only_a_header() -> None:
    assert rendered(states_table(None)).split() == ["State", "Seconds", "Retries", "Last", "error"]


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("status", OrderStatus)
def test_a_list_of_orders_truncates_no_column(status: OrderStatus, width: int) -> None:
    reason = "We could not find any item on the list. Please write items such as '2 kg rice'."
    order = an_order(status=status, status_reason=reason, total_kobo=123_456_789)

    shown = rendered(orders_table([order]), width)

    for whole in (order.order_id, status, "₦1,234,567.89"):
        assert whole in shown
    assert "".join(reason.split()) in "".join(shown.split())
    assert "…" not in shown


@pytest.mark.parametrize("width", [40, 60])
def test_ids_are_wrapped_on_a_narrow_terminal(width: int) -> None:
    order = an_order()

    shown = rendered(orders_table([order]), width)

    first_column = "".join(line.split(" ")[0] for line in shown.splitlines()[1:])
    assert first_column == order.order_id
    assert "…" not in shown


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (timedelta(seconds=-3), "0s"),
        (timedelta(0), "0s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(seconds=60), "1m"),
        (timedelta(minutes=59, seconds=59), "59m"),
        (timedelta(hours=23), "23h"),
        (timedelta(days=400), "400d"),
    ],
)
def test_an_orders_age_is_short(age: timedelta, shown: str) -> None:
    order = an_order(created_at="2026-01-31T12:00:00.000Z")

    assert rendered(orders_table([order], START + age)).split()[-1] == shown


def test_lines_have_text_product_packs_prices_and_unmatched_lines() -> None:
    order = an_order(unmatched=[unmatched_line("1 unicorn")])

    shown = rendered(lines_table(order_view(order)), 140)

    for part in (
        "2 kg rice",
        "Long grain rice (1 kilogram)",
        "₦1,200.50",
        "₦2,401.00",
        "exact (100%)",
        "1 unicorn",
        "We have no such product.",
    ):
        assert part in shown


def test_lines_have_notes_on_packs_and_similar_products() -> None:
    rice = Alternative(product_id="rice", name="Rice", similarity=Decimal("0.68"))
    missing = UnmatchedLine(text="rise", reason="We have no such product.", alternatives=[rice])
    order = an_order(lines=[matched_line(packing="Sold by 1 kilogram.")], unmatched=[missing])

    shown = rendered(lines_table(order_view(order)), 140)

    for part in ("Sold by 1 kilogram.", "Nearest: Rice (68%)"):
        assert part in shown


def test_a_question_about_a_line_is_shown() -> None:
    beans = unmatched_line("500 beans").model_copy(update={"question": "Really 500?"})

    assert "Really 500?" in rendered(lines_table(order_view(an_order(unmatched=[beans]))), 140)


def test_the_models_usage_is_shown_without_prices() -> None:
    use = ModelUse(model_id="m", prompt_version="p.v1", input_tokens=1, output_tokens=2)

    assert "cost unknown: no prices are configured" in model_use_text(use)


def test_an_order_without_lines_has_no_total() -> None:
    order = an_order(lines=[], total_kobo=0, unmatched=[unmatched_line()])

    assert "₦" not in rendered(lines_table(order_view(order)))


@pytest.mark.parametrize("width", [60, 80, 140])
def test_prices_are_never_truncated_or_wrapped(width: int) -> None:
    line = matched_line(packs=3, unit_price_kobo=99_999_999, text="a long line " * 20)
    order = an_order(lines=[line], total_kobo=299_999_997)

    shown = rendered(lines_table(order_view(order)), width)

    assert shown.count("₦2,999,999.97") == 2
    assert "₦999,999.99" in shown


@pytest.mark.parametrize("text", ["[bold]2 eggs[/bold]", "2 [/] eggs", "[red", "[link=x]y[/link]"])
def test_markup_in_a_customers_text_is_not_interpreted(text: str) -> None:
    order = an_order(
        lines=[matched_line(text=text, name=text)],
        unmatched=[unmatched_line(text)],
        status_reason=text,
        history=[
            StatusChange(status=OrderStatus.REJECTED, at=START.isoformat(), by=text, reason=text)
        ],
    )

    lines = rendered(lines_table(order_view(order)), 200)
    history = rendered(history_table(order), 200)

    assert lines.count(text) == 3
    assert history.count(text) == 2
    assert text in rendered(orders_table([order]), 200)


def test_control_characters_of_others_are_removed() -> None:
    hostile = "\x1b]0;pwned\x07\x1b[2J\x9b31m\ud800eggs"

    assert plain(hostile).plain == "]0;pwned[2J31meggs"


def test_other_scripts_are_kept() -> None:
    assert plain("ẹyin mẹ́ta\n2 crème\tbrûlée 🥚").plain == "ẹyin mẹ́ta\n2 crème\tbrûlée 🥚"


@pytest.mark.parametrize(("run", "shown"), [("", "CompleteOrder"), (".2", ".2/CompleteOrder")])
def test_history_is_dated_to_the_second_and_names_the_state_without_the_order(
    run: str, shown: str
) -> None:
    order = an_order()
    by = f"{order.order_id}{run}/CompleteOrder"
    at = "2026-01-31T12:00:00.123Z"
    order.history = [StatusChange(status=OrderStatus.PAYMENT_COMPLETED, at=at, by=by)]

    header, row = rendered(history_table(order)).splitlines()

    assert header.split() == ["At", "(UTC)", "Status", "By", "Reason"]
    assert row.split() == ["2026-01-31", "12:00:00", "PAYMENT_COMPLETED", shown]


@pytest.mark.parametrize("status", OrderStatus)
def test_every_status_has_a_colour(status: OrderStatus) -> None:
    assert status_text(status).plain == status
    assert status_text(status).style


@pytest.mark.parametrize(
    ("kobo", "shown"),
    [(0, "₦0.00"), (5, "₦0.05"), (123_456, "₦1,234.56"), (10**9, "₦10,000,000.00")],
)
def test_money_is_naira_and_kobo(kobo: int, shown: str) -> None:
    assert naira(kobo) == shown
