"""``orders breakers`` against a table in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from orderflow.breakers.providers import ProviderName
from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.clock import epoch_ms
from orderflow.errors import StoreUnavailable
from orderflow.matching.guarded import BEDROCK
from orderflow.payments.guarded import PAYSTACK
from scripts.cli.deployment import Deployment
from scripts.cli.operations import breakers as module
from scripts.inspection.breakers import is_open, lets_through
from tests.unit.cli.conftest import ACTOR, AUDIT_LOG_GROUP, BREAKER_PREFIX, Audited, Orders

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOW = 1_800_000_000_000
OPEN: dict[str, Any] = {
    "provider": "paystack",
    "state": "OPEN",
    "epoch": 7,
    "failures": 0,
    "opens": 2,
    "mode": "AUTO",
    "reason": "PayStack did not answer: [ReadTimeoutError].",
    "updatedBy": "create_payment_link",
}


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module, "epoch_ms", lambda: NOW)
    return NOW


def item(**changes: Any) -> BreakerItem:
    return BreakerItem(provider="paystack", **changes)


def test_every_provider_has_its_words() -> None:
    assert {BEDROCK.key, PAYSTACK.key} <= {*ProviderName}
    assert {*module.FALLBACKS} == {*ProviderName}
    assert [each.display_name for each in ProviderName] == ["PayStack", "Bedrock"]


def test_every_breaker_is_shown_with_its_state(
    orders: Orders,
    operated: Deployment,
    breakers_table: Table,
    now: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.out, "width", 60 + 40 * len(ProviderName))
    breakers_table.put_item(Item=OPEN | {"openedAt": now - 35_000, "retryAt": now + 42_500})

    result = orders("breakers")

    assert (result.exit_code, result.stderr) == (0, "")
    cells = {line[:12].strip(): line[14:].split("  ")[0] for line in result.stdout.splitlines()}
    assert cells == {
        "": "paystack",
        "State": "OPEN",
        "Mode": "AUTO",
        "Lets through": "one probe, in 42 s",
        "Failures": "-",
        "Openings": "2 in a row",
        "Epoch": "7",
        "Since": "35 s ago",
        "Reason": "PayStack did not answer: [ReadTimeoutError].",
        "Updated by": "create_payment_link",
    }
    # The others', which have no items yet.
    assert result.stdout.count("CLOSED") == len(ProviderName) - 1
    assert orders("breakers", "show").stdout == result.stdout


def test_breakers_as_json_have_their_threshold_and_no_probe_id(
    orders: Orders, operated: Deployment, breakers_table: Table, now: int
) -> None:
    breakers_table.put_item(
        Item=OPEN | {"state": "HALF_OPEN", "probeUntil": now + 1, "probeId": "secret"}
    )

    result = orders("breakers", "--json")

    shown = {each["provider"]: each for each in json.loads(result.stdout)}
    assert shown["paystack"] == {
        **OPEN,
        "state": "HALF_OPEN",
        "openedAt": None,
        "retryAt": None,
        "closedAt": None,
        "probeUntil": now + 1,
        "modeReason": None,
        "isOpen": True,
        "threshold": 5,
    }
    assert (shown["bedrock"]["state"], shown["bedrock"]["isOpen"]) == ("CLOSED", False)
    assert shown.keys() == {*ProviderName}


@pytest.mark.parametrize(
    ("breaker", "text", "opened"),
    [
        (item(), "every call", False),
        (item(state=State.OPEN, retry_at=NOW + 1_000), "one probe, in 1 s", True),
        (item(state=State.OPEN, retry_at=NOW), "the next call, as a probe", False),
        (
            item(state=State.HALF_OPEN, probe_until=NOW + 12_000),
            "one probe, under way; the next in 12 s unless it answers",
            True,
        ),
        (item(state=State.HALF_OPEN, probe_until=NOW), "the next call, as a probe", False),
        (item(mode=Mode.FORCED_OPEN), "no call, until an operator changes it", True),
        (item(mode=Mode.FORCED_CLOSED, state=State.OPEN, retry_at=NOW + 1), "every call", False),
    ],
)
def test_what_a_breaker_lets_through(breaker: BreakerItem, text: str, opened: bool) -> None:
    assert lets_through(breaker, NOW) == text
    assert is_open(breaker, NOW) is opened


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (
            {"state": "OPEN", "failures": 0, "opens": 9, "mode": "FORCED_CLOSED"},
            {
                "State": "CLOSED",
                "Mode": "FORCED_CLOSED",
                "Lets through": "every call",
                "Failures": "-",
                "Openings": "-",
            },
        ),
        (
            {"state": "CLOSED", "failures": 2, "opens": 0, "mode": "FORCED_OPEN"},
            {
                "State": "OPEN",
                "Mode": "FORCED_OPEN",
                "Lets through": "no call, until an operator changes it",
                "Failures": "-",
                "Openings": "-",
            },
        ),
        (
            {"state": "CLOSED", "failures": 2, "opens": 9},
            {
                "State": "CLOSED",
                "Mode": "AUTO",
                "Lets through": "every call",
                "Failures": "2 of 5",
                "Openings": "-",
            },
        ),
        (
            {"state": "HALF_OPEN", "failures": 0, "opens": 9, "probeUntil": NOW},
            {
                "State": "HALF_OPEN",
                "Mode": "AUTO",
                "Lets through": "the next call, as a probe",
                "Failures": "-",
                "Openings": "9 in a row",
            },
        ),
    ],
    ids=["forced closed", "forced open", "closed", "half open"],
)
def test_a_breaker_shows_what_holds_now(
    orders: Orders,
    operated: Deployment,
    breakers_table: Table,
    now: int,
    monkeypatch: pytest.MonkeyPatch,
    stored: dict[str, Any],
    shown: dict[str, str],
) -> None:
    monkeypatch.setattr(module.out, "width", 60 + 40 * len(ProviderName))
    breakers_table.put_item(Item=OPEN | stored)

    lines = orders("breakers").stdout.splitlines()

    cells = {line[:12].strip(): line[14:].split("  ")[0] for line in lines}
    assert {name: cells[name] for name in shown} == shown


def test_a_state_that_an_operator_forced_has_no_time(
    orders: Orders, operated: Deployment, breakers_table: Table, now: int
) -> None:
    opened = OPEN | {"openedAt": now - 35_000, "mode": "FORCED_CLOSED"}
    breakers_table.put_item(Item=opened)

    assert "35 s ago" not in orders("breakers").stdout


def test_a_closed_breaker_shows_when_it_closed(
    orders: Orders, operated: Deployment, breakers_table: Table, now: int
) -> None:
    breakers_table.put_item(Item=OPEN | {"state": "CLOSED", "closedAt": now - 7_200_000})

    assert "2 h ago" in orders("breakers").stdout


def test_a_breaker_is_shown_without_its_settings(orders: Orders, operated: Deployment) -> None:
    ssm = boto3.client("ssm")
    for provider in ProviderName:
        ssm.put_parameter(Name=f"{BREAKER_PREFIX}{provider}", Value="{}x", Overwrite=True)
    ssm.delete_parameter(Name=f"{BREAKER_PREFIX}paystack")

    result = orders("breakers")

    assert result.exit_code == 0
    assert "paystack's breaker can't be read: ParameterNotFound." in result.stderr
    assert "bedrock's breaker can't be read: not a policy." in result.stderr
    assert " of " not in result.stdout


class _Stop:
    """Raises KeyboardInterrupt after this number of pauses."""

    def __init__(self, pauses: int) -> None:
        self.left = pauses

    def __call__(self, _: float) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def test_watch_refreshes_until_ctrl_c(
    orders: Orders, operated: Deployment, breakers_table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    breakers_table.put_item(Item=OPEN | {"retryAt": epoch_ms() + 60_000})
    ctrl_c = _Stop(1)

    def recover(seconds: float) -> None:
        breakers_table.put_item(Item=OPEN | {"state": "CLOSED", "reason": "The probe succeeded."})
        ctrl_c(seconds)

    monkeypatch.setattr("time.sleep", recover)

    result = orders("breakers", "--watch")

    assert result.exit_code == 130
    assert "The probe succeeded." in result.stdout
    assert "Traceback" not in result.output


def test_watch_continues_after_a_failed_refresh(
    orders: Orders, operated: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, broken = type(operated.breakers).read, [True]

    def flicker(store: Any, provider: str) -> BreakerItem:
        if broken.pop() if broken else False:
            raise StoreUnavailable("DynamoDB failed: InternalServerError")
        return read(store, provider)

    monkeypatch.setattr(type(operated.breakers), "read", flicker)
    monkeypatch.setattr("time.sleep", _Stop(1))

    assert "every call" in orders("breakers", "-w").stdout


def test_watch_prints_each_change_on_lines_of_its_own_without_a_terminal(
    orders: Orders, operated: Deployment, breakers_table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    breakers_table.put_item(Item=OPEN | {"retryAt": epoch_ms() + 3_600_000})
    ctrl_c = _Stop(4)

    def recover(seconds: float) -> None:
        if ctrl_c.left == 2:
            breakers_table.put_item(Item=OPEN | {"state": "CLOSED", "reason": "It is back."})
        ctrl_c(seconds)

    monkeypatch.setattr("time.sleep", recover)

    result = orders("breakers", "--watch")

    assert result.stdout.count("State") == 2
    assert result.stdout.index("OPEN") < result.stdout.index("It is back.")
    assert result.stdout.endswith("\n")


def test_watch_with_json_is_refused(orders: Orders, operated: Deployment) -> None:
    assert orders("breakers", "--watch", "--json").exit_code == 2


@pytest.mark.parametrize(
    ("command", "mode", "message"),
    [
        ("open", "FORCED_OPEN", "orders are parked until it is called again"),
        ("close", "FORCED_CLOSED", "every call. Parked orders go on by themselves."),
        ("auto", "AUTO", "one probe, in 1 min. Parked orders go on by themselves once it closes."),
    ],
)
def test_a_forced_mode_is_set_audited_and_explained(  # noqa: PLR0917 - fixtures
    orders: Orders,
    operated: Deployment,
    audited: Audited,
    breakers_table: Table,
    now: int,
    command: str,
    mode: str,
    message: str,
) -> None:
    breakers_table.put_item(Item=OPEN | {"retryAt": now + 60_000})

    result = orders("breakers", command, "paystack", "--reason", " Maintenance at PayStack ")

    assert (result.exit_code, result.stderr) == (0, "")
    assert f"The breaker of paystack is {mode}." in result.stdout
    assert message in result.stdout
    stored = operated.breakers.read("paystack")
    forced = mode != "AUTO"
    assert (stored.mode, stored.mode_reason, stored.updated_by) == (
        mode,
        "Maintenance at PayStack" if forced else None,
        ACTOR,
    )
    assert stored.reason == OPEN["reason"]
    assert (stored.state, stored.epoch) == ("OPEN", 7)
    assert audited() == [(f"breaker {mode}", "paystack", "Maintenance at PayStack")]


def test_a_breaker_that_was_closed_stays_closed_and_says_why(
    orders: Orders, operated: Deployment, breakers_table: Table, now: int
) -> None:
    breakers_table.put_item(Item=OPEN | {"retryAt": now + 60_000})

    orders("breakers", "close", "paystack", "--reason", "The status page says up.")
    left = orders("breakers", "auto", "paystack")

    assert "Lets through: every call." in left.stdout
    shown = " ".join(orders("breakers").stdout.split())
    assert "The status page says up." in shown
    assert "Left to itself again" not in shown


def test_opening_bedrocks_breaker_names_its_fallback(orders: Orders, operated: Deployment) -> None:
    opened = orders("breakers", "open", "bedrock", "--reason", "Costs")
    left = orders("breakers", "auto", "bedrock")

    assert "orders are matched by name alone" in opened.stdout
    assert left.stdout == (
        "The breaker of bedrock is AUTO. Lets through: every call. "
        "Parked orders go on by themselves.\n"
    )


def test_a_forced_mode_as_json_is_the_new_state(orders: Orders, operated: Deployment) -> None:
    answer = json.loads(
        orders("breakers", "open", "paystack", "--reason", "Maintenance", "--json").stdout
    )

    assert (answer["mode"], answer["isOpen"]) == ("FORCED_OPEN", True)


@pytest.mark.parametrize("command", ["open", "close"])
@pytest.mark.parametrize("reason", [[], ["--reason", ""], ["--reason", "  "]])
def test_forcing_a_mode_without_a_reason_is_refused(
    orders: Orders, operated: Deployment, audited: Audited, command: str, reason: list[str]
) -> None:
    result = orders("breakers", command, "paystack", *reason)

    assert result.exit_code == 2
    assert audited() == []


def test_an_unknown_provider_is_refused_with_the_known_ones(orders: Orders) -> None:
    result = orders("breakers", "open", "paypal", "--reason", "x")

    assert result.exit_code == 2
    assert "bedrock" in result.stderr


def test_a_stage_before_the_command_is_refused(orders: Orders) -> None:
    result = orders("breakers", "--stage", "dev", "open", "paystack", "--reason", "x")

    assert result.exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["open", "paystack", "--reason", "x"],
        ["close", "paystack", "--reason", "x"],
        ["auto", "paystack"],
        ["policy", "paystack", "--set", "threshold=3"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_no_mode_is_forced_that_cannot_be_audited(
    orders: Orders, operated: Deployment, arguments: list[str]
) -> None:
    boto3.client("logs").delete_log_group(logGroupName=AUDIT_LOG_GROUP)

    result = orders("breakers", *arguments)

    assert result.exit_code == 3
    assert "The audit log can't be written (ResourceNotFoundException)" in result.stderr
    assert operated.breakers.read("paystack") == BreakerItem(provider="paystack")
    assert json.loads(orders("breakers", "policy", "paystack", "--json").stdout)["threshold"] == 5


def test_settings_are_shown_and_changed_one_at_a_time(
    orders: Orders, operated: Deployment, audited: Audited
) -> None:
    result = orders(
        "breakers", "policy", "paystack", "--set", "threshold=3", "--set", "cooldownSeconds=90",
        "--reason", "They fail more gently now", "--json",
    )  # fmt: skip

    policy = json.loads(result.stdout)
    assert (policy["threshold"], policy["cooldownSeconds"], policy["jitter"]) == (3, 90, 0.25)
    assert audited() == [("breaker policy", "paystack", "They fail more gently now")]
    shown = orders("breakers", "policy", "paystack").stdout
    assert "threshold            3" in shown
    assert len(audited()) == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("threshold=0", "threshold: Input should be greater than or equal to 1"),
        ("threshold", "threshold: "),
        ("speed=3", "speed: Extra inputs are not permitted"),
    ],
)
def test_invalid_settings_are_refused(
    orders: Orders, operated: Deployment, audited: Audited, change: str, problem: str
) -> None:
    result = orders("breakers", "policy", "paystack", "--set", change)

    assert result.exit_code == 2
    assert problem in result.stderr
    assert "The settings are threshold, cooldownSeconds" in result.stderr
    assert audited() == []
