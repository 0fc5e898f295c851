"""A stand-in for the PayStack API: payment links that can be paid, without money.

It speaks the documented protocol (https://paystack.com/docs/api/): transactions, charges, refunds,
disputes and the session timeout, with PayStack's errors and its webhooks. The checkout page of a
link has a button that pays and one that is declined. A link ends with the account's session
timeout; by default it has none. In addition to the fault API
(:mod:`scripts.local.stand_ins.faults`) there is an admin API
(:mod:`scripts.local.stand_ins.paystack.admin`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from secrets import compare_digest
from typing import Any, Final, Protocol, TypeVar, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.local.stand_ins.faults import FaultInjector, FaultMiddleware, admin_routes, by_path
from scripts.local.stand_ins.paystack import answers, disputes, refunds, transactions
from scripts.local.stand_ins.paystack.account import Account
from scripts.local.stand_ins.paystack.admin import PaystackAdmin
from scripts.local.stand_ins.paystack.charges import Charges
from scripts.local.stand_ins.paystack.checkout import Checkout
from scripts.local.stand_ins.paystack.requests import (
    InitializeRequest,
    RefundRequest,
    ResolveRequest,
    TimeoutRequest,
    read_body,
    read_page,
)
from scripts.local.stand_ins.paystack.webhook import WebhookSender
from scripts.local.stand_ins.schedule import Schedule

#: The counted operations, by the beginning of their request; the longer ones come first.
_OPERATIONS: Final = {
    "/transaction/initialize": "initialize",
    "/transaction/verify/": "verify",
    "/transaction": "transactions",
    "/charge": "charge",
    "POST /refund": "refund-creation",
    "/refund": "refund",
    "/dispute": "dispute",
}

_Endpoint = Callable[[Request], Awaitable[Response]]


class PaystackStandIn:
    """PayStack with one merchant.

    Args:
        injector: injects faults into the calls.
        sender: delivers the webhooks.
        schedule: runs what goes on by itself.
    """

    def __init__(
        self,
        injector: FaultInjector | None = None,
        sender: WebhookSender | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self._injector = injector or FaultInjector(answers=answers.ANSWERS)
        self._account = Account(sender or WebhookSender(), schedule or Schedule())
        self._charges = Charges(self._account)

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        account = self._account
        app = Starlette(
            routes=[
                *self._routes("POST", "/transaction/initialize", self._initialize),
                *self._routes("GET", "/transaction/verify/{reference}", self._verify),
                *self._routes("GET", "/transaction", self._list_transactions),
                *self._routes(
                    "GET",
                    "/transaction/{number}",
                    _fetch(account.transactions, "Transaction", transactions.fetched),
                ),
                *self._routes("POST", "/charge", self._charges.create),
                *self._routes("POST", "/charge/submit_otp", self._charges.submit_otp),
                *self._routes("GET", "/charge/{reference}", self._charges.check),
                *self._routes("POST", "/refund", self._create_refund),
                *self._routes("GET", "/refund", self._list_refunds),
                *self._routes(
                    "GET", "/refund/{number}", _fetch(account.refunds, "Refund", refunds.fetched)
                ),
                *self._routes("GET", "/dispute", self._list_disputes),
                *self._routes(
                    "GET",
                    "/dispute/{number}",
                    _fetch(account.disputes, "Dispute", disputes.fetched),
                ),
                *self._routes("PUT", "/dispute/{number}/resolve", self._resolve_dispute),
                *self._routes("GET", _TIMEOUT_PATH, self._show_timeout),
                *self._routes("PUT", _TIMEOUT_PATH, self._set_timeout),
                *Checkout(self._account).routes(),
                *PaystackAdmin(self._account).routes(),
                *admin_routes(self._injector),
            ],
            exception_handlers={answers.ApiError: _answer_error, HTTPException: _answer_missing},
            lifespan=self._lifespan,
        )
        app.add_middleware(
            FaultMiddleware,
            injector=self._injector,
            operation_of=by_path(_OPERATIONS),
            error_answer=answers.error_answer,
        )
        return app

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        await self._account.close()

    def _routes(self, method: str, path: str, endpoint: _Endpoint) -> list[Route]:
        """A path of the API, which needs the merchant's key; a slash at its end changes nothing."""

        async def authorized(request: Request) -> Response:
            self._authorize(request)
            return await endpoint(request)

        return [Route(each, authorized, methods=[method]) for each in (path, f"{path}/")]

    def _authorize(self, request: Request) -> None:
        offered = request.headers.get("authorization", "").encode()
        target = self._account.target
        if target is None or not compare_digest(offered, f"Bearer {target.secret_key}".encode()):
            raise answers.INVALID_KEY.error()
        if not self._account.settings.is_active:
            raise answers.DISABLED_BUSINESS.error()

    async def _initialize(self, request: Request) -> Response:
        requested = await read_body(request, InitializeRequest)
        transaction = self._account.open(requested, str(request.base_url))
        data = {
            "authorization_url": transaction.authorization_url,
            "access_code": transaction.access_code,
            "reference": transaction.reference,
        }
        return answers.accepted("Authorization URL created", data)

    async def _verify(self, request: Request) -> Response:
        transaction = self._account.transactions.get(request.path_params["reference"])
        if transaction is None:
            raise answers.UNKNOWN_REFERENCE.error()
        return answers.accepted("Verification successful", transactions.verified(transaction))

    async def _list_transactions(self, request: Request) -> Response:
        wanted = read_page(request)
        found = [
            transactions.listed(each)
            for each in reversed(self._account.transactions.values())
            if wanted.status in (None, each.status)
            and wanted.customer in (None, each.customer.number)
            and wanted.reference in (None, each.reference)
            and wanted.amount in (None, each.amount)
            and wanted.spans(datetime.fromtimestamp(each.opened, UTC))
        ]
        volume = sum(each["amount"] for each in found if each["paid_at"])
        return _part("Transactions retrieved", found, request, {"total_volume": volume})

    async def _create_refund(self, request: Request) -> Response:
        refund = self._account.refund(await read_body(request, RefundRequest))
        return answers.accepted("Refund has been queued for processing", refunds.created(refund))

    async def _list_refunds(self, request: Request) -> Response:
        wanted = read_page(request)
        found = [
            refunds.listed(each)
            for each in reversed(self._account.refunds.values())
            if wanted.is_of(each.transaction)
            and wanted.spans(datetime.fromisoformat(each.created_at))
        ]
        failed = sum(each["status"] == "failed" for each in found)
        per_page = str(read_page(request).per_page)
        totals = {"failedRefundCount": failed, "perPage": per_page}
        return _part("Refunds retrieved", found, request, totals)

    async def _list_disputes(self, request: Request) -> Response:
        wanted = read_page(request)
        found = [
            disputes.listed(each)
            for each in reversed(self._account.disputes.values())
            if wanted.status in (None, each.status) and wanted.is_of(each.transaction)
        ]
        return _part("Disputes retrieved", found, request)

    async def _resolve_dispute(self, request: Request) -> Response:
        number = request.path_params["number"]
        found = _by_number(self._account.disputes.values(), number, "Dispute")
        self._account.resolve(found, await read_body(request, ResolveRequest))
        return answers.accepted("Dispute successfully resolved", disputes.resolved(found))

    async def _show_timeout(self, _: Request) -> Response:
        seconds = self._account.settings.payment_session_timeout
        return answers.accepted(
            "Payment session timeout retrieved", {"payment_session_timeout": seconds}
        )

    async def _set_timeout(self, request: Request) -> Response:
        seconds = (await read_body(request, TimeoutRequest)).timeout
        self._account.settings.payment_session_timeout = seconds
        return answers.accepted(
            "Payment session timeout updated", {"payment_session_timeout": seconds}
        )


