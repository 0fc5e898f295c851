"""The console's server: for one operator, on this machine.

It listens on the loopback interface. Another program of this machine, or a page in the operator's
browser, needs the run's key to ask for anything but the page and the runbooks: the address that the
command prints carries it in its fragment, which browsers send nowhere, and the page sends it as a
bearer token. Requests with another host name (DNS rebinding) or from another origin are refused.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from orderflow.validation import problems_in_words
from scripts.auth import Challenge
from scripts.cli.console import ExitCode
from scripts.cli.errors import explain
from scripts.console.acts import Request as ActRequest
from scripts.console.operators import NotAnOperatorError
from scripts.console.stage import counted_reads
from scripts.console.views import Views
from scripts.demo_shop.accounts import Answer, Credentials
from scripts.demo_shop.app import PAGE as SHOP_PAGE
from scripts.demo_shop.app import Headers

PAGE: Final = Path(__file__).with_name("page")
_RUNBOOKS: Final = {
    each.name: each for each in (Path(__file__).parents[2] / "docs" / "runbooks").glob("*.md")
}
HOST: Final = "127.0.0.1"

_STATUSES: Final = {
    ExitCode.REFUSED: HTTPStatus.BAD_REQUEST,
    ExitCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ExitCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_Handler = Callable[[Request], Awaitable[Response]]


class Console:
    """Serves the console of one stage.

    Args:
        views: what is shown and done.
        key: the run's key.
    """

    def __init__(self, views: Views, key: str) -> None:
        self._views = views
        self._key = key

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        views = self._views
        return Starlette(
            routes=[
                Route("/runbooks/{name}", _runbook),
                *(Route(path, _page) for path in ("/", "/search", "/orders/{id}", "/runs/{id}")),
                self._looks("/api/now", views.now),
                self._looks("/api/search", views.search, "q", "status", "since", "after"),
                self._looks("/api/orders/{id}", views.order),
                self._looks("/api/orders/{id}/paystack", views.paystack),
                self._looks("/api/orders/{id}/traces", views.traces),
                self._looks("/api/runs/{id}", views.run, "number"),
                self._looks("/api/runs/{id}/logs", views.logs, "since", "until"),
                self._route("/api/session", self._session),
                self._route("/api/session", self._begin, "POST"),
                self._route("/api/session", self._leave, "DELETE"),
                self._route("/api/session/step", self._step, "POST"),
                self._route("/api/acts/plan", partial(self._act, views.plan), "POST"),
                self._route("/api/acts", partial(self._act, views.act), "POST"),
                Mount("/page", StaticFiles(directory=PAGE)),
                Mount("/shop", StaticFiles(directory=SHOP_PAGE)),
            ],
            middleware=[
                Middleware(Headers, _HEADERS),
                Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"]),
            ],
        )

    def _looks(self, path: str, view: Callable[..., dict[str, Any]], *parameters: str) -> Route:
        """A view, with the parameters of its path, and these of its query."""

        def read(given: dict[str, str]) -> dict[str, Any]:
            with counted_reads() as reads:
                shown = view(reads, **given)
                return {**shown, "reads": reads.as_json()}

        async def answer(request: Request) -> Response:
            query = request.query_params
            given = {name: query[name] for name in parameters if name in query}
            given |= request.path_params
            return JSONResponse(await run_in_threadpool(read, given))

        return self._route(path, answer)

    def _route(self, path: str, answer: _Handler, method: str = "GET") -> Route:
        return Route(path, self._guarded(answer), methods=[method])

    def _guarded(self, answer: _Handler) -> _Handler:
        """Refuses requests without the key or from other pages; explains errors."""

        async def guarded(request: Request) -> Response:
            if not self._is_own(request):
                return _refusal(
                    "Open the console by the address that `orders console` printed.",
                    HTTPStatus.FORBIDDEN,
                )
            try:
                return await answer(request)
            except NotAnOperatorError as error:
                return _refusal(str(error), HTTPStatus.UNAUTHORIZED)
            except ValidationError as error:
                return _refusal(f"{problems_in_words(error)}.", HTTPStatus.BAD_REQUEST)
            except Exception as error:
                explained = explain(error)
                if explained is None:
                    raise
                status = _STATUSES.get(explained.code, HTTPStatus.INTERNAL_SERVER_ERROR)
                return _refusal(str(explained), status)

        return guarded

    def _is_own(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        own = f"{request.url.scheme}://{request.url.netloc}"
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        has_key = hmac.compare_digest(given.encode(), self._key.encode())
        return has_key and origin in (None, own)

    async def _session(self, _: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self._views.session))

    async def _begin(self, request: Request) -> Response:
        credentials = Credentials.model_validate_json(await request.body())
        return await self._proceed(partial(self._views.operators.begin, credentials))

    async def _step(self, request: Request) -> Response:
        answer = Answer.model_validate_json(await request.body())
        return await self._proceed(partial(self._views.operators.answer, answer))

    async def _proceed(self, step: Callable[[], Challenge | None]) -> Response:
        challenge = await run_in_threadpool(step)
        if challenge is None:
            return JSONResponse(await run_in_threadpool(self._views.session))
        shown = {"step": challenge.step, "session": challenge.session, "secret": challenge.secret}
        return JSONResponse({"challenge": shown | {"email": challenge.username}})

    async def _leave(self, _: Request) -> Response:
        await run_in_threadpool(self._views.operators.leave)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _act(self, act: Callable[[ActRequest], dict[str, Any]], request: Request) -> Response:
        wish = ActRequest.model_validate_json(await request.body())
        return JSONResponse(await run_in_threadpool(act, wish))


async def _page(_: Request) -> Response:
    return FileResponse(PAGE / "index.html")


async def _runbook(request: Request) -> Response:
    """A page of the runbooks; no secret of the stage is in it."""
    page = _RUNBOOKS.get(request.path_params["name"])
    if page is None:
        return _refusal("There is no such runbook.", HTTPStatus.NOT_FOUND)
    return FileResponse(page, media_type="text/plain; charset=utf-8")


def _refusal(message: str, status: HTTPStatus) -> Response:
    return JSONResponse({"message": message}, status)
