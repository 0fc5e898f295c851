"""All durations are settings that the local stage divides, and AWS has them as they always were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cdk  # noqa: F401 - first: sets the path of Node for jsii

# isort: split
import aws_cdk
from hypothesis import given
from hypothesis import strategies as st

from cdk.app import add_stacks
from cdk.constructs.foundation import CodeFor
from cdk.definition import load_definition
from cdk.durations import Durations, in_decimals
from cdk.settings import Settings
from orderflow.breakers.settings import BreakerPolicy
from orderflow.orders.model import LinkTimes
from orderflow.payments.verification import DEFAULT_PATIENCE
from scripts.local.time_factor import VARIABLE
from tests.support.templates import Synthesize, Templates

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
FACTOR = 360

#: By the place of a duration in the local templates, its value at factor 1 and at :data:`FACTOR`.
DIVIDED = {
    "AwaitPayment TimeoutSeconds": (86_400, 240),
    "AwaitReview TimeoutSeconds": (86_400, 240),
    "ParkOrder TimeoutSeconds": (86_400, 240),
    "ParkingDelaySeconds": ("60", "0.167"),
    "ReviewSeconds": ("86400", "240"),
    "create_payment_link LINK_VALIDITY_SECONDS": ("86400", "240"),
    "create_payment_link LINK_REUSE_MARGIN_SECONDS": ("300", "0.833"),
    "create_payment_link LINK_CHECK_AFTER_SECONDS": ("900", "2.5"),
    "create_payment_link LINK_CHECKED_AFTER_END_SECONDS": ("259200", "720"),
    "reconcile_orders LINK_VALIDITY_SECONDS": ("86400", "240"),
    "reconcile_orders LINK_REUSE_MARGIN_SECONDS": ("300", "0.833"),
    "reconcile_orders LINK_CHECK_AFTER_SECONDS": ("900", "2.5"),
    "reconcile_orders LINK_CHECKED_AFTER_END_SECONDS": ("259200", "720"),
    "reconcile_orders SESSION_CHECK_SECONDS": ("21600", "60"),
    "payment_webhook REVERSAL_CHECK_AFTER_SECONDS": ("3600", "10"),
    "payment_webhook DISPUTE_REMINDER_SECONDS": ("86400", "240"),
    "reconcile_orders REVERSAL_CHECK_AFTER_SECONDS": ("3600", "10"),
    "reconcile_orders DISPUTE_REMINDER_SECONDS": ("86400", "240"),
    "refund_payment REVERSAL_CHECK_AFTER_SECONDS": ("3600", "10"),
    "refund_payment DISPUTE_REMINDER_SECONDS": ("86400", "240"),
    "verify_payment UNDECIDED_ALERT_SECONDS": ("21600", "60"),
    "/grocery/local/breakers/bedrock cooldownSeconds": (60, 60 / FACTOR),
    "/grocery/local/breakers/bedrock maxCooldownSeconds": (900, 2.5),
    "/grocery/local/breakers/bedrock keepCooldownSeconds": (300, 300 / FACTOR),
    "/grocery/local/breakers/paystack cooldownSeconds": (60, 60 / FACTOR),
    "/grocery/local/breakers/paystack maxCooldownSeconds": (900, 2.5),
    "/grocery/local/breakers/paystack keepCooldownSeconds": (300, 300 / FACTOR),
    "handle_dead_letters DEAD_LETTER_DELAY_SECONDS": ("60", "0.167"),
    "output LinkValiditySeconds": ("86400", "240"),
}


def values(templates: Templates) -> dict[str, Any]:
    """Everything in which a duration may stand, by its place."""
    return dict(_values(templates))


def _values(templates: Templates) -> Iterator[tuple[str, Any]]:
    machine = templates.only(STATE_MACHINE)
    definition = json.loads(machine["DefinitionString"])
    for name, state in definition["States"].items():
        yield f"{name} TimeoutSeconds", state.pop("TimeoutSeconds", None)
    yield "definition", definition
    # Another environment makes another version of a function, with another reference.
    for name in ("ParkingDelaySeconds", "ReviewSeconds"):
        yield name, machine["DefinitionSubstitutions"][name]
    for function in templates.properties("AWS::Lambda::Function"):
        folder = function["Handler"].partition(".")[0]
        yield f"{folder} timeout", function.get("Timeout")
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            yield f"{folder} {variable}", value
    for parameter in templates.properties("AWS::SSM::Parameter"):
        if isinstance(parameter["Value"], dict):  # the release: versions, by reference
            continue
        for field, value in json.loads(parameter["Value"]).items():
            yield f"{parameter['Name']} {field}", value
    for rule in templates.properties("AWS::Events::Rule"):
        yield f"rule {rule.get('Description')}", rule.get("ScheduleExpression")
    for name, output in templates.orders["Outputs"].items():
        yield f"output {name}", output["Value"]


@pytest.fixture(scope="session")
def local_with(
    tmp_path_factory: pytest.TempPathFactory, context: dict[str, Any], stub_code: CodeFor
) -> Callable[[float], Templates]:
    """The local stage, synthesized with a factor of time."""

    def synthesize(factor: float) -> Templates:
        app = aws_cdk.App(outdir=str(tmp_path_factory.mktemp("local")), context=context)
        settings = Settings.for_stage("local", {VARIABLE: str(factor)})
        add_stacks(app, settings, stub_code)
        folder = Path(app.synth().directory)
        data, orders = (
            json.loads((folder / f"{settings.prefix}-{stack}.template.json").read_text())
            for stack in ("data", "orders")
        )
        return Templates("local", data, orders)

    return synthesize


def test_the_factor_divides_the_durations_and_changes_nothing_else(
    local_with: Callable[[float], Templates], synthesize: Synthesize
) -> None:
    real, divided = values(synthesize("local")), values(local_with(FACTOR))

    assert {
        place: (value, divided[place]) for place, value in real.items() if value != divided[place]
    } == {place: pytest.approx(both) if both[0] == 60 else both for place, both in DIVIDED.items()}


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_on_aws_the_durations_are_not_divided(synthesize: Synthesize, stage: str) -> None:
    found = values(synthesize(stage))

    for place, (real, _) in DIVIDED.items():
        assert found[place.replace("/local/", f"/{stage}/")] == real, place
    assert found["rule None"] == "rate(5 minutes)"


def test_the_definition_is_the_same_on_all_stages(synthesize: Synthesize) -> None:
    definitions = [
        synthesize(stage).only(STATE_MACHINE)["DefinitionString"]
        for stage in ("local", "dev", "staging", "prod")
    ]
    assert len(set(definitions)) == 1
    assert json.loads(definitions[0]) == load_definition()


def test_the_durations_are_the_codes_own_defaults() -> None:
    durations, links = Durations(), LinkTimes()
    assert durations.link_validity == links.validity.total_seconds()
    assert durations.undecided_alert == DEFAULT_PATIENCE.total_seconds()
    assert durations.breaker_policy == BreakerPolicy()


def test_no_duration_of_the_definition_is_left_to_it() -> None:
    """Every wait of hours is a setting; what is short waits for machines."""
    for name, state in load_definition(durations=Durations().divided_by(86_400))["States"].items():
        assert state.get("TimeoutSeconds", 0) <= 45, name


@given(st.floats(min_value=1, max_value=1e6))
def test_any_factor_gives_durations_that_services_take(factor: float) -> None:
    durations = Durations().divided_by(factor)

    for name, seconds in durations:
        assert durations.whole(name) >= max(seconds, 1)
        assert durations.whole(name) < seconds + 1 or durations.whole(name) == 1
        assert float(in_decimals(seconds)) == pytest.approx(seconds, abs=0.001)
        assert "e" not in in_decimals(seconds)
