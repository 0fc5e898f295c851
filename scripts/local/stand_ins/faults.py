"""Fault injection for the stand-ins: one provider's bad day, on request.

A :class:`FaultInjector` holds the fault and the counts; :class:`FaultMiddleware` applies them to a
stand-in's calls, and only to the provider's own operations: the checkout page and the admin API
stay as they are. Which operation a request is, the stand-in says (:data:`OperationOf`). The admin
API (:func:`admin_routes`):

* ``PUT /_admin/faults`` sets a :class:`Fault`, ``DELETE /_admin/faults`` clears it;
* ``GET /_admin/stats`` says how many calls arrived, by operation and by outcome.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SERVED: Final = "ok"


class Mode(StrEnum):
    """The ways in which a provider misbehaves."""

    OUTAGE = "outage"  # 503 at once
    ERROR = "error"  # 500 at once
    SLOW = "slow"  # the right answer, late
    TIMEOUT = "timeout"  # nothing until the caller has given up
    THROTTLE = "throttle"  # 429 with Retry-After
    GARBAGE = "garbage"  # 200 with a body that nobody can read
    BAD_REQUEST = "bad_request"  # the provider blames the caller: 400
    LOST = "lost"  # the work is done, then the connection drops before the answer


class Fault(BaseModel):
    """What to do to the provider's calls, and for how long.

    ``rate`` is the share of calls to spoil; ``times`` ends the fault after that many spoiled calls
    and ``for_seconds`` after that much time, whichever comes first. ``latency_seconds`` is the
    delay of ``slow`` and how long ``timeout`` holds a call before it answers after all.
    ``operations`` are the only ones to spoil, by the names that the counts give them; None leaves
    the choice to the stand-in.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True
    )

    mode: Mode
    rate: float = Field(default=1.0, ge=0, le=1)
    for_seconds: float | None = Field(default=None, gt=0, le=86_400)
    times: int | None = Field(default=None, ge=1)
    latency_seconds: float | None = Field(default=None, ge=0, le=300)
    retry_after_seconds: int = Field(default=2, ge=0, le=3_600)
    operations: tuple[str, ...] | None = Field(default=None, min_length=1)
    seed: int | None = None

    @property
    def delay_seconds(self) -> float:
        """How long this fault holds a call."""
        if self.latency_seconds is not None:
            return self.latency_seconds
        return {Mode.SLOW: 3.0, Mode.TIMEOUT: 60.0}.get(self.mode, 0.0)


