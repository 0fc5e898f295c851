"""The health of a local stack and of its parts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import httpx

from scripts.local.stack.state import LocalState, Process, Supervised, Urls

_TIMEOUT_SECONDS: Final = 3.0


class Condition(StrEnum):
    """The condition of a stack."""

    UP = "up"  # deployed, and every part answers
    STARTING = "starting"  # running, but not deployed yet
    BROKEN = "broken"  # a part does not run or answer
    DOWN = "down"  # there is no stack


@dataclass(frozen=True)
class Component:
    """One part: its address, its process and its health."""

    name: str
    url: str
    pid: int
    healthy: bool


@dataclass(frozen=True)
class Status:
    """A stack's condition and its parts."""

    name: str
    condition: Condition
    components: tuple[Component, ...] = ()
    created_at: datetime | None = None


def check(name: str, supervised: Supervised | None, state: LocalState | None) -> Status:
    """Checks every part."""
    if supervised is None:
        return Status(name, Condition.DOWN)
    components = _components(supervised.urls, supervised.supervisor, supervised.ministack)
    return Status(
        name,
        _condition(components, is_deployed=state is not None),
        components,
        state.created_at if state else None,
    )


def is_healthy(state: LocalState) -> bool:
    """Whether every part of a stack answers."""
    return all(one.healthy for one in _components(state.urls, state.supervisor, state.ministack))


def answers(url: str) -> bool:
    """Whether a health check answers with success."""
    try:
        return httpx.get(url, timeout=_TIMEOUT_SECONDS, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def emulator_health(urls: Urls) -> str:
    """The address of the emulator's health check."""
    return f"{urls.aws}/_ministack/health"


def _components(urls: Urls, supervisor: Process, ministack: Process) -> tuple[Component, ...]:
    parts = (
        ("aws", urls.aws, ministack, emulator_health(urls)),
        ("paystack", urls.paystack, supervisor, f"{urls.paystack}/_admin/health"),
        ("bedrock", urls.bedrock, supervisor, f"{urls.bedrock}/_admin/health"),
        ("dynamodb", urls.dynamodb, ministack, f"{urls.dynamodb}/_admin/health"),
        ("cognito", urls.cognito, supervisor, f"{urls.cognito}/_admin/health"),
        ("xray", urls.xray, supervisor, f"{urls.xray}/_admin/health"),
        ("appsync", urls.graphql, supervisor, f"{urls.front_door}/_admin/health"),
    )
    return tuple(
        Component(name, url, process.pid, process.is_running and answers(health))
        for name, url, process, health in parts
    )


def _condition(components: tuple[Component, ...], *, is_deployed: bool) -> Condition:
    if not all(one.healthy for one in components):
        return Condition.BROKEN
    return Condition.UP if is_deployed else Condition.STARTING
