"""``orders show``, ``orders list`` and ``orders catalog load`` against tables in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orderflow.catalog.csv_file import COLUMNS
from orderflow.clock import utc_now
from orderflow.orders.lines import MatchedBy, ModelUse
from orderflow.orders.model import CancelRequest
from orderflow.orders.store import OrderStore
from scripts.cli.deployment import Deployment
from scripts.cli.orders import show as module
from scripts.cli.orders.execution import Progress, visits
from tests.support.factories import a_payment, an_order, matched_line, stored
from tests.support.histories import load_history
from tests.support.step_functions import FakeRun, StepFunctions
from tests.unit.cli.conftest import Orders

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

Ran = Callable[[str, str], None]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """``ran("paid", "SUCCEEDED")`` sets the orders' executions."""

    def set_history(name: str, status: str) -> None:
        progress = Progress(status, visits(load_history(name)))
        monkeypatch.setattr(module, "read_progress", lambda *_: progress)

    return set_history


def test_an_order_is_shown_with_its_lines_history_states_and_transitions(
    orders: Orders, connected: Deployment, store: OrderStore, ran: Ran
) -> None:
    order = stored(store, an_order(status="PAYMENT_COMPLETED", payment=a_payment()))
    ran("paid", "SUCCEEDED")

    result = orders("show", order.order_id)

    assert result.exit_code == 0
    assert result.stderr == ""
    for part in (
        f"Order: {order.order_id}\n",
        "Status: PAYMENT_COMPLETED\n",
        "Paid: ₦2,401.00 at 2026-01-31T12:00:00.000Z",
        f"Reference: {a_payment().reference}\n",
        "Long grain rice",
        "CreatePaymentLink",
        "State transitions from the start to the link: 10\n",
    ):
        assert part in result.stdout


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({"payment": a_payment()}, "Payment received, being confirmed."),
        (
            {"cancel_requested": CancelRequest(at=utc_now(), by="customer", reason="Why not.")},
            "To be cancelled: PayStack is asked first.",
        ),
        ({}, None),
        ({"payment": a_payment(), "status": "PAYMENT_COMPLETED"}, None),
    ],
)
def test_what_an_order_waits_for_beside_its_status_is_shown_and_listed(
    orders: Orders,
    connected: Deployment,
    store: OrderStore,
    ran: Ran,
    changes: dict[str, Any],
    remark: str | None,
) -> None:
    order = stored(store, an_order(**changes))
    ran("paid", "RUNNING")

    shown, listed = orders("show", order.order_id).stdout, orders("list").stdout

    assert (f"Waits: {remark}" in shown) == (remark is not None)
    assert ("Waits:" in shown) == (remark is not None)
    assert remark is None or remark in " ".join(listed.split())


def test_an_order_is_shown_with_its_matching_and_the_models_cost(
    orders: Orders, connected: Deployment, store: OrderStore, ran: Ran
) -> None:
    use = ModelUse(
        model_id="a.model-v1",
        prompt_version="choose_products.v1",
        input_tokens=1_320,
        output_tokens=45,
        cost_usd=Decimal("0.00009"),
    )
    line = matched_line(matched_by=MatchedBy.MODEL, confidence=Decimal("0.91"))
    order = stored(store, an_order(lines=[line], model_use=use))
    ran("paid", "SUCCEEDED")

    shown = orders("show", order.order_id).stdout
    answer = json.loads(orders("show", order.order_id, "--json").stdout)

    assert "model (91%)" in " ".join(shown.split())
    tokens = "1,320 + 45 tokens, $0.00009 (prompt choose_products.v1)"
    assert f"Model: a.model-v1, {tokens}\n" in shown
    assert answer["modelUse"]["inputTokens"] == 1_320
    assert answer["modelUse"]["costUsd"] == "0.00009"


