"""The web ACL in front of one resource: admits requests, and tells what it has done.

The admin API: ``PUT /_admin/waf`` sets the web ACL (:class:`Setting`), ``GET /_admin/waf`` lists
its rules with their counts.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scripts.local.stand_ins.faults import invalid_request
from scripts.local.waf.request import WebRequest
from scripts.local.waf.web_acl import Action, Rule, Verdict, WebAcl, WebAclNotFoundError

#: Receives the name of a web ACL and its new counts.
Publish = Callable[[str, Counter[tuple[Action, str]]], None]

_ADMITTED: Final = Verdict(Action.ALLOW)


class Setting(BaseModel):
    """A web ACL by its name in a CloudFormation template."""

    model_config = ConfigDict(extra="forbid")

    name: str
    template: dict[str, Any]


class Guard:
    """Admits every request until a web ACL is set.

    Args:
        publish: receives new counts from time to time, in a thread; None if they are not needed.
        publish_seconds: how often.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        publish: Publish | None = None,
        publish_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._publish = publish
        self._publish_seconds = publish_seconds
        self._clock = clock
        self._acl: WebAcl | None = None

    def judge(self, request: Request, body: bytes) -> Verdict:
        """What the web ACL decides on a request."""
        if self._acl is None:
            return _ADMITTED
        return self._acl.evaluate(
            WebRequest(
                address=request.client.host if request.client else "",
                body=body,
                headers=dict(request.headers),
                method=request.method,
                path=request.url.path,
                query=request.url.query,
                now=self._clock(),
            )
        )

    @property
    def routes(self) -> list[Route]:
        """The admin API."""
        return [
            Route("/_admin/waf", self._set, methods=["PUT"]),
            Route("/_admin/waf", self._status, methods=["GET"]),
        ]

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[None]:
        """Publishes the counts while it is entered."""
        task = asyncio.create_task(self._publish_for_ever(self._publish)) if self._publish else None
        try:
            yield
        finally:
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _publish_for_ever(self, publish: Publish) -> None:
        seen: Counter[tuple[Action, str]] = Counter()
        acl = None
        while True:
            await asyncio.sleep(self._publish_seconds)
            if self._acl is not acl:
                acl, seen = self._acl, Counter()
            if acl is not None and acl.counts != seen:
                new, seen = acl.counts - seen, Counter(acl.counts)
                await asyncio.to_thread(publish, acl.name, new)

    async def _set(self, request: Request) -> Response:
        try:
            setting = Setting.model_validate_json(await request.body())
            self._acl = WebAcl.from_template(setting.template, setting.name)
        except (ValidationError, WebAclNotFoundError) as error:
            problem = error if isinstance(error, ValidationError) else ValueError(str(error))
            return invalid_request(problem)
        return await self._status(request)

    async def _status(self, _: Request) -> Response:
        return JSONResponse(describe(self._acl) if self._acl else None)


def describe(acl: WebAcl) -> dict[str, Any]:
    """A web ACL's rules and counts for people and programs."""
    return {
        "name": acl.name,
        "default": acl.default,
        "rules": [_described(acl, each) for each in acl.rules],
        "allowedByDefault": acl.counts[acl.default, ""],
    }


def _described(acl: WebAcl, rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "action": rule.action,
        "evaluated": rule.statement is not None,
        "reason": rule.not_evaluated,
        "matched": acl.counts[rule.action, rule.name],
    }
