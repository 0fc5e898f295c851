"""``orders submit``: output, waits and exit codes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from rich.console import Console

from orderflow.api.views import order_view
from scripts.cli.console import CommandError, ExitCode, TryLaterError
from scripts.cli.deployment import Deployment
from scripts.cli.orders import watch
from scripts.cli.orders.api import CustomerApi
from scripts.cli.orders.execution import Progress, StateVisit, VisitOutcome
from scripts.cli.orders.submit import Submission, parse_list
from tests.support.factories import LINK, an_order, unmatched_line
from tests.unit.cli.conftest import URLS, MakeDeployment, Orders

ACCEPTED = {
    "orderId": "7e1c",
    "status": "PENDING_MATCHING",
    "executionArn": "arn:aws:states:eu-west-1:123456789012:execution:orders:7e1c",
}
PAID_LINK = f"{URLS.paystack}/checkout/abc"


class FakeApi:
    """A fake API that returns an order only once its execution has written it."""

    def __init__(self) -> None:
        self.accepted: dict[str, Any] = ACCEPTED
        self.orders: list[dict[str, Any]] = [a_view()]
        self.submitted: list[dict[str, Any]] = []
        #: So often the API asks to try again.
        self.busy = 0

    def submit(self, fields: dict[str, Any]) -> dict[str, Any]:
        self.submitted.append(fields)
        if self.busy:
            self.busy -= 1
            raise TryLaterError("Busy: We are very busy right now.", 5)
        return self.accepted

    def get_order(self, _: str) -> dict[str, Any]:
        return self.orders.pop(0)


def a_view(**changes: Any) -> dict[str, Any]:
    return order_view(an_order(order_id="7e1c", **changes))


def progress(*states: str, status: str = "RUNNING", error: str | None = None) -> Progress:
    now = datetime.now(UTC)
    visits = [StateVisit(name, now, attempts=1, outcome=VisitOutcome.SUCCEEDED) for name in states]
    if error:
        visits[-1].error = error
    return Progress(status, visits)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    fake = FakeApi()
    monkeypatch.setattr(CustomerApi, "sign_in", lambda _: None)
    monkeypatch.setattr(CustomerApi, "submit", lambda _, fields: fake.submit(fields))
    monkeypatch.setattr(CustomerApi, "get_order", lambda _, order_id: fake.get_order(order_id))
    return fake


@pytest.fixture(autouse=True)
def no_pauses_and_no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deployment, "client", lambda *_: None)
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def execution(monkeypatch: pytest.MonkeyPatch) -> list[Progress | BaseException | None]:
    """The histories that Step Functions returns, one per request."""
    looks: list[Progress | BaseException | None] = [progress("ParseOrder", "AwaitPayment")]
    found = _each(looks)

    def look(*_: object) -> Progress | None:
        seen: Progress | BaseException | None = next(found)
        if isinstance(seen, BaseException):
            raise seen
        return seen

    monkeypatch.setattr(watch, "read_progress", look)
    return looks


def _each(looks: list[Any]) -> Iterator[Any]:
    """The answers in turn; the last one stays."""
    yield from looks
    while True:
        yield looks[-1]


@pytest.fixture
def local(make_deployment: MakeDeployment) -> Deployment:
    return make_deployment(stage="local", urls=URLS)


def test_the_result_of_an_order_is_its_lines_status_link_and_time(
    local: Deployment, api: FakeApi, execution: object, capsys: pytest.CaptureFixture[str]
) -> None:
    code = Submission(local, 9, json=False).run({"groceryList": "2 kg rice"})

    shown = capsys.readouterr()
    assert code is ExitCode.OK
    for part in ("Long grain rice", "Status: PAYMENT_INITIATED", f"Payment link: {LINK}", "7e1c"):
        assert part in shown.out
    assert "From submission to link: " in shown.out
    assert shown.err.startswith("Order 7e1c accepted.\n")
    assert "AwaitPayment" in shown.err
    assert shown.err.endswith("\n")


def test_an_address_is_sent_only_where_one_is_given(
    local: Deployment, api: FakeApi, execution: object
) -> None:
    api.orders = [a_view(), a_view()]
    own = {"groceryList": "eggs", "customerEmail": local.customer.email}

    Submission(local, 9, json=True).run({"groceryList": "eggs"})
    Submission(local, 9, json=True).run(own)

    assert [sent.get("customerEmail") for sent in api.submitted] == [None, local.customer.email]


@pytest.mark.usefixtures("execution")
class TestBusy:
    @pytest.fixture
    def pauses(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        pauses: list[float] = []
        monkeypatch.setattr("time.sleep", pauses.append)
        return pauses

    def test_the_same_list_is_sent_again_with_the_same_key(
        self,
        local: Deployment,
        api: FakeApi,
        pauses: list[float],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        api.busy = 2

        assert Submission(local, 60, json=False).run({"groceryList": "eggs"}) is ExitCode.OK

        first, *again = api.submitted
        assert again == [first, first]
        assert first["idempotencyKey"]
        assert len(pauses) == 2
        assert all(5 <= pause <= 7.5 for pause in pauses)
        assert "Trying again in" in capsys.readouterr().err

    def test_each_submission_has_a_key_of_its_own_and_a_given_one_stays(
        self, local: Deployment, api: FakeApi
    ) -> None:
        api.orders = [a_view(), a_view(), a_view()]
        for given in ({}, {}, {"idempotencyKey": "basket-1"}):
            Submission(local, 9, json=True).run({"groceryList": "eggs", **given})

        keys = [fields["idempotencyKey"] for fields in api.submitted]
        assert len(set(keys)) == 3
        assert keys[2] == "basket-1"

    def test_it_is_given_up_when_the_patience_would_not_last(
        self, local: Deployment, api: FakeApi, pauses: list[float]
    ) -> None:
        api.busy = 1

        with pytest.raises(TryLaterError) as refusal:
            Submission(local, 4, json=True).run({"groceryList": "eggs"})

        assert refusal.value.code is ExitCode.UNAVAILABLE
        assert (len(api.submitted), pauses) == (1, [])


def test_json_output_has_only_the_documented_fields(
    local: Deployment, api: FakeApi, execution: object, capsys: pytest.CaptureFixture[str]
) -> None:
    api.orders = [a_view(unmatched=[unmatched_line()])]

    Submission(local, 9, json=True).run({"groceryList": "eggs"})

    shown = capsys.readouterr()
    answer = json.loads(shown.out)
    assert shown.err == ""
    assert list(answer) == [
        "orderId",
        "executionArn",
        "status",
        "statusReason",
        "lines",
        "unmatched",
        "totalKobo",
        "currency",
        "paymentLink",
        "elapsedSeconds",
    ]
    (line,) = answer["lines"]
    assert {
        "text",
        "productId",
        "name",
        "quantity",
        "unit",
        "unitPriceKobo",
        "lineTotalKobo",
        "matchedBy",
        "confidence",
        "packing",
    } <= line.keys()
    assert answer["unmatched"] == [
        {
            "text": "1 unicorn",
            "reason": "We have no such product.",
            "question": None,
            "alternatives": [],
        }
    ]
    assert answer["totalKobo"] == line["lineTotalKobo"] == 240_100


def test_submit_waits_for_the_orders_record(
    local: Deployment,
    api: FakeApi,
    execution: list[Progress | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the execution nor the order has to be visible at once."""
    execution[:] = [None, progress(), progress("ParseOrder"), progress("ParseOrder", "ParkOrder")]
    remaining = execution[:]

    def look(*_: object) -> Progress | None:
        return remaining.pop(0)

    def get_order(*_: object) -> dict[str, Any]:
        assert remaining == [], "the API would answer OrderNotFound"
        return a_view(status="PAYMENT_DELAYED", payment_link=None)

    monkeypatch.setattr(watch, "read_progress", look)
    monkeypatch.setattr(CustomerApi, "get_order", get_order)

    assert Submission(local, 9, json=True).run({"groceryList": "eggs"}) is ExitCode.OK


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PAYMENT_INITIATED", 0),
        ("PAYMENT_DELAYED", 0),
        ("PAYMENT_COMPLETED", 0),
        ("REJECTED", 1),
        ("EXPIRED", 1),
        ("CANCELLED", 1),
        ("FAILED", 1),
    ],
)
def test_the_exit_code_depends_on_the_orders_status(
    local: Deployment, api: FakeApi, execution: object, status: str, code: int
) -> None:
    api.orders = [a_view(status=status)]

    assert Submission(local, 9, json=True).run({"groceryList": "eggs"}) == code