def test_an_order_without_a_model_call_is_shown_as_such(
    orders: Orders, connected: Deployment, store: OrderStore, ran: Ran
) -> None:
    order = stored(store, an_order())
    ran("paid", "SUCCEEDED")

    assert "Model: not asked\n" in orders("show", order.order_id).stdout
    assert json.loads(orders("show", order.order_id, "--json").stdout)["modelUse"] is None


def test_an_order_as_json_has_the_apis_view_and_the_states(
    orders: Orders, connected: Deployment, store: OrderStore, ran: Ran
) -> None:
    order = stored(store, an_order(status="PAYMENT_DELAYED", task_token="secret"))
    ran("parked", "RUNNING")

    result = orders("show", order.order_id, "--json")

    answer = json.loads(result.stdout)
    assert answer["orderId"] == order.order_id
    assert (answer["executionStatus"], answer["transitionsToLink"]) == ("RUNNING", 12)
    states = {each["name"]: each for each in answer["states"]}
    assert states["CreatePaymentLink"] == {
        "name": "CreatePaymentLink",
        "outcome": "caught",
        "seconds": pytest.approx(30.5, abs=0.1),
        "attempts": 3,
        "error": "PaystackUnavailable",
        "message": "PayStack answered with status 503",
    }
    assert states["PaystackAvailable?"]["attempts"] == 0
    assert "secret" not in result.stdout


def test_the_transitions_so_far_are_counted_without_a_link(
    orders: Orders, connected: Deployment, store: OrderStore, ran: Ran
) -> None:
    order = stored(store, an_order(status_reason="No answer [/]."))
    ran("parked", "RUNNING")

    result = orders("show", order.order_id)

    assert "Reason: No answer [/].\n" in result.stdout
    assert "State transitions from the start so far: 12\n" in result.stdout


@pytest.mark.parametrize("changes", [{}, {"execution_arn": None}], ids=["forgotten", "none"])
def test_an_order_is_shown_without_its_executions_history(
    orders: Orders,
    connected: Deployment,
    store: OrderStore,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, None],
) -> None:
    monkeypatch.setattr(module, "read_progress", lambda *_: None)
    order = stored(store, an_order(**changes))

    shown = orders("show", order.order_id)
    answer = json.loads(orders("show", order.order_id, "--json").stdout)

    assert "Step Functions does not hold its history" in shown.stdout
    assert (answer["executionStatus"], answer["transitionsToLink"]) == (None, None)
    assert answer["states"] == []


@pytest.mark.parametrize("order_id", ["nope", "[/]", "[bold]x", "../../etc/passwd", "x" * 500])
def test_an_unknown_order_is_not_found(
    orders: Orders, connected: Deployment, orders_table: Table, order_id: str
) -> None:
    result = orders("show", order_id)

    assert result.exit_code == 4
    assert f"There is no order {order_id} on stage dev." in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("given", ["57ae8df6-6971-5570-ac58-f3a63adceb5e", "57ae8df6"])
def test_an_order_whose_execution_failed_before_it_was_written_can_be_replayed(
    orders: Orders, operated: Deployment, step_functions: StepFunctions, given: str
) -> None:
    order_id = "57ae8df6-6971-5570-ac58-f3a63adceb5e"
    step_functions.add(FakeRun(order_id))

    result = orders("show", given)

    assert result.exit_code == 4
    assert "is not recorded yet; its execution is FAILED" in result.stderr
    assert f"orders replay --order {order_id}" in result.stderr


def test_a_restart_of_an_unwritten_order_is_what_is_shown(
    orders: Orders, operated: Deployment, step_functions: StepFunctions
) -> None:
    order_id = "57ae8df6-6971-5570-ac58-f3a63adceb5e"
    step_functions.add(FakeRun(order_id))
    step_functions.add(FakeRun(f"{order_id}.2", status="RUNNING"))

    result = orders("show", order_id)

    assert "its execution is RUNNING. It is written once" in result.stderr
    assert "replay" not in result.stderr


