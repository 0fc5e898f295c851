"""Fault injection for the stand-ins.

A :class:`FaultInjector` has the fault and the counts; :class:`FaultMiddleware` applies them to the
provider's operations, which each stand-in finds (:data:`OperationOf`). :func:`admin_routes` are:

* ``PUT /_admin/faults`` sets a :class:`Fault`, ``DELETE /_admin/faults`` clears it;
* ``GET /_admin/stats`` returns the number of calls, by operation and by outcome.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orderflow.validation import field_problems

SERVED: Final = "ok"


class Mode(StrEnum):
    """The kinds of faults."""

    OUTAGE = "outage"  # 503 at once
    ERROR = "error"  # 500 at once
    SLOW = "slow"  # the right answer, late
    TIMEOUT = "timeout"  # no answer until the caller gives up
    THROTTLE = "throttle"  # 429 with Retry-After
    GARBAGE = "garbage"  # 200 with a malformed body
    BAD_REQUEST = "bad_request"  # 400, as for an invalid request
    LOST = "lost"  # the operation succeeds, then the connection drops before the answer
    CREATED = "created"  # the right answer, with status 201
    ANSWER = "answer"  # one of the provider's own answers, by its name


class Fault(BaseModel):
    """A fault of a provider's calls, and its end.

    ``rate`` is the share of affected calls. The fault ends after ``times`` affected calls or after
    ``for_seconds``, whichever comes first. ``latency_seconds`` is the delay of ``slow``, and the
    time until ``timeout`` answers with an error. ``operations`` are the affected operations, by
    the names of the counts; None means the default of the stand-in. ``answer`` is the name of the
    provider's answer in the mode ``answer``.
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
    answer: str | None = None

    @model_validator(mode="after")
    def _answer_has_its_mode(self) -> Self:
        if (self.mode is Mode.ANSWER) != (self.answer is not None):
            raise ValueError("the mode `answer` needs the name of an answer, and no other has one")
        return self

    @property
    def delay_seconds(self) -> float:
        """The delay of a call by this fault."""
        if self.latency_seconds is not None:
            return self.latency_seconds
        return {Mode.SLOW: 3.0, Mode.TIMEOUT: 60.0}.get(self.mode, 0.0)


class FaultInjector:
    """The current fault, its end, and the counts of calls.

    Args:
        clock: seconds, monotonic.
        default_operations: the affected operations of a fault that names none; None for all.
        answers: the names of the provider's answers that a fault can ask for.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        default_operations: Collection[str] | None = None,
        answers: Collection[str] = (),
    ) -> None:
        self._clock = clock
        self._answers = answers
        self._default_operations = default_operations
        self._calls: Counter[str] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._fault: Fault | None = None

    def set(self, fault: Fault) -> None:
        """Sets the fault, in place of an earlier one.

        Raises:
            ValueError: the provider has no answer of that name.
        """
        if fault.answer is not None and fault.answer not in self._answers:
            names = ", ".join(sorted(self._answers)) or "none"
            raise ValueError(f"no answer is named {fault.answer!r}; there are: {names}")
        self._fault = fault
        self._affected = 0
        self._ends_at = None if fault.for_seconds is None else self._clock() + fault.for_seconds
        self._random = random.Random(fault.seed)  # noqa: S311  # nosec B311 # no secret

    def clear(self) -> None:
        """Ends the fault. The counts stay."""
        self._fault = None

    @property
    def active(self) -> Fault | None:
        """The fault that may affect new calls; None once it has ended."""
        fault = self._fault
        if fault is None:
            return None
        has_expired = self._ends_at is not None and self._clock() >= self._ends_at
        used_up = fault.times is not None and self._affected >= fault.times
        if has_expired or used_up:
            self.clear()
        return self._fault

    def on_call(self, operation: str) -> Fault | None:
        """Counts one call; returns the fault if it affects this call."""
        fault = self.active
        if fault is not None and not self._affects(fault, operation):
            fault = None
        if fault is not None:
            self._affected += 1
        self._calls[operation] += 1
        self._outcomes[fault.mode if fault else SERVED] += 1
        return fault

    def _affects(self, fault: Fault, operation: str) -> bool:
        targets = fault.operations or self._default_operations
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


#: The provider's own error response for a fault that answers with one.
ErrorAnswer = Callable[[Fault], Response]

#: The operation of an HTTP request; None if it is not an operation of the provider.
OperationOf = Callable[[Scope], str | None]


def by_path(operations: Mapping[str, str]) -> OperationOf:
    """Maps requests to operations by the prefix of their path, or of ``METHOD PATH``."""

    def operation_of(scope: Scope) -> str | None:
        asked = (scope["path"], f"{scope['method']} {scope['path']}")
        return next((n for s, n in operations.items() if any(a.startswith(s) for a in asked)), None)

    return operation_of


class FaultMiddleware:
    """ASGI middleware that applies the injector's faults to calls.

    Args:
        app: the stand-in.
        injector: decides which calls are affected.
        operation_of: names a request's operation; requests without one are not counted.
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
        """Pass the request on, or apply the fault that affects it."""
        operation = self._operation_of(scope) if scope["type"] == "http" else None
        fault = operation and self._injector.on_call(operation)
        if fault:
            await self._apply(fault, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _apply(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.mode:
            case Mode.SLOW:
                await asyncio.sleep(fault.delay_seconds)
                await self._app(scope, receive, send)
            case Mode.TIMEOUT:
                await _hold(fault.delay_seconds, receive)
                await self._error_answer(fault)(scope, receive, send)
            case Mode.LOST:
                await self._app(scope, receive, _discard)
                await _disconnect(send)
            case Mode.CREATED:
                await self._app(scope, receive, _as_created(send))
            case Mode.GARBAGE:
                await _UNPARSEABLE(scope, receive, send)
            case _:
                await self._error_answer(fault)(scope, receive, send)


_UNPARSEABLE: Final = Response(b'{"status": tru\xff<html>', media_type="application/json")


async def _hold(seconds: float, receive: Receive) -> None:
    """Waits until the time has passed or the caller has disconnected."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _discard(_: Message) -> None:
    """Drops an answer."""


def _as_created(send: Send) -> Send:
    async def send_created(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
            message = {**message, "status": HTTPStatus.CREATED.value}
        await send(message)

    return send_created


async def _disconnect(send: Send) -> None:
    """Announces a body and sends none, so that the server closes the connection."""
    headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})


def admin_routes(injector: FaultInjector, *also_cleared: Callable[[], None]) -> list[Route]:
    """The fault admin API and health check; ``also_cleared`` ends the provider's other faults."""

    async def set_fault(request: Request) -> Response:
        try:
            injector.set(Fault.model_validate_json(await request.body()))
        except ValueError as error:
            return invalid_request(error)
        return JSONResponse(injector.stats())

    async def clear_fault(_: Request) -> Response:
        injector.clear()
        for clear in also_cleared:
            clear()
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
    """A health check that always succeeds."""
    return JSONResponse({"status": "ok"})


def invalid_request(error: ValueError) -> JSONResponse:
    """400 that says what is wrong with an admin request, field by field where that is known."""
    problems = [{"field": "body", "problem": str(error)}]
    if isinstance(error, ValidationError):
        found = field_problems(error)
        problems = [{"field": each.field or "body", "problem": each[1]} for each in found]
    return JSONResponse({"error": "Invalid request", "problems": problems}, HTTPStatus.BAD_REQUEST)