def test_an_order_without_a_link_is_shown_with_its_reason(
    local: Deployment, api: FakeApi, execution: object, capsys: pytest.CaptureFixture[str]
) -> None:
    api.orders = [
        a_view(status="REJECTED", payment_link=None, status_reason="Nothing [/] is sold.", lines=[])
    ]

    Submission(local, 9, json=False).run({"groceryList": "eggs"})

    shown = capsys.readouterr().out
    assert "Reason: Nothing [/] is sold.\n" in shown
    assert "link" not in shown


def test_no_wait_prints_only_the_order_and_its_status(
    local: Deployment, api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    code = Submission(local, 9, json=False).run({"groceryList": "eggs"}, wait=False)

    assert code is ExitCode.OK
    assert capsys.readouterr().out == "Order: 7e1c\nStatus: PENDING_MATCHING\n"


def test_an_order_that_ended_long_ago_is_shown_without_its_execution(
    local: Deployment, api: FakeApi, execution: list[Progress | None]
) -> None:
    execution[:] = [None]
    api.accepted = ACCEPTED | {"status": "PAYMENT_COMPLETED"}
    api.orders = [a_view(status="PAYMENT_COMPLETED")]

    assert Submission(local, 9, json=True).run({"groceryList": "eggs"}) is ExitCode.OK


def test_pay_posts_to_the_checkout_and_waits_for_the_end(
    local: Deployment,
    api: FakeApi,
    execution: list[Progress],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pressed: list[str] = []

    def post(url: str, **_: Any) -> httpx.Response:
        pressed.append(url)
        return httpx.Response(200, request=httpx.Request("POST", url))

    monkeypatch.setattr("httpx.post", post)
    waits = progress("ParseOrder", "AwaitPayment")
    execution[:] = [waits, waits, progress("AwaitPayment", "OrderClosed", status="SUCCEEDED")]
    api.orders = [a_view(payment_link=PAID_LINK), a_view(status="PAYMENT_COMPLETED")]

    code = Submission(local, 9, json=False).run({"groceryList": "eggs"}, pay=True)

    assert (code, pressed) == (ExitCode.OK, [PAID_LINK])
    shown = capsys.readouterr()
    assert "Paying at the checkout" in shown.err
    assert shown.err.count("AwaitPayment") == 1, "one table, not one for each wait"
    assert "PAYMENT_COMPLETED" in shown.out


def test_pay_fails_for_a_parked_order(local: Deployment, api: FakeApi, execution: object) -> None:
    api.orders = [a_view(status="PAYMENT_DELAYED", payment_link=None)]

    code = Submission(local, 9, json=True).run({"groceryList": "eggs"}, pay=True)

    assert code is ExitCode.FAILED


def test_paying_on_aws_is_refused_before_anything_is_ordered(
    deployment: Deployment, api: FakeApi
) -> None:
    with pytest.raises(CommandError, match="local checkout only"):
        Submission(deployment, 9, json=True).run({"groceryList": "eggs"}, pay=True)

    assert api.submitted == []


@pytest.mark.parametrize(
    ("look", "code", "message"),
    [
        (progress("ParseOrder"), 1, "still on its way after 0 s; it is not lost. Look again with"),
        (None, 1, "still on its way"),
        (KeyboardInterrupt(), 130, "Stopped watching; the order goes on. Look again with"),
        (
            progress("MatchProducts", status="FAILED", error="Boom"),
            1,
            r"ended as FAILED in MatchProducts \(Boom\). The order is kept, and "
            "`orders replay --order 7e1c` lets it go on",
        ),
        (progress(status="ABORTED"), 1, "ended as ABORTED. The order is kept"),
    ],
    ids=["slow", "unknown", "ctrl-c", "broken", "aborted"],
)
def test_an_error_during_the_wait_names_the_order(
    local: Deployment,
    api: FakeApi,
    execution: list[Any],
    look: Progress | BaseException | None,
    code: int,
    message: str,
) -> None:
    execution[:] = [look]

    with pytest.raises(CommandError, match=message) as e:
        Submission(local, 0, json=True).run({"groceryList": "eggs"})

    assert e.value.code == code
    assert "`orders show 7e1c`" in str(e.value)


def test_a_terminal_shows_the_states_in_place(
    local: Deployment,
    api: FakeApi,
    execution: list[Progress],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
    monkeypatch.setattr(watch, "err", terminal)
    execution[:] = [progress("ParseOrder"), progress("ParseOrder", "AwaitPayment")]

    Submission(local, 9, json=False).run({"groceryList": "eggs"})

    assert isinstance(terminal.file, io.StringIO)
    cursor_up = "\x1b[1A"
    assert cursor_up in terminal.file.getvalue()
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--pay", "--no-wait"]])
def test_options_that_contradict_each_other_are_refused(
    orders: Orders, arguments: list[str]
) -> None:
    result = orders("submit", "eggs", *arguments)

    assert result.exit_code == 2
    assert "drop --no-wait" in result.stderr


@pytest.mark.parametrize(
    ("text", "stdin"), [("-", b"2 cr\xe8mes"), ("2 cr\udce8mes", None)], ids=["stdin", "argument"]
)
def test_a_list_that_is_not_text_is_refused(orders: Orders, text: str, stdin: bytes | None) -> None:
    result = orders("submit", text, stdin=stdin)

    assert result.exit_code == 2
    assert result.stderr == "error: The list is not UTF-8 text.\n"


def test_options_and_a_list_on_standard_input_become_the_mutations_input(
    orders: Orders, connected: Deployment, api: FakeApi
) -> None:
    arguments = ("--email", "b@c.example", "--idempotency-key", "monday", "--no-wait", "--json")

    result = orders("submit", "-", *arguments, stdin="3 eggs\n2 kg rice\n")

    assert result.exit_code == 0
    assert api.submitted == [
        {
            "customerEmail": "b@c.example",
            "idempotencyKey": "monday",
            "groceryList": "3 eggs\n2 kg rice\n",
        }
    ]
    assert json.loads(result.stdout)["elapsedSeconds"] is None


def test_a_list_that_the_firewall_would_block_is_refused_before_it_is_sent() -> None:
    with pytest.raises(CommandError, match="InvalidOrder: The list takes 12,000 bytes"):
        parse_list("ẹ" * 2_000, None)


@pytest.mark.usefixtures("connected")
class TestSourcesOfAList:
    @pytest.mark.parametrize("option", ["-f", "--file"])
    def test_a_file(self, orders: Orders, api: FakeApi, tmp_path: Path, option: str) -> None:
        file = tmp_path / "my list.txt"
        file.write_bytes(b"\xef\xbb\xbf- 3 eggs\r\n- 2 kg rice\n")

        result = orders("submit", option, str(file), "--no-wait")

        assert (result.exit_code, sent(api)) == (0, ["- 3 eggs\n- 2 kg rice\n"])

    def test_standard_input(self, orders: Orders, api: FakeApi) -> None:
        result = orders("submit", "-", "--no-wait", stdin="- 3 eggs\n")

        assert (result.exit_code, sent(api)) == (0, ["- 3 eggs\n"])

    def test_an_argument_that_begins_with_a_dash(self, orders: Orders, api: FakeApi) -> None:
        result = orders("submit", "--no-wait", "--", "- 3 eggs\n- 2 kg rice")

        assert (result.exit_code, sent(api)) == (0, ["- 3 eggs\n- 2 kg rice"])

    @pytest.mark.parametrize("text", ["- 3 eggs", "-3 eggs", "-- 3 eggs --", "-- 3 eggs\n- milk"])
    @pytest.mark.parametrize("last", [True, False])
    def test_a_list_may_begin_with_a_dash(
        self, orders: Orders, api: FakeApi, text: str, last: bool
    ) -> None:
        arguments = ["--no-wait", text] if last else [text, "--no-wait"]

        result = orders("submit", *arguments)

        assert (result.exit_code, sent(api)) == (0, [text])

    def test_values_of_options_are_no_lists(self, orders: Orders, api: FakeApi) -> None:
        orders("submit", "eggs", "--no-wait", "--idempotency-key", "- my key")

        assert api.submitted[0]["idempotencyKey"] == "- my key"

    def test_one_word_that_begins_with_a_dash_is_an_option(
        self, orders: Orders, api: FakeApi
    ) -> None:
        result = orders("submit", "-rice")

        assert (result.exit_code, api.submitted) == (2, [])
        assert 'orders submit -- "-eggs"' in result.stderr

    @pytest.mark.parametrize("arguments", [[], ["eggs", "-f", __file__]], ids=["none", "two"])
    def test_exactly_one_list_is_needed(
        self, orders: Orders, api: FakeApi, arguments: list[str]
    ) -> None:
        result = orders("submit", *arguments)

        assert (result.exit_code, api.submitted) == (2, [])
        assert result.stderr.startswith("error: Give one list: ")

    def test_a_file_that_is_not_text_is_refused(
        self, orders: Orders, api: FakeApi, tmp_path: Path
    ) -> None:
        file = tmp_path / "list.txt"
        file.write_text("3 eggs", encoding="utf-16")

        result = orders("submit", "-f", str(file))

        assert (result.exit_code, api.submitted) == (2, [])
        assert result.stderr == "error: The list is not UTF-8 text.\n"

    def test_a_missing_file_is_named(self, orders: Orders, api: FakeApi) -> None:
        result = orders("submit", "-f", "no-list.txt")

        assert (result.exit_code, api.submitted) == (2, [])
        assert "no-list.txt" in result.stderr


def sent(api: FakeApi) -> list[str]:
    """The lists that were submitted."""
    return [fields["groceryList"] for fields in api.submitted]


class TestReview:
    @pytest.fixture
    def confirmed(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
        seen: list[tuple[str, int]] = []
        monkeypatch.setattr(CustomerApi, "confirm", lambda _, *given: seen.append(given))
        return seen

    def test_an_order_in_review_is_shown_and_how_to_confirm_it(
        self,
        local: Deployment,
        api: FakeApi,
        execution: list[Any],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        execution[:] = [progress("ParseOrder"), progress("ParseOrder", "AwaitReview")]
        api.orders = [a_view(status="AWAITING_REVIEW", payment_link=None)]

        code = Submission(local, 9, json=False).run({"groceryList": "eggs", "review": True})

        assert code is ExitCode.OK
        assert "Confirm it: orders confirm 7e1c" in capsys.readouterr().out

    def test_the_order_is_confirmed_as_it_is_now_and_followed_to_its_link(
        self,
        local: Deployment,
        api: FakeApi,
        execution: list[Any],
        confirmed: list[tuple[str, int]],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        execution[:] = [progress("AwaitReview"), progress("AwaitReview", "AwaitPayment")]
        api.orders = [a_view(status="AWAITING_REVIEW", version=7), a_view()]

        code = Submission(local, 9, json=False).confirm("7e1c")

        assert code is ExitCode.OK
        assert confirmed == [("7e1c", 7)]
        assert f"Payment link: {LINK}" in capsys.readouterr().out


def test_a_parked_order_names_the_next_command(
    local: Deployment, api: FakeApi, execution: object, capsys: pytest.CaptureFixture[str]
) -> None:
    api.orders = [a_view(status="PAYMENT_DELAYED", payment_link=None)]

    Submission(local, 9, json=False).run({"groceryList": "eggs"})

    assert "It goes on by itself: orders show " in capsys.readouterr().out


def test_an_error_of_the_api_says_where_to_look_and_how_to_send_again(
    local: Deployment, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = CommandError("InternalError: Please try again.", ExitCode.FAILED)
    monkeypatch.setattr(api, "submit", Mock(side_effect=failed))

    with pytest.raises(CommandError) as refusal:
        Submission(local, 9, json=True).run({"groceryList": "eggs", "idempotencyKey": "k-1"})

    assert refusal.value.code is ExitCode.FAILED
    assert "`orders local logs`" in str(refusal.value)
    assert "`--idempotency-key k-1` can be sent again: no order is doubled" in str(refusal.value)
