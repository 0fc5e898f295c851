"""Answers of MiniStack without what no caller here reads, and ids without the system's generator.

- It answers each call of AWS with headers for browsers and for S3's clients. A client of AWS parses
  each of them; AWS sends the former where a page asks (``Origin``), the latter from S3.
- It draws up to six ids for a request by :func:`uuid.uuid4` and :func:`os.urandom`. Each asks the
  system for random bytes, and lets another thread go first meanwhile.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Final

from ministack import app  # type: ignore[import-untyped]

_FOR_BROWSERS: Final = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
)
_OF_S3: Final = ("x-amz-request-id", "x-amz-id-2")

_random: Final = random.Random()  # noqa: S311  # nosec B311 # no secret is drawn


def install() -> None:
    """Replaces the parts of MiniStack that answer calls, and the functions that draw ids."""
    app._dispatch_service_request = lean(app._dispatch_service_request)
    app._handle_ses_v2_request = lean(app._handle_ses_v2_request)
    app.os = SimpleNamespace(**{**vars(os), "urandom": _random.randbytes})
    uuid.uuid4 = drawn


def lean(dispatch: Callable[..., Any]) -> Callable[..., Any]:
    """``dispatch``, whose answers have fewer headers."""

    async def dispatch_lean(
        method: str, path: str, headers: Mapping[str, str], *rest: Any, **named: Any
    ) -> Any:
        answer = await dispatch(method, path, headers, *rest, **named)
        if answer is not None:
            unread: tuple[str, ...] = () if "origin" in headers else _FOR_BROWSERS
            if "x-amz-target" in headers:  # no call of S3 has one
                unread += _OF_S3
            for name in unread:
                answer[1].pop(name, None)
        return answer

    return dispatch_lean


def drawn() -> uuid.UUID:
    """A random id, as :func:`uuid.uuid4` draws it."""
    return uuid.UUID(int=_random.getrandbits(128), version=4)