def test_the_newest_orders_come_first_up_to_the_limit(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    days = ("2026-01-02", "2026-01-03", "2026-01-01")
    ids = [
        stored(store, an_order(created_at=f"{day}T12:00:00.000Z", status=status)).order_id
        for day, status in zip(days, ("REJECTED", "MATCHED", "MATCHED"), strict=True)
    ]

    result = orders("list", "--json", "--limit", "2")

    content = json.loads(result.stdout)
    assert [each["orderId"] for each in content["orders"]] == [ids[1], ids[0]]


def test_orders_of_one_status_are_listed(
    orders: Orders, connected: Deployment, store: OrderStore
) -> None:
    parked = stored(store, an_order(status="PAYMENT_DELAYED", status_reason="PayStack is out."))
    other = stored(store, an_order())

    shown = orders("list", "--status", "PAYMENT_DELAYED").stdout

    assert parked.order_id in shown
    assert "PayStack is out." in shown
    assert other.order_id not in shown


def test_an_unknown_status_is_refused_with_the_known_ones(orders: Orders) -> None:
    result = orders("list", "--status", "LOST")

    assert result.exit_code == 2
    assert "PAYMENT_DELAYED" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "There are no orders yet.\n"), (["--status", "failed"], "There are no such orders.\n")],
)
def test_a_message_is_shown_when_there_are_no_orders(
    orders: Orders,
    connected: Deployment,
    orders_table: Table,
    arguments: list[str],
    message: str,
) -> None:
    result = orders("list", *arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{message}Read 0 items.\n")
    empty = json.loads(orders("list", "--json", *arguments).stdout)
    assert empty == {"orders": [], "after": None}


def test_a_record_that_cannot_be_read_is_reported_without_a_trace(
    orders: Orders, connected: Deployment, store: OrderStore, orders_table: Table
) -> None:
    order = stored(store, an_order(lines=[matched_line()]))
    orders_table.update_item(
        Key={"orderId": order.order_id},
        UpdateExpression="SET totalKobo = :x",
        ExpressionAttributeValues={":x": "lots"},
    )

    result = orders("show", order.order_id)

    assert result.exit_code == 1
    assert result.stderr == "error: A stored Order can't be read; look at its totalKobo.\n"


HEADER = ",".join(COLUMNS)
RICE = "rice-1kg,Long grain rice,,rice,1,kg,1200.50,yes,"
EGGS = "eggs,Eggs,,eggs,12,,2760.00,yes,egg"


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., str]:
    def write(*lines: str) -> str:
        path = tmp_path / "catalog.csv"
        path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
        return str(path)

    return write


def test_loading_a_catalog_reports_its_changes(
    orders: Orders, connected: Deployment, catalog_table: Table, csv_file: Callable[..., str]
) -> None:
    first = orders("catalog", "load", csv_file(RICE, EGGS))
    second = orders("catalog", "load", csv_file(RICE), "--json")

    assert first.stdout == "2 products: 2 added, 0 updated, 0 unchanged, 0 removed.\n"
    assert json.loads(second.stdout) == {"added": 0, "updated": 0, "unchanged": 1, "removed": 1}


def test_an_invalid_catalog_is_refused_with_every_problem_and_changes_nothing(
    orders: Orders,
    csv_file: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connect(_: str) -> Any:
        raise AssertionError("a broken file must not get that far")

    monkeypatch.setattr("scripts.cli.main.connect", connect)

    result = orders("catalog", "load", csv_file(RICE.replace("1200.50", "-1"), "Bad Id,x"))

    assert result.exit_code == 2
    assert "line 2, price_ngn: " in result.stderr
    assert "line 3: has fewer values than columns" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_missing_catalog_file_is_refused(orders: Orders, tmp_path: Path, name: str) -> None:
    result = orders("catalog", "load", str(tmp_path / name))

    assert result.exit_code == 2
    assert "Traceback" not in result.output
