"""Every alarm: what it pages, its runbook, and how it begins and ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.services import cloudwatch

from cdk.constructs.alarms.incident import Incident
from scripts.local.cloudwatch import alarms as evaluation
from tests.support.templates import Synthesize, Templates, readable

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
#: What to do after a decision, not after an alarm: a table or a region is lost.
PROCEDURES = {"lost-region.md", "lost-table.md"}
SECTIONS = ("What it means", "How bad", "Look", "Act", "Verify", "Escalate")
#: A start for time: whole hours, far from any values.
BEGINNING = 1_800_000_000.0


def alarms_of(templates: Templates) -> dict[str, dict[str, Any]]:
    """Every metric alarm of a stage by its name, without the stage's prefix."""
    resources = [*templates.resources("AWS::CloudWatch::Alarm").values()]
    if templates.trail is not None:
        resources += [
            each
            for each in templates.trail["Resources"].values()
            if each["Type"] == "AWS::CloudWatch::Alarm"
        ]
    found = [each["Properties"] for each in resources]
    return {each["AlarmName"].removeprefix(f"grocery-{templates.stage}-"): each for each in found}


def composites_of(templates: Templates) -> dict[str, dict[str, Any]]:
    """Every composite alarm, by its name without the stage's prefix."""
    found = [each["Properties"] for each in templates.paging["Resources"].values()]
    return {each["AlarmName"].removeprefix(f"grocery-{templates.stage}-"): each for each in found}


def runbook_of(alarm: dict[str, Any]) -> str:
    (name,) = re.findall(r"See the runbook ([a-z-]+\.md)\.$", alarm["AlarmDescription"])
    return str(name)


def test_every_alarm_pages_by_itself_or_as_part_of_one_incident(templates: Templates) -> None:
    """But for those of causes that were lately, and those that only turn a deployment back."""
    for name, alarm in alarms_of(templates).items():
        expected = 0 if _is_quiet(name) else 1
        assert len(templates.pages_of(alarm)) == expected, name


def _is_quiet(name: str) -> bool:
    return name.endswith("Lately") or name.startswith("release-")


def test_every_incident_pages_operations_when_it_begins_and_ends(templates: Templates) -> None:
    pages = composites_of(templates)
    assert pages.keys() == {"RecentCause", *(each.title for each in Incident)}
    for incident in Incident:
        page = pages[incident.title]
        for actions in (page["AlarmActions"], page["OKActions"]):
            assert [readable(each).rpartition(":")[2] for each in actions] == [
                f"grocery-{templates.stage}-operations"
            ]
        assert page["AlarmDescription"].startswith(incident.what)
    assert "AlarmActions" not in pages["RecentCause"]


def test_every_rule_names_alarms_that_exist_and_is_short_enough(templates: Templates) -> None:
    known = {*alarms_of(templates), *composites_of(templates)}
    for name, page in composites_of(templates).items():
        named = re.findall(rf'ALARM\("grocery-{templates.stage}-([\w-]+)"\)', page["AlarmRule"])
        assert named, name
        assert set(named) <= known
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
        assert len(page["AlarmRule"]) <= 10_240
        assert len(set(named)) <= 100


def test_symptoms_wait_for_their_cause_on_aws(templates: Templates) -> None:
    page = composites_of(templates)["ServiceDegraded"]
    assert readable(page["ActionsSuppressor"]) == "<RecentCause.Arn>"
    assert (page["ActionsSuppressorWaitPeriod"], page["ActionsSuppressorExtensionPeriod"]) == (
        120,
        300,
    )


def test_every_alarm_has_its_row_in_a_runbook_and_every_runbook_an_alarm(
    synthesize: Synthesize,
) -> None:
    templates = synthesize("prod")
    used = set()
    for name, alarm in {**alarms_of(templates), **composites_of(templates)}.items():
        runbook = runbook_of(alarm)
        used.add(runbook)
        named = {name.removesuffix("Lately"), *_families(name)}
        text = (RUNBOOKS / runbook).read_text()
        assert any(f"`{each}`" in text for each in named), f"{name} in {runbook}"
    assert used == {each.name for each in RUNBOOKS.glob("*.md")} - {"README.md"} - PROCEDURES


