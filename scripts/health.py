"""Whether a stage works, in a few checks: each asks one thing, and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from cdk.alarm_names import METRICS_NAMESPACE
from cdk.canary_times import INTERVAL_MINUTES, MISSED_RUNS
from orderflow.breakers.providers import ProviderName
from orderflow.clock import to_epoch_ms
from orderflow.errors import OrderflowError
from scripts.cli.console import CommandError
from scripts.cli.deployment import Deployment
from scripts.cli.releases.deploy import shares_of
from scripts.inspection.alarms import alarms
from scripts.inspection.breakers import is_open, lets_through
from scripts.releases.record import Release

_TIMEOUT_SECONDS: Final = 10.0
#: The canary's last runs: as many as its alarm looks at, and one that is under way.
_CANARY_WINDOW: Final = timedelta(minutes=INTERVAL_MINUTES * (MISSED_RUNS + 1))
_NO_ANSWER: Final = (
    BotoCoreError, ClientError, CommandError, OrderflowError, httpx.HTTPError,
)  # fmt: skip


class Verdict(StrEnum):
    """What a check found."""

    OK = "ok"
    FAILED = "failed"
    #: Nothing can be said, and nothing is expected: no schedule runs the local stage's canary.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """One check: its name, and what it found, in words."""

    name: str
    verdict: Verdict
    text: str

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {"name": self.name, "verdict": self.verdict, "text": self.text}


@dataclass(frozen=True)
class Health:
    """All checks of a stage."""

    checks: list[Check]

    @property
    def is_healthy(self) -> bool:
        """Whether no check failed."""
        return all(check.verdict is not Verdict.FAILED for check in self.checks)

    def of(self, name: str) -> Check:
        """The check of this name."""
        return next(check for check in self.checks if check.name == name)

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {"healthy": self.is_healthy, "checks": [each.as_json() for each in self.checks]}


Found = tuple[Verdict, str]


def health(deployment: Deployment, now: datetime) -> Health:
    """Asks a stage. A check that gets no answer has failed; the others are made all the same."""
    looks: dict[str, Callable[[], Found]] = {
        "API": lambda: _api(deployment),
        "Workflow": lambda: _workflow(deployment),
        "Version": lambda: _version(deployment),
        "Canary": lambda: _canary(deployment, now),
        "Providers": lambda: _providers(deployment, now),
        "Pages": lambda: _pages(deployment),
    }
    return Health([_check(name, look) for name, look in looks.items()])


def _check(name: str, look: Callable[[], Found]) -> Check:
    try:
        verdict, text = look()
    except _NO_ANSWER as error:
        verdict, text = Verdict.FAILED, f"Can't be asked: {error}"
    return Check(name, verdict, text)


def _api(deployment: Deployment) -> Found:
    """It answers, and refuses a request without a token."""
    response = httpx.post(
        deployment.graphql_url,
        json={"query": "{ myOrders { nextToken } }"},
        timeout=_TIMEOUT_SECONDS,
        trust_env=deployment.urls is None,
    )
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return Verdict.OK, "It answers, and refuses requests without a token."
    return Verdict.FAILED, f"A request without a token gets {response.status_code}, not 401."


def _workflow(deployment: Deployment) -> Found:
    status = deployment.client("stepfunctions").describe_state_machine(
        stateMachineArn=deployment.output("StateMachineArn")
    )["status"]
    if status == "ACTIVE":
        return Verdict.OK, "The state machine is active."
    return Verdict.FAILED, f"The state machine is {status}."


def _version(deployment: Deployment) -> Found:
    """New orders run what a release recorded."""
    history = Release.history(deployment.client("ssm"), deployment.output("ReleaseParameter"))
    if not history:
        return Verdict.FAILED, "No release is recorded."
    release, shares = history[-1], shares_of(deployment)
    where = ", ".join(f"{share} % to version {number}" for number, share in shares.items())
    text = f"{release.name}, version {release.number}. New orders: {where}."
    # After a roll-back an earlier release gets them.
    is_recorded = set(shares) <= {str(each.number) for each in history}
    return (Verdict.OK if is_recorded else Verdict.FAILED), text


def _canary(deployment: Deployment, now: datetime) -> Found:
    """As its alarm: two misses in a row, or silence where it runs on a schedule."""
    missed = _missed_runs(deployment, now)
    if not missed:
        window = f"for {_CANARY_WINDOW.total_seconds() // 60:.0f} minutes"
        if deployment.urls is None:
            return Verdict.FAILED, f"It has not run {window}."
        # The stack may be younger than the window.
        text = f"It has not run since the stack began, or {window}."
        return Verdict.UNKNOWN, f"{text} Here it runs by command: orders canary run."
    text = f"{missed.count(False)} of its last {len(missed)} runs passed."
    return (Verdict.FAILED if all(missed[-MISSED_RUNS:]) else Verdict.OK), text


def _missed_runs(deployment: Deployment, now: datetime) -> list[bool]:
    """Whether each of the last runs missed, the latest last; those of one minute are one."""
    answer = deployment.client("cloudwatch").get_metric_statistics(
        Namespace=METRICS_NAMESPACE,
        MetricName="CanaryMissed",
        Dimensions=[{"Name": "service", "Value": "run_canary"}],
        StartTime=now - _CANARY_WINDOW,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Minimum"],
    )
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    return [point["Minimum"] >= 1 for point in points]


def _providers(deployment: Deployment, now: datetime) -> Found:
    ms = to_epoch_ms(now)
    breakers = [deployment.breakers.read(provider) for provider in ProviderName]
    waiting = [item for item in breakers if is_open(item, ms)]
    if not waiting:
        return Verdict.OK, "No breaker is open."
    found = (f"{item.provider}'s breaker lets through {lets_through(item, ms)}" for item in waiting)
    return Verdict.FAILED, f"{'; '.join(found)}."


def _pages(deployment: Deployment) -> Found:
    names = [*_paging(deployment)]
    if names:
        return Verdict.FAILED, f"On: {', '.join(names)}."
    return Verdict.OK, "No alarm pages."


def _paging(deployment: Deployment) -> Iterator[str]:
    for alarm in alarms(deployment):
        if alarm.is_on and alarm.pages:
            yield alarm.name