_TIMEOUT_PATH: Final = "/integration/payment_session_timeout"


class _Numbered(Protocol):
    @property
    def number(self) -> int: ...


_Item = TypeVar("_Item", bound=_Numbered)


def _fetch(
    items: Mapping[Any, _Item], what: str, form: Callable[[_Item], dict[str, Any]]
) -> _Endpoint:
    """An endpoint that shows one item by its number."""

    async def fetch(request: Request) -> Response:
        found = _by_number(items.values(), request.path_params["number"], what)
        return answers.accepted(f"{what} retrieved", form(found))

    return fetch


def _by_number(items: Iterable[_Item], number: str, what: str) -> _Item:
    found = next((each for each in items if str(each.number) == number), None)
    if found is None:
        raise answers.missing(what).error()
    return found


def _part(
    message: str,
    found: Sequence[Any],
    request: Request,
    totals: dict[str, Any] | None = None,
) -> Response:
    """The part of a list that the query asks for."""
    wanted = read_page(request)
    start = (wanted.page - 1) * wanted.per_page
    meta = {
        "total": len(found),
        "skipped": start,
        "perPage": wanted.per_page,
        "page": wanted.page,
        "pageCount": -(-len(found) // wanted.per_page),
        **(totals or {}),
    }
    return answers.accepted(message, found[start : start + wanted.per_page], meta=meta)


async def _answer_error(_: Request, error: Exception) -> Response:
    return cast("answers.ApiError", error).failure.response()


async def _answer_missing(*_: object) -> Response:
    """PayStack has no 405: a path that it does not serve does not exist."""
    return answers.missing("Entity").response()