def _families(name: str) -> Iterator[str]:
    """Names that stand for many alarms in a runbook: ``...Errors`` for those of all functions."""
    if name.startswith("release-function-errors-"):
        yield "release-function-errors-..."
    for ending in ("Errors", "Throttles", "Duration", "IteratorAge", "Out", "DeadLettersWaiting"):
        if name.removesuffix("Lately").endswith(ending):
            yield f"...{ending}"
    for objective in ("Links", "Updates", "Payments"):
        if name.startswith(objective):
            yield f"{objective}..."
    for acl in ("Api", "SignIn"):
        if name.startswith(acl):
            yield f"{acl}..."


@pytest.mark.parametrize("runbook", sorted(RUNBOOKS.glob("*.md")), ids=lambda each: each.name)
def test_every_runbook_has_the_same_sections(runbook: Path) -> None:
    if runbook.name == "README.md":
        assert all(each.name in runbook.read_text() for each in RUNBOOKS.glob("[a-z]*.md"))
        return
    if runbook.name in PROCEDURES:
        return
    sections = re.findall(r"^## (.+)$", runbook.read_text(), re.MULTILINE)
    assert [each for each in sections if each in SECTIONS] == [*SECTIONS]


class Stage:
    """A stage's alarms in MiniStack's CloudWatch, with a clock of its own and a mailbox."""

    def __init__(self, templates: Templates, patch: pytest.MonkeyPatch) -> None:
        self.now = BEGINNING
        #: Whether the canary runs: its silence is an alarm.
        self.canary_runs = True
        self.pages: list[tuple[str, str]] = []
        self._math: dict[str, dict[str, Any]] = {}
        self._prefix = f"grocery-{templates.stage}-"
        patch.setattr(cloudwatch, "time", SimpleNamespace(time=lambda: self.now))
        patch.setattr(cloudwatch, "_dispatch_alarm_actions", self._dispatch)
        cloudwatch.reset()
        self.alarms = {
            name: each for name, each in alarms_of(templates).items() if "Metrics" not in each
        }
        for each in self.alarms.values():
            record = {
                **each,
                "Dimensions": self._dimensions(each),
                "StateValue": "OK",
                "AlarmArn": "an ARN",
            }
            cloudwatch._alarms[each["AlarmName"]] = record
        for name, each in alarms_of(templates).items():
            if "Metrics" in each:  # of which tests say themselves whether they are on
                self._math[name] = {**each, "StateValue": "OK", "AlarmArn": "an ARN"}
                cloudwatch._alarms[each["AlarmName"]] = self._math[name]
        for each in sorted(
            composites_of(templates).values(), key=lambda one: "AlarmActions" in one
        ):
            cloudwatch._put_composite_alarm({}, each, False, True)
        self.pages.clear()

    def _dimensions(self, alarm: dict[str, Any]) -> list[dict[str, str]]:
        return [
            {"Name": each["Name"], "Value": readable(each["Value"])}
            for each in alarm.get("Dimensions", [])
        ]

    def _dispatch(self, alarm: dict[str, Any], _old: str, new: str, _reason: str) -> None:
        if alarm.get("AlarmActions"):
            self.pages.append((alarm["AlarmName"].removeprefix(self._prefix), new))

    def put(self, name: str, value: float) -> None:
        """A value of the alarm's metric, now."""
        self._store(name, value)
        self.evaluate()

    def _store(self, name: str, value: float) -> None:
        alarm = self.alarms[name]
        dimensions = {each["Name"]: each["Value"] for each in self._dimensions(alarm)}
        metric = alarm["Namespace"], alarm["MetricName"]
        cloudwatch._store_datum(*metric, dimensions, self.now, "Count", value, None, None, None)

    def evaluate(self) -> None:
        if self.canary_runs:
            self._store("CanaryMissed", 0)
        for alarm in [*cloudwatch._alarms.values()]:
            if "Metrics" not in alarm:
                evaluation.evaluate(alarm, lambda: self.now)

    def set_state(self, name: str, *, is_on: bool) -> None:
        """The state of an alarm on math, which tests/infrastructure/test_math_alarms.py finds."""
        alarm, state = self._math[name], "ALARM" if is_on else "OK"
        if alarm["StateValue"] != state:
            alarm.update(StateValue=state, StateUpdatedTimestamp=int(self.now))
            cloudwatch._evaluate_parent_alarms(alarm)

    def provoke(self, name: str) -> None:
        """Values that begin the alarm, and no more of them than it takes."""
        alarm = self.alarms[name]
        if name == "CanaryMissed":
            self.canary_runs = False
            self.now += alarm["Period"]  # away from the last run that passed
        for period in range(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]):
            self.now += alarm["Period"] if period else 0
            self.put(name, alarm["Threshold"])

    def pass_a_day(self) -> None:
        """Time without values: two hours in short steps, then the rest. The canary passes again."""
        self.canary_runs = True
        for seconds in (*[300] * 24, 22 * 3600):
            self.now += seconds
            self.evaluate()

    @property
    def is_quiet(self) -> bool:
        every = [*cloudwatch._alarms.values(), *cloudwatch._composite_alarms.values()]
        return all(each["StateValue"] == "OK" for each in every)


