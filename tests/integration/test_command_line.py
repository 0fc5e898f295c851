"""The ``orders`` command against the deployed local stack."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from orderflow.catalog.csv_file import read_csv
from scripts.local.stack.state import PROJECT, Home, Process, Urls
from tests.support.shop import Shop
from tests.support.terminal import heed_ctrl_c
from tests.support.waiting import PATIENCE_SECONDS

ORDERS = Path(sys.executable).with_name("orders")
CATALOG = PROJECT / "scripts" / "local" / "catalog.csv"
LIST = "2 cups milk, 1 loaf bread, 3 eggs"
#: A user's AWS settings, none of which may affect the local stack.
FOREIGN_SETTINGS = {
    "AWS_PROFILE": "nobody",
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "HTTP_PROXY": "http://127.0.0.1:9",
}


def orders(
    *arguments: str, code: int = 0, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command and check its exit code; it must not print a stack trace."""
    done = subprocess.run(
        [ORDERS, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env=os.environ | FOREIGN_SETTINGS | environment,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


def orders_json(*arguments: str, code: int = 0, stdin: str | None = None) -> Any:
    """Run the command with ``--json`` and check that it prints only JSON."""
    done = orders(*arguments, "--json", code=code, stdin=stdin)
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_submit_prints_a_link_and_show_its_history(shop: Shop) -> None:
    answer = orders_json("submit", LIST)

    assert answer["status"] == "PAYMENT_INITIATED"
    assert [line["text"] for line in answer["lines"]] == ["2 cups milk", "1 loaf bread", "3 eggs"]
    for line in answer["lines"]:
        assert line["lineTotalKobo"] == line["packs"] * line["unitPriceKobo"] > 0
        assert line["matchedBy"] in {"exact", "alias", "model", "name"}
        assert 0 < line["confidence"] <= 1
    assert answer["totalKobo"] == sum(line["lineTotalKobo"] for line in answer["lines"])
    assert (answer["unmatched"], answer["currency"]) == ([], "NGN")
    assert answer["paymentLink"].startswith(shop.state.urls.paystack)
    assert answer["elapsedSeconds"] > 0

    shown = orders("show", answer["orderId"])

    assert shown.stderr == ""
    for part in (answer["orderId"], "PAYMENT_INITIATED", answer["paymentLink"], "NotifyCustomer"):
        assert part in shown.stdout
    counted = re.search(r"^State transitions .* to the link: (\d+)$", shown.stdout, re.MULTILINE)
    assert counted is not None
    assert int(counted[1]) <= 10


def test_a_paid_order_is_completed_and_only_results_are_on_standard_output(shop: Shop) -> None:
    done = orders("submit", LIST, "--pay")

    assert "Status: PAYMENT_COMPLETED\n" in done.stdout
    assert "From submission to link: " in done.stdout
    assert "Payment link: " not in done.stdout, "a paid link is not offered again"
    assert "CompleteOrder" not in done.stdout
    assert "Paying at the checkout" in done.stderr
    assert "CompleteOrder" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.long
def test_the_demo_ends_with_a_paid_order_and_with_commands_that_work(shop: Shop) -> None:
    done = orders("demo")

    assert "Status: PAYMENT_COMPLETED\n" in done.stdout
    assert "http" not in done.stdout, "a paid link is not offered again"
    assert "stays up" in done.stderr
    submit, listing, _serve = re.findall(r"^  (.+)$", done.stderr.partition("Next:\n")[2], re.M)
    for command in (submit, listing):
        variable, _called, *arguments = shlex.split(command)
        again = orders(*arguments, **dict([variable.split("=", 1)]))
        assert "PAYMENT_COMPLETED" in again.stdout


def test_an_idempotency_key_sent_twice_is_one_order(shop: Shop) -> None:
    arguments = ("submit", "1 loaf bread", "--idempotency-key", "command-line-1")

    first = orders_json(*arguments, "--no-wait")
    shop.reach(first["orderId"], "PAYMENT_INITIATED")
    second = orders_json(*arguments)

    assert first["status"] == "PENDING_MATCHING"
    assert (second["orderId"], second["executionArn"]) == (first["orderId"], first["executionArn"])
    assert second["paymentLink"]


def test_an_order_that_is_rejected_fails_the_command_and_is_listed(shop: Shop) -> None:
    answer = orders_json("submit", "3 zeppelins", code=1)

    assert (answer["status"], answer["paymentLink"]) == ("REJECTED", None)
    assert answer["statusReason"] == "Nothing on the list is in our catalog."
    shown = orders("list", "--status", "REJECTED").stdout
    assert re.search(rf"^{answer['orderId']} +REJECTED ", shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("grocery_list", "message"),
    [
        ("", "The list is empty."),
        ("\x00\x01\x1b\n", "The list is empty."),
        ("x" * 5001, "The list has 5,001 characters; at most 5,000 are allowed."),
        ("1 loaf bread\n" * 300, "more than 100 items"),
    ],
    ids=["empty", "control-characters", "5001-characters", "300-lines"],
)
def test_a_malformed_list_is_refused_with_a_message(
    shop: Shop, grocery_list: str, message: str
) -> None:
    refused = orders("submit", "-", stdin=grocery_list, code=2)

    assert refused.stderr.startswith("error: InvalidOrder: ")
    assert message in refused.stderr
    assert refused.stdout == ""


def test_control_characters_and_markup_in_items_are_harmless(shop: Shop) -> None:
    done = orders("submit", "-", stdin="3 eg\x00gs\x1b[31m\n1 [bold]zeppelin[/]\n")

    assert "3 eggs" in done.stdout
    assert "[bold]zeppelin[/]" in done.stdout
    assert "\x1b" not in done.stdout


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    assert "There is no order [/] on stage local." in orders("show", "[/]", code=4).stderr


@pytest.fixture
def catalog_restored(shop: Shop) -> Iterator[None]:
    yield
    shop.deployment.catalog.put_products(read_csv(CATALOG))


def test_a_catalog_is_loaded_and_an_invalid_one_changes_nothing(
    shop: Shop, catalog_restored: None, tmp_path: Path
) -> None:
    header, first, *rest = CATALOG.read_text(encoding="utf-8").splitlines()
    changed, broken = tmp_path / "changed.csv", tmp_path / "broken.csv"
    changed.write_text("\n".join((header, *rest)), encoding="utf-8")
    broken.write_text("\n".join((header, first.replace(",", ";"), *rest)), encoding="utf-8")

    loaded = orders_json("catalog", "load", str(changed))
    refused = orders("catalog", "load", str(broken), code=2)

    assert loaded == {"added": 0, "updated": 0, "unchanged": len(rest), "removed": 1}
    assert "line 2: has fewer values than columns" in refused.stderr
    assert len(shop.deployment.catalog.load_products()) == len(rest)


def test_a_fault_is_set_counted_and_cleared(shop: Shop) -> None:
    set_fault = orders_json("faults", "set", "paystack", "--mode", "error", "--times", "1")
    before = set_fault["byOutcome"].get("error", 0)

    shop.awaiting_payment("1 loaf bread")
    stats = orders_json("faults", "stats", "paystack")
    cleared = orders("faults", "clear", "paystack")

    assert set_fault["fault"]["mode"] == "error"
    assert stats["byOutcome"]["error"] == before + 1
    assert re.search(r"^fault +none *$", cleared.stdout, re.MULTILINE)


def test_ctrl_c_stops_the_command_and_not_the_order(shop: Shop) -> None:
    shop.set_fault("paystack", mode="slow", latencySeconds=5)
    with subprocess.Popen(
        [ORDERS, "submit", "1 loaf bread"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | FOREIGN_SETTINGS,
        preexec_fn=heed_ctrl_c,  # noqa: PLW1509 - it sets one signal
    ) as command:
        assert command.stderr is not None
        accepted = re.fullmatch(r"Order (\S+) accepted\.\n", command.stderr.readline())
        assert accepted is not None
        command.send_signal(signal.SIGINT)
        output, errors = command.communicate(timeout=PATIENCE_SECONDS)

    assert command.returncode == 130, errors
    assert output == ""
    assert f"the order goes on. Look again with `orders show {accepted[1]}`" in errors
    assert "Traceback" not in errors
    shop.reach(accepted[1], "PAYMENT_INITIATED")


def test_commands_without_a_stack_name_the_remedy(shop: Shop, tmp_path: Path) -> None:
    refused = orders("submit", LIST, code=3, ORDERS_LOCAL_DIR=str(tmp_path))

    assert "is not up. Start it with `orders local up`." in refused.stderr
    assert refused.stdout == ""


@pytest.fixture
def elsewhere(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A folder for a copy of the stack's state with an ended process."""
    monkeypatch.setenv("ORDERS_LOCAL_DIR", str(tmp_path))
    home = Home()
    home.path.mkdir()
    return home


def test_a_dead_emulator_is_reported_with_the_remedy(shop: Shop, elsewhere: Home) -> None:
    ended_process = Process(pid=shop.state.ministack.pid, created=psutil.boot_time() - 1)
    shop.state.model_copy(update={"ministack": ended_process}).save(elsewhere.state)

    refused = orders("list", code=3)

    assert "has died. `orders local up` cleans up and starts afresh." in refused.stderr


@pytest.mark.parametrize(
    "command", [["submit", LIST], ["list"], ["faults", "stats", "paystack"]], ids=" ".join
)
def test_an_unresponsive_stack_is_reported_with_the_next_command(
    shop: Shop, elsewhere: Home, command: list[str]
) -> None:
    closed = f"http://127.0.0.1:{_closed_port()}"
    urls = Urls.model_validate(dict.fromkeys(Urls.model_fields, closed))
    shop.state.model_copy(update={"urls": urls}).save(elsewhere.state)

    refused = orders(*command, code=3)

    assert "`orders local status` says what is wrong" in refused.stderr


@pytest.mark.long
def test_every_read_only_command_works_in_a_shell_that_points_at_the_stack(shop: Shop) -> None:
    order_id = shop.awaiting_payment("1 loaf bread").order_id
    exports = orders_json("local", "env")
    exported = {**exports, "AWS_PROFILE": ""}
    looks = [
        "alerts", "audit", "backup list", "breakers show", "capacity", "catalog search milk",
        f"cost {order_id}", "dead-letters list", "deploy status", "failed", "feedback", "health",
        "incident", "list", "mail", "refunds list", "versions list", f"logs {order_id}",
        f"show {order_id}", f"trace {order_id}",
    ]  # fmt: skip

    failed = {look: _refusal(look, exported) for look in looks}

    assert {look: text for look, text in failed.items() if text} == {}


def _refusal(command: str, environment: dict[str, str]) -> str:
    """What the command prints where it is refused or crashes; an alarm that rings is neither."""
    done = subprocess.run(
        [ORDERS, *shlex.split(command)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env={name: value for name, value in (os.environ | environment).items() if value},
    )
    refused = done.returncode not in {0, 1} or "Traceback" in done.stderr
    return f"{done.returncode}: {done.stderr}" if refused or "error:" in done.stderr else ""


def test_status_and_logs_show_the_running_stack(shop: Shop) -> None:
    order_id = shop.awaiting_payment("1 loaf bread").order_id

    status = orders_json("local", "status")
    logs = orders("local", "logs", "--json")

    assert status["condition"] == "up"
    assert all(part["healthy"] for part in status["components"])
    events = [json.loads(line) for line in logs.stdout.splitlines()]
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    assert any(order_id in event["message"] for event in events)


def _closed_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
    return port
