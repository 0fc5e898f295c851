"""``python -m tests.load``: puts load on a fresh local stack, or on a stage, and writes the report.

``make load`` runs the steady profile: a short ramp that finds the knee, then 1,000 orders at 100 at
once. The report is docs/performance/load.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from scripts.auth import Tokens, enrol, sign_in
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.orders.execution import read_progress
from scripts.cost.counting import calls_for
from scripts.cost.requests import read_requests
from scripts.local.stack.lifecycle import LocalStack
from scripts.local.stack.state import PROJECT, Home, LocalState
from tests.load import floor, report
from tests.load.figures import (
    Distribution,
    Figures,
    Step,
    by_kind,
    errors,
    growth_an_hour,
    line,
    steps,
    throughput,
)
from tests.load.observations import Kind, Observation, read_observations
from tests.load.profiles import Profile, profile
from tests.load.watch import Watch, watching
from tests.support.shop import Shop
from tests.support.waiting import wait_for

#: More customers than this use the account of another, as its second device.
_ACCOUNTS: Final = 50
_WARM_UP: Final = (1, 8, 16)
_LIST: Final = "2 cups milk, 1 loaf bread, 3 eggs"
_LOOKED_AT: Final = 150
_STOP_SECONDS: Final = 60
_SOAK_SECONDS: Final = 7200
#: So many points of memory, about, are drawn.
_DRAWN: Final = 120


@dataclass(frozen=True)
class _Target:
    """Where the load goes: Locust's settings, and the local stack's state if it is one."""

    settings: dict[str, Any]
    deployment: Deployment
    state: LocalState | None


def main() -> int:
    """Runs one profile; the exit code is 1 if an order has no link or an execution failed."""
    arguments = _arguments()
    course = profile(arguments.profile, arguments.orders, arguments.at_once, arguments.seconds)
    with _target(arguments.stage, arguments.at_once) as target:
        figures, observations = _measure(target, course, arguments)
    page = report.write(arguments.output, figures, observations)
    print(page.read_text())
    return int(bool(figures.without_link or figures.failed))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="steady")
    parser.add_argument(
        "--orders", type=int, default=1000, help="of the steady and the outage profile"
    )
    parser.add_argument("--at-once", type=int, default=100, help="customers")
    parser.add_argument(
        "--seconds", type=float, help="of a step of the ramp (30), of the soak (2 h)"
    )
    parser.add_argument(
        "--ramp-seconds",
        type=float,
        default=15,
        help="of a step before the steady profile; 0: none",
    )
    parser.add_argument("--stage", default=LOCAL)
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "performance")
    arguments = parser.parse_args()
    if arguments.seconds is None:
        arguments.seconds = _SOAK_SECONDS if arguments.profile == "soak" else 30.0
    return arguments


def _measure(
    target: _Target, course: Profile, arguments: argparse.Namespace
) -> tuple[Figures, list[Observation]]:
    found_floor = floor.measure(target.state) if target.state else floor.Floor(0, 0)
    knee: list[Step] = []
    if course.name == "steady" and arguments.ramp_seconds:
        ramp = profile("ramp", 0, arguments.at_once, arguments.ramp_seconds)
        began, seen = _run(target, ramp)
        knee = steps(seen, ramp.steps, began)
    with _watched(target.state) as watch:
        began, observations = _run(target, course)
    if course.name == "ramp":
        knee = steps(observations, course.steps, began)
    orders = [each.order for each in observations if each.kind is Kind.LINK]
    seconds, rate = throughput(observations)
    figures = Figures(
        build=_build(),
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        profile=course.name,
        orders=sum(each.kind is Kind.ACCEPT for each in observations),
        at_once=course.most,
        seconds=seconds,
        links_per_second=rate,
        kinds=by_kind(observations),
        states=_states(target.deployment, orders[-_LOOKED_AT:]),
        errors=errors(observations),
        failed=_failed(target.deployment, began),
        without_link=sum(_is_without_link(each) for each in observations),
        floor_per_second=found_floor.per_second,
        floor_p99=found_floor.p99,
        steps=knee,
        calls=_calls(target.state, orders, began),
        **_used(watch, max(1, len(orders))),
    )
    return figures, observations


def _run(target: _Target, course: Profile) -> tuple[float, list[Observation]]:
    """Runs Locust; when it began, and what its customers saw."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        path = Path(folder) / "observations.jsonl"
        path.touch()
        settings = target.settings | {
            "observations": str(path),
            "profile": course.name,
            "orders": course.orders or 0,
            "atOnce": course.most,
            "seconds": course.steps[0][0],
        }
        began = time.time()
        subprocess.run(
            [
                *(sys.executable, "-m", "locust", "--locustfile", "tests/load/locustfile.py"),
                *("--headless", "--only-summary", "--loglevel", "WARNING"),
                *("--stop-timeout", str(_STOP_SECONDS)),
            ],
            cwd=PROJECT,
            env={**os.environ, "LOAD_SETTINGS": json.dumps(settings), "PYTHONPATH": str(PROJECT)},
            check=True,
            stdout=subprocess.DEVNULL,  # Locust's own tables: it sees no requests
        )
        return began, list(read_observations(path))