class FaultInjector:
    """The fault that is set, when it ends, and what became of the calls so far.

    Args:
        clock: seconds, monotonic.
        spoils: the operations that a fault hits unless it names its own; all of them when None.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        spoils: Collection[str] | None = None,
    ) -> None:
        self._clock = clock
        self._spoils = spoils
        self._calls: Counter[str] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._fault: Fault | None = None

    def set(self, fault: Fault) -> None:
        """Replaces whatever fault was set."""
        self._fault = fault
        self._spoiled = 0
        self._ends_at = None if fault.for_seconds is None else self._clock() + fault.for_seconds
        self._random = random.Random(fault.seed)  # noqa: S311  # nosec B311 # no secret

    def clear(self) -> None:
        """Back to a healthy provider. The counts stay."""
        self._fault = None

    @property
    def active(self) -> Fault | None:
        """The fault that new calls may meet, unless it has run its course."""
        fault = self._fault
        if fault is None:
            return None
        over = self._ends_at is not None and self._clock() >= self._ends_at
        used_up = fault.times is not None and self._spoiled >= fault.times
        if over or used_up:
            self.clear()
        return self._fault

    def strike(self, operation: str) -> Fault | None:
        """Counts one call and decides whether the fault hits it."""
        fault = self.active
        if fault is not None and not self._hits(fault, operation):
            fault = None
        if fault is not None:
            self._spoiled += 1
        self._calls[operation] += 1
        self._outcomes[fault.mode if fault else SERVED] += 1
        return fault

    def _hits(self, fault: Fault, operation: str) -> bool:
        targets = fault.operations or self._spoils
        if targets is not None and operation not in targets:
            return False
        return self._random.random() < fault.rate

    def stats(self) -> dict[str, Any]:
        """Calls since the start: in total, by operation, and by outcome (``ok`` or a mode)."""
        fault = self.active
        return {
            "calls": self._calls.total(),
            "byOperation": dict(self._calls),
            "byOutcome": dict(self._outcomes),
            "fault": fault and fault.model_dump(mode="json", by_alias=True, exclude_none=True),
        }


#: Writes the provider's own error body for a mode that answers with one.
ErrorAnswer = Callable[[Fault], Response]

#: The operation that an HTTP request asks for; None if it is none of the provider's.
OperationOf = Callable[[Scope], str | None]


def by_path(operations: Mapping[str, str]) -> OperationOf:
    """Operations that are told apart by the start of their path (prefix -> name)."""

    def operation_of(scope: Scope) -> str | None:
        path = scope["path"]
        return next((name for start, name in operations.items() if path.startswith(start)), None)

    return operation_of


class FaultMiddleware:
    """ASGI middleware that spoils the calls which the injector strikes.

    Args:
        app: the stand-in.
        injector: says which calls to spoil, and how.
        operation_of: names a request's operation; only requests with one are counted and spoiled.
        error_answer: the provider's error response for a fault.
    """

    def __init__(
        self,
        app: ASGIApp,
        injector: FaultInjector,
        operation_of: OperationOf,
        error_answer: ErrorAnswer,
    ) -> None:
        self._app = app
        self._injector = injector
        self._operation_of = operation_of
        self._error_answer = error_answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the fault that hits its operation."""
        operation = self._operation_of(scope) if scope["type"] == "http" else None
        fault = operation and self._injector.strike(operation)
        if fault:
            await self._spoil(fault, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.mode:
            case Mode.SLOW:
                await asyncio.sleep(fault.delay_seconds)
                await self._app(scope, receive, send)
            case Mode.TIMEOUT:
                await _hold(fault.delay_seconds, receive)
                await self._error_answer(fault)(scope, receive, send)
            case Mode.LOST:
                await self._app(scope, receive, _discard)
                await _drop(send)
            case Mode.GARBAGE:
                await _UNREADABLE(scope, receive, send)
            case _:
                await self._error_answer(fault)(scope, receive, send)


_UNREADABLE: Final = Response(b'{"status": tru\xff<html>', media_type="application/json")


async def _hold(seconds: float, receive: Receive) -> None:
    """Waits, but no longer than the caller does."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _discard(_: Message) -> None:
    """An answer that never leaves the building."""


async def _drop(send: Send) -> None:
    """Promises bytes that never come, at which the server closes the connection."""
    headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})


def admin_routes(injector: FaultInjector) -> list[Route]:
    """The fault admin API, and ``GET /_admin/health``."""

    async def set_fault(request: Request) -> Response:
        try:
            injector.set(Fault.model_validate_json(await request.body()))
        except ValidationError as error:
            return invalid_request(error)
        return JSONResponse(injector.stats())

    async def clear_fault(_: Request) -> Response:
        injector.clear()
        return JSONResponse(injector.stats())

    async def stats(_: Request) -> Response:
        return JSONResponse(injector.stats())

    return [
        Route("/_admin/health", health),
        Route("/_admin/faults", set_fault, methods=["PUT"]),
        Route("/_admin/faults", clear_fault, methods=["DELETE"]),
        Route("/_admin/stats", stats),
    ]


async def health(_: Request) -> Response:
    """Answers as long as the stand-in serves at all."""
    return JSONResponse({"status": "ok"})


def invalid_request(error: ValidationError) -> JSONResponse:
    """400 that names each wrong field of an admin request."""
    problems = [
        {"field": ".".join(str(part) for part in item["loc"]) or "body", "problem": item["msg"]}
        for item in error.errors(include_url=False)
    ]
    return JSONResponse({"error": "Invalid request", "problems": problems}, HTTPStatus.BAD_REQUEST)
