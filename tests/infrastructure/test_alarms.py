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
from orderflow.breakers.providers import ProviderName
from orderflow.breakers.settings import BreakerPolicy
from scripts.local.cloudwatch import alarms as evaluation
from tests.support.templates import Synthesize, Templates, readable

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
#: What to do after a decision, not after an alarm: a table or a region is lost.
PROCEDURES = {"lost-region.md", "lost-table.md"}
SECTIONS = ("What it means", "How bad", "Look", "Act", "Verify", "Escalate")
#: The alarms on providers that are out.
OUTAGES = [f"{each.title()}Out" for each in ProviderName]
RECONCILER_SECONDS = 300
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


@pytest.mark.parametrize("name", OUTAGES)
def test_an_alarm_on_an_outage_stays_as_it_is_until_the_breaker_changes(
    templates: Templates, name: str
) -> None:
    alarm = alarms_of(templates)[name]
    shown = {each: alarm[each] for each in ("MetricName", "Statistic", "Period", "Threshold")}
    assert shown == {
        "MetricName": "ProviderOut",
        "Statistic": "Maximum",
        "Period": 60,
        "Threshold": 1,
    }
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "ignore")
    assert (
        f'ALARM("grocery-{templates.stage}-{name}")'
        in composites_of(templates)["RecentCause"]["AlarmRule"]
    )


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
        #: Whether each provider is out, as the reconciler finds.
        self.out = dict.fromkeys(OUTAGES, False)
        self._reconciled = self.now
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
        self._reconcile()
        for alarm in [*cloudwatch._alarms.values()]:
            if "Metrics" not in alarm:
                evaluation.evaluate(alarm, lambda: self.now)

    def _reconcile(self) -> None:
        """Every five minutes the reconciler says of which provider it finds that it is not out."""
        if self.now - self._reconciled < RECONCILER_SECONDS:
            return
        self._reconciled = self.now
        for outage, is_out in self.out.items():
            if not is_out:
                self._store(outage, 0)

    def open(self, outage: str, opens: int) -> None:
        """A provider's breaker opens, so many times in a row."""
        self.out[outage] = opens > 1
        self._store(f"{outage}Lately", 1)
        self.put(outage, int(self.out[outage]))

    def close(self, outage: str) -> None:
        """A probe succeeds: the breaker closes."""
        self.out[outage] = False
        self.put(outage, 0)

    def pass_seconds(self, seconds: int) -> None:
        """Time without values of breakers, evaluated as CloudWatch does: each minute."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 60)
            self.evaluate()

    def state(self, name: str) -> str:
        """The state of an alarm or a page."""
        full = f"{self._prefix}{name}"
        return str({**cloudwatch._alarms, **cloudwatch._composite_alarms}[full]["StateValue"])

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
    for opens in (1, 2):
        stage.open("PaystackOut", opens)
    stage.provoke("CanaryMissed")
    stage.close("PaystackOut")
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
        ("PaystackOut", "PayStack is out: its breaker opened again, and has not closed since."),
        (
            "BedrockOutLately",
            "Bedrock was out: its breaker opened. This was within the last hour.",
        ),
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
    stage.open("PaystackOut", 1)
    for minute in range(0, 60, 5):
        for _ in range(10):
            stage.put("CreatePaymentLinkErrors", 1)
        stage.open("PaystackOut", 2 + minute // 5)
        stage.put("OrdersParked", 5 + minute)
        stage.put("ParkedOrdersAge", minute * 60)
        stage.put("BreakersOpen", 1)
        stage.now += 300
        stage.evaluate()
    stage.close("PaystackOut")
    for name in ("OrdersParked", "ParkedOrdersAge", "BreakersOpen"):
        stage.put(name, 0)
    for _ in range(25):
        stage.put("LinksFastLong", 1)
        stage.now += 20
        stage.evaluate()
    stage.pass_a_day()
    assert stage.pages == [("ProviderOut", "ALARM"), ("ProviderOut", "OK")]
    assert stage.is_quiet


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_of_hours_pages_until_two_minutes_after_the_probe_that_succeeds(
    stage: Stage, outage: str
) -> None:
    """The waits between two probes grow to a quarter of an hour, and a quarter of that."""
    policy = BreakerPolicy()
    stage.open(outage, 1)
    began, opens = stage.now, 1
    while stage.now - began < 3 * 3600:
        stage.pass_seconds(round(policy.cooldown(opens) * (1 + policy.jitter)))
        opens += 1
        stage.open(outage, opens)
        assert stage.state(outage) == stage.state("ProviderOut") == "ALARM"
    assert opens < 20
    stage.pass_seconds(round(policy.cooldown(opens)))
    assert stage.pages == [("ProviderOut", "ALARM")]

    stage.close(outage)
    stage.pass_seconds(120)

    assert stage.pages == [("ProviderOut", "ALARM"), ("ProviderOut", "OK")]
    assert stage.state(outage) == "OK"


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_of_minutes_pages_no_longer_than_it_lasts(stage: Stage, outage: str) -> None:
    stage.open(outage, 1)
    stage.pass_seconds(70)
    assert stage.pages == []
    stage.open(outage, 2)
    stage.pass_seconds(130)
    stage.close(outage)
    stage.pass_seconds(120)

    assert stage.pages == [("ProviderOut", "ALARM"), ("ProviderOut", "OK")]


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_that_the_first_probe_ends_pages_nobody(stage: Stage, outage: str) -> None:
    stage.open(outage, 1)
    stage.pass_seconds(70)
    stage.close(outage)
    stage.pass_a_day()

    assert stage.pages == []


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_end_that_got_lost_is_found_by_the_next_run_of_the_reconciler(
    stage: Stage, outage: str
) -> None:
    for opens in (1, 2):
        stage.open(outage, opens)
        stage.pass_seconds(60)
    stage.out[outage] = False  # and no value says so
    stage.pass_seconds(RECONCILER_SECONDS + 120)

    assert stage.pages == [("ProviderOut", "ALARM"), ("ProviderOut", "OK")]


def test_symptoms_are_quiet_while_a_provider_asks_for_a_pause_of_hours(stage: Stage) -> None:
    """``Retry-After`` may be an hour: then the last opening is longer ago."""
    for opens in (1, 2):
        stage.open("PaystackOut", opens)
    stage.pass_seconds(75 * 60)
    for _ in range(3):
        stage.put("LinksFastLong", 1)

    assert stage.pages == [("ProviderOut", "ALARM")]


def test_two_providers_that_are_out_at_once_are_one_page(stage: Stage) -> None:
    """It ends with the second outage: CloudWatch joins them, whichever ends first."""
    for outage in OUTAGES:
        for opens in (1, 2):
            stage.open(outage, opens)
            stage.pass_seconds(60)
    first, second = OUTAGES
    stage.close(first)
    stage.pass_seconds(600)
    assert stage.pages == [("ProviderOut", "ALARM")]

    stage.close(second)
    stage.pass_seconds(120)

    assert stage.pages == [("ProviderOut", "ALARM"), ("ProviderOut", "OK")]


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