@contextmanager
def _target(stage: str, at_once: int) -> Iterator[_Target]:
    if stage != LOCAL:
        deployment = connect(stage)
        person = deployment.customer
        tokens = sign_in(deployment.user_pool, person.email, person.password, person.totp_secret)
        account = _account(person.email, tokens)
        yield _Target(_settings(deployment, [account]), deployment, None)
        return
    with (
        tempfile.TemporaryDirectory(prefix="load-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("ORDERS_LOCAL_DIR", folder)
        patch.setenv("ORDERS_LOCAL_NAME", "load")
        patch.setenv("ORDERS_LOCAL_TIME_FACTOR", "1")
        with LocalStack() as state:
            shop = Shop(state)
            _warm_up(shop)
            with ThreadPoolExecutor(4) as pool:
                count = min(_ACCOUNTS, at_once)
                accounts = list(pool.map(lambda _: _enrolled(shop), range(count)))
            deployment = connect(LOCAL)
            staff = _enrolled(shop, "ops")
            settings = _settings(deployment, accounts, staff, state.urls.paystack)
            yield _Target(settings, deployment, state)


def _enrolled(shop: Shop, *groups: str) -> dict[str, Any]:
    """A new account that has signed in with its authenticator app."""
    account = shop.new_account(*groups)
    tokens = enrol(shop.deployment.user_pool, account.email, account.password)[1]
    return _account(account.email, tokens)


def _account(email: str, tokens: Tokens) -> dict[str, Any]:
    return {"email": email, "tokens": tokens.model_dump(mode="json")}


def _settings(
    deployment: Deployment,
    accounts: list[dict[str, Any]],
    staff: dict[str, Any] | None = None,
    paystack: str = "",
) -> dict[str, Any]:
    return {
        "graphql": deployment.graphql_url,
        "pool": asdict(deployment.user_pool),
        "accounts": accounts,
        "staff": staff,
        "paystack": paystack,
        "canPay": bool(paystack),  # a real checkout needs a card
    }


def _warm_up(shop: Shop) -> None:
    for some in _WARM_UP:
        with ThreadPoolExecutor(some) as pool:
            placed = list(pool.map(shop.customer.insist, [_LIST] * some))
        for order_id in placed:
            wait_for(
                lambda each=order_id: shop._status(each), lambda seen: seen == "PAYMENT_INITIATED"
            )


@contextmanager
def _watched(state: LocalState | None) -> Iterator[Watch]:
    if state is None:
        yield Watch()
        return
    with watching(state) as watch:
        yield watch


def _used(watch: Watch, orders: int) -> dict[str, Any]:
    if not watch.samples:
        return {}
    series = {
        name: [(each.at, float(getattr(each, field))) for each in watch.samples]
        for name, field in (
            ("memory aside from the emulator's", "other_mb"),
            ("workers", "workers"),
            ("open files", "descriptors"),
        )
    }
    growth = {name: growth_an_hour(points) for name, points in series.items()}
    columns = [asdict(each) for each in watch.samples]
    return {
        "processor_ms": {
            part: 1000 * used / orders for part, used in sorted(watch.processor.items())
        },
        **{
            name: max(each[name] for each in columns)
            for name in ("memory_mb", "workers", "descriptors", "parked")
        },
        "growth": {name: percent for name, percent in growth.items() if percent is not None},
        "kept_kb": _kept_kb(watch, orders),
        "memory_by_time": [
            (each.at - watch.samples[0].at, each.emulator_mb, each.other_mb)
            for each in watch.samples[:: max(1, len(watch.samples) // _DRAWN)]
        ],
    }


def _kept_kb(watch: Watch, orders: int) -> float:
    """By how much the emulator's memory grows with an order, at the run's mean rate."""
    grown = line([(each.at, each.emulator_mb) for each in watch.samples])
    seconds = watch.samples[-1].at - watch.samples[0].at
    return 1024 * grown[1] * seconds / orders if grown else 0.0


def _states(deployment: Deployment, orders: Sequence[str]) -> dict[str, Distribution]:
    """The seconds of each state, of these orders' executions."""
    sfn = deployment.client("stepfunctions")
    prefix = deployment.output("StateMachineArn").replace(":stateMachine:", ":execution:")
    seconds: dict[str, list[float]] = {}
    for order_id in orders:
        progress = read_progress(sfn, f"{prefix}:{order_id}")
        for visit in progress.visits if progress else []:
            if visit.ended and visit.name != "AwaitPayment":
                seconds.setdefault(visit.name, []).append(visit.seconds(visit.ended))
    found = {name: Distribution.of(each) for name, each in seconds.items()}
    return {name: distribution for name, distribution in found.items() if distribution}


def _failed(deployment: Deployment, since: float) -> int:
    pages = (
        deployment.client("stepfunctions")
        .get_paginator("list_executions")
        .paginate(stateMachineArn=deployment.output("StateMachineArn"), statusFilter="FAILED")
    )
    return sum(
        each["startDate"].timestamp() >= since for page in pages for each in page["executions"]
    )


def _is_without_link(observation: Observation) -> bool:
    """Errors of requests have ``kind: cause``, those of orders a status alone."""
    return (
        observation.kind is Kind.ERROR and bool(observation.order) and ":" not in observation.detail
    )


def _calls(state: LocalState | None, orders: Sequence[str], since: float) -> dict[str, float]:
    """An order's requests, by service."""
    if state is None:
        return {}
    found: dict[str, float] = {}
    calls = calls_for(frozenset(orders), read_requests(Home().requests, since))
    for name, number in calls.items():
        service = name.partition(":")[0]
        found[service] = found.get(service, 0) + number
    return found


def _build() -> str:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