@pytest.fixture
def stage(synthesize: Synthesize, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(synthesize("prod"), monkeypatch)


def test_each_alarm_provoked_pages_exactly_once_and_ends(
    stage: Stage, synthesize: Synthesize
) -> None:
    templates = synthesize("prod")
    for name, alarm in stage.alarms.items():
        if _is_part_of_an_objective(name) or _is_quiet(name):
            continue
        stage.pages.clear()
        stage.provoke(name)
        (page,) = templates.pages_of(alarm)
        page = page.removeprefix("grocery-prod-")
        assert stage.pages == [(page, "ALARM")], name
        stage.put(name, alarm["Threshold"])
        assert stage.pages == [(page, "ALARM")], name
        stage.pass_a_day()
        assert stage.pages == [(page, "ALARM"), (page, "OK")], name
        assert stage.is_quiet


def test_one_run_of_the_canary_that_missed_pages_nobody(stage: Stage) -> None:
    stage.evaluate()
    stage.canary_runs = False
    stage.now += 300
    stage.put("CanaryMissed", 1)
    stage.canary_runs = True
    stage.pass_a_day()
    assert stage.pages == []


def test_a_canary_that_does_not_run_pages_as_one_that_misses(stage: Stage) -> None:
    stage.evaluate()
    stage.canary_runs = False
    for _ in range(2):
        stage.now += 301
        stage.evaluate()
    assert stage.pages == [("ServiceDegraded", "ALARM")]


def test_a_canary_that_misses_since_a_provider_is_out_is_no_page_of_its_own(stage: Stage) -> None:
    stage.put("PaystackOutLately", 1)
    for _ in range(2):
        stage.put("PaystackOut", 1)
    stage.provoke("CanaryMissed")
    stage.pass_a_day()
    assert stage.pages == [("ProviderOut", "ALARM"), ("ProviderOut", "OK")]


def _is_part_of_an_objective(name: str) -> bool:
    return name.startswith(("Links", "Updates", "Payments")) and name.endswith(
        ("Many", "Long", "Short")
    )


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (
            "LinksFastLong",
            "At least 14.4 % of the payment links of the last hour were made more than 30 s after "
            "the order.",
        ),
        (
            "UpdatesSlowShort",
            "At least 6 % of the updates of the last 30 minutes were published more than 5 s after "
            "the change.",
        ),
        (
            "PaymentsLateMany",
            "At least 3 of the payments of the last 6 hours took more than 60 s to be confirmed.",
        ),
        ("PaystackOut", "PayStack is out: its breaker opened again after a failed probe."),
    ],
)
def test_an_alarm_says_what_has_happened(stage: Stage, name: str, what: str) -> None:
    assert stage.alarms[name]["AlarmDescription"].startswith(f"{what} See the runbook ")


