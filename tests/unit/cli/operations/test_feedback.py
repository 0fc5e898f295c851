"""``orders feedback``: customers' ratings, and the lines that they mark as wrong."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderflow.orders.lines import Rating, Understanding
from orderflow.orders.model import Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.cli.planning.feedback import masked
from tests.support.factories import a_payment, an_order, matched_line, requested_line, stored
from tests.unit.cli.conftest import Orders

U = Understanding


def a_paid_order(understood: Understanding | None = None, *wrong: int, **changes: Any) -> Order:
    rating = understood and Rating(
        understood=understood, wrong_lines=[*wrong], at="2026-01-31T12:00:00.000Z"
    )
    status = OrderStatus.PAYMENT_COMPLETED
    return an_order(status=status, payment=a_payment(), rating=rating, **changes)


def test_answers_and_wrong_lines_are_summed_up(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    for order in (a_paid_order(U.WELL), a_paid_order(U.WELL), a_paid_order(U.PARTLY, 0)):
        stored(store, order)
    stored(store, a_paid_order())
    stored(store, an_order())

    summed = json.loads(orders("feedback", "--json").stdout)

    assert summed == {
        "paid": 4, "rated": 3, "answers": {"WELL": 2, "PARTLY": 1, "BADLY": 0},
        "lines": 3, "wrongLines": 1, "wrongByMatch": {"exact": 1},
    }  # fmt: skip
    shown = orders("feedback").stdout.split()
    assert {"67%", "33%", "75%", "33.3%"} <= set(shown)
    assert json.loads(orders("feedback", "--json", "--limit", "1").stdout)["paid"] == 1


def test_wrong_lines_become_candidates_without_personal_data(
    orders: Orders, connected: Deployment, store: OrderStore, tmp_path: Path
) -> None:
    lines = [
        matched_line(text="2 kg rice for Ada Buyer, call 0803 123 4567"),
        matched_line(text="1 paint garri (ada.buyer@mail.example)"),
        matched_line(text="3 eggs"),
    ]
    parsed = requested_line("garri", text=lines[1].text, quantity=Decimal("1.0"), unit="paint")
    stored(store, a_paid_order(U.BADLY, 0, 1, lines=lines, requested=[parsed]))
    file = tmp_path / "candidates.jsonl"

    result = orders("feedback", "--candidates", str(file))

    assert (result.exit_code, "Wrote 2 candidates" in result.stderr) == (0, True)
    first, second = map(json.loads, file.read_text("utf-8").splitlines())
    assert first == {
        "id": "feedback-001",
        "text": "1 paint garri ([removed])",
        "lines": [
            {"quantity": "1", "unit": "paint", "name": "garri", "notes": [], "meant": None}
        ],
        "matchedTo": "Long grain rice",
    }  # fmt: skip
    assert second["text"] == "2 kg rice for [removed], call [removed]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+234 803-123-4567 bread", "[removed] bread"),
        ("12 x 500 g pasta", "12 x 500 g pasta"),
        ("rice for ADA", "rice for [removed]"),
        ("Indomie 70g x 40 for 12,500", "Indomie 70g x 40 for 12,500"),
    ],
)
def test_masking_keeps_amounts(text: str, shown: str) -> None:
    assert masked(an_order(), text) == shown


def test_without_ratings_it_says_so(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    stored(store, a_paid_order())

    assert "None of 1 paid orders was rated." in orders("feedback").stderr
