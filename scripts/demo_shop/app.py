"""The demo shop: a page for customers, and the sign-in that the page needs.

The page (``page/``, plain modules and no build step) calls the GraphQL API and its subscriptions
itself, as customers' apps do. This server has its files, and speaks to Cognito for the page:

* ``POST /session`` starts a sign-in with e-mail address and password;
* ``POST /session/step`` answers the next step: a code of the authenticator app, its set-up, or a
  new password;
* ``GET /session`` returns the token of the signed-in customer, renewed where it expires soon;
* ``DELETE /session`` signs out;
* ``POST /account`` signs up, confirms the address, and resets the password.

The session's cookie can't be read by scripts or used by other origins.
"""

from collections.abc import Awaitable, Callable, Mapping
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scripts.auth import Challenge, SignInError, Tokens
from scripts.demo_shop.accounts import REQUEST, Accounts, Answer, Credentials
from scripts.demo_shop.sessions import Sessions
from scripts.demo_shop.sign_in_words import in_words

PAGE: Final = Path(__file__).with_name("page")
HOST: Final = "127.0.0.1"

#: Stands in the page for the release.
_RELEASE: Final = "{release}"

_Handler = Callable[[Request], Awaitable[Response]]


class DemoShop:
    """Serves the page to the customers of one API.

    Args:
        graphql_url: the API's address for browsers.
        accounts: the customers' accounts.
        sessions: the sessions of signed-in customers.
        release: what the stage runs, for the page's foot.
        page: the folder with the page's files.
    """

    def __init__(
        self,
        graphql_url: str,
        accounts: Accounts,
        sessions: Sessions,
        release: str,
        page: Path = PAGE,
    ) -> None:
        self._graphql_url = graphql_url
        self._accounts = accounts
        self._sessions = sessions
        self._release = release
        self._folder = page

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/orders", self._page),
                Route("/orders/{order_id}", self._page),
                Route("/session", self._show_session),
                Route("/session", _from_own_page(self._open_session), methods=["POST"]),
                Route("/session", _from_own_page(self._close_session), methods=["DELETE"]),
                Route("/session/step", _from_own_page(self._answer_step), methods=["POST"]),
                Route("/account", _from_own_page(self._change_account), methods=["POST"]),
                Mount("/page", StaticFiles(directory=self._folder)),
                Route("/{anything:path}", self._no_such_page),
            ],
            middleware=[
                Middleware(Headers, _headers(self._graphql_url)),
                # Other host names are refused: they would allow DNS rebinding.
                Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"]),
            ],
        )

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(self._text())

    async def _no_such_page(self, _: Request) -> Response:
        """The page says so itself, with the ways on."""
        return HTMLResponse(self._text(), HTTPStatus.NOT_FOUND)

    def _text(self) -> str:
        text = (self._folder / "index.html").read_text("utf-8")
        return text.replace(_RELEASE, escape(self._release))

    async def _open_session(self, request: Request) -> Response:
        credentials = Credentials.model_validate_json(await request.body())
        return self._proceed(request, await run_in_threadpool(self._accounts.begin, credentials))

    async def _answer_step(self, request: Request) -> Response:
        answer = Answer.model_validate_json(await request.body())
        return self._proceed(request, await run_in_threadpool(self._accounts.answer, answer))

    async def _change_account(self, request: Request) -> Response:
        change = REQUEST.validate_json(await request.body())
        await run_in_threadpool(self._accounts.change, change)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    def _proceed(self, request: Request, found: Tokens | Challenge) -> Response:
        """The next step of a sign-in, or the session that it opens."""
        if isinstance(found, Challenge):
            step = {"step": found.step, "session": found.session, "secret": found.secret}
            return JSONResponse({"challenge": step | {"email": found.username}})
        answer = self._session(found)
        answer.set_cookie(
            _cookie(request), self._sessions.open(found), httponly=True, samesite="strict"
        )
        return answer

    async def _show_session(self, request: Request) -> Response:
        key = request.cookies.get(_cookie(request), "")
        tokens = await run_in_threadpool(self._sessions.find, key)
        return self._session(tokens) if tokens else Response(status_code=HTTPStatus.NO_CONTENT)

    async def _close_session(self, request: Request) -> Response:
        tokens = self._sessions.close(request.cookies.get(_cookie(request), ""))
        if tokens and tokens.refresh_token:
            await run_in_threadpool(self._accounts.sign_out, tokens.refresh_token)
        answer = Response(status_code=HTTPStatus.NO_CONTENT)
        answer.delete_cookie(_cookie(request), httponly=True, samesite="strict")
        return answer

    def _session(self, tokens: Tokens) -> Response:
        return JSONResponse(
            {
                "idToken": tokens.id_token,
                "expiresAt": tokens.expires_at.isoformat(),
                # For browsers whose clock is wrong.
                "secondsLeft": self._sessions.seconds_left(tokens),
                "graphqlUrl": self._graphql_url,
            }
        )


class Headers:
    """Adds headers to every answer."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _headers(graphql_url: str) -> dict[str, str]:
    """Security headers: the page may call this server and the API, and run its own scripts."""
    api = urlsplit(graphql_url).netloc
    policy: dict[str, Any] = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": f"'self' http://{api} ws://{api}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _from_own_page(answer: _Handler) -> _Handler:
    """Refuses requests of pages of other origins, and answers those that fail with the reason."""

    async def with_origin_check(request: Request) -> Response:
        own = f"{request.url.scheme}://{request.url.netloc}"
        if request.headers.get("origin") != own:
            return _refusal(HTTPStatus.FORBIDDEN, "This page may not do that.")
        try:
            return await answer(request)
        except ValidationError:
            return _refusal(HTTPStatus.BAD_REQUEST, "Please fill in all fields.")
        except SignInError as error:
            first_step = request.url.path == "/session"
            words = in_words(error.code, first_step=first_step)
            body = {"message": words.message, "field": words.field, "code": error.code}
            return JSONResponse(body, HTTPStatus.UNAUTHORIZED)

    return with_origin_check


def _cookie(request: Request) -> str:
    """The cookie's name, with the port: all ports of a host share cookies."""
    return f"demo_shop_{request.url.port}"


def _refusal(status: HTTPStatus, message: str) -> Response:
    return JSONResponse({"message": message}, status)