@pytest.mark.parametrize("objective", ["Links", "Updates", "Payments"])
def test_a_burning_budget_pages_once_and_ends(stage: Stage, objective: str) -> None:
    metric = f"{objective}FastLong"
    for _ in range(12):
        stage.put(metric, 0)
    for _ in range(3):
        stage.put(metric, 1)
    assert stage.pages == [("ServiceDegraded", "ALARM")]
    stage.pass_a_day()
    assert stage.pages == [("ServiceDegraded", "ALARM"), ("ServiceDegraded", "OK")]


def test_a_few_late_events_page_nobody(stage: Stage) -> None:
    for _ in range(2):
        stage.put("LinksFastLong", 1)
    for _ in range(500):
        stage.put("UpdatesFastLong", 0)
    for _ in range(4):
        stage.put("UpdatesFastLong", 1)
    assert stage.pages == []


def test_a_slow_burn_pages_when_it_has_lasted(stage: Stage) -> None:
    """One in ten is late, for hours: less than a fast burn."""
    for _ in range(36):
        for late in (*[0] * 9, 1):
            stage.put("PaymentsFastLong", late)
        stage.now += 600
        stage.evaluate()
    assert ("ServiceDegraded", "ALARM") in stage.pages
    assert len([state for _, state in stage.pages if state == "ALARM"]) == 1


def test_an_outage_with_all_its_symptoms_is_one_page(stage: Stage) -> None:
    """PayStack is out for an hour: calls fail, orders are parked, links come late afterwards."""
    stage.put("PaystackOutLately", 1)
    for minute in range(0, 60, 5):
        for _ in range(10):
            stage.put("CreatePaymentLinkErrors", 1)
        stage.put("PaystackOut", 1)
        stage.put("OrdersParked", 5 + minute)
        stage.put("ParkedOrdersAge", minute * 60)
        stage.put("BreakersOpen", 1)
        stage.now += 300
        stage.evaluate()
    for name in ("OrdersParked", "ParkedOrdersAge", "BreakersOpen"):
        stage.put(name, 0)
    for _ in range(25):
        stage.put("LinksFastLong", 1)
        stage.now += 20
        stage.evaluate()
    stage.pass_a_day()
    assert stage.pages == [("ProviderOut", "ALARM"), ("ProviderOut", "OK")]
    assert stage.is_quiet


@pytest.mark.parametrize(
    ("alarm", "page", "symptoms"),
    [
        # What names match nothing waits for Bedrock, and gets its link late.
        ("BedrockRefuses", "ProviderOut", ("OrdersParked", "ParkedOrdersAge", "LinksFastLong")),
        ("EmailRefused", "EmailRefused", ("SendPaymentLinkErrors", "SendStatusEmailsErrors")),
    ],
)
def test_a_refusal_that_lasts_is_one_page_though_orders_are_far_between(
    stage: Stage, alarm: str, page: str, symptoms: tuple[str, ...]
) -> None:
    for _ in range(6):
        stage.put(alarm, 1)
        for symptom in symptoms:
            for _ in range(3):
                stage.put(symptom, stage.alarms[symptom]["Threshold"])
        for _ in range(8):
            stage.now += 300
            stage.evaluate()
    stage.pass_a_day()
    assert stage.pages == [(page, "ALARM"), (page, "OK")]
    assert stage.is_quiet


def test_a_bad_deployment_is_one_page(stage: Stage) -> None:
    """Executions fail at once, and the functions' errors and durations follow."""
    for _ in range(20):
        stage.put("ExecutionsFailed", 1)
        stage.put("MatchProductsErrors", 1)
        stage.put("MatchProductsDuration", 29_000)
        stage.now += 10
    stage.pass_a_day()
    assert stage.pages == [("OrdersFail", "ALARM"), ("OrdersFail", "OK")]


def test_an_hour_of_healthy_load_pages_nobody(stage: Stage) -> None:
    """Each metric has the values of a healthy stage; some transient errors are among them."""
    for minute in range(60):
        for name, alarm in stage.alarms.items():
            if name.endswith("Duration"):
                stage.put(name, alarm["Threshold"] / 3)
            elif _is_part_of_an_objective(name) and name.endswith("Many"):
                stage.put(name, 0)
        if minute % 10 == 0:
            stage.put("CreatePaymentLinkErrors", 1)
        stage.now += 60
    stage.evaluate()
    assert stage.pages == []
