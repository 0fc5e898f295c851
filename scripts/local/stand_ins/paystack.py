"""A stand-in for the PayStack API: payment links that can be paid, without money.

It speaks the documented protocol (https://paystack.com/docs/api/transaction/): initialize, verify
and the webhooks ``charge.success`` and ``charge.failed``. The checkout page of a link has a
button that pays and one that is declined. As with PayStack, a link never expires. In addition to
the fault API (:mod:`scripts.local.stand_ins.faults`) there is an admin API:

* ``PUT /_admin/webhook`` (``{"url", "secretKey"}``): sets the merchant's key and webhook
  address; until then every key is refused;
* ``GET /_admin/transactions``: the records of all links and payments, and their ``counts`` by
  status;
* ``POST /_admin/transactions/REFERENCE/pay``: pays without sending a webhook;
* ``POST /_admin/transactions/REFERENCE/announce``: sends the webhook of a payment (again).
"""

import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import count
from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from scripts.local.stand_ins import checkout
from scripts.local.stand_ins import paystack_messages as messages
from scripts.local.stand_ins.faults import (
    FaultInjector,
    FaultMiddleware,
    admin_routes,
    by_path,
    invalid_request,
)
from scripts.local.stand_ins.webhook import WebhookSender, WebhookTarget

_OPERATIONS: Final = {"/transaction/initialize": "initialize", "/transaction/verify/": "verify"}


class PaystackStandIn:
    """The merchant's account: its settings and its transactions.

    Args:
        injector: injects faults into the calls.
        sender: delivers the webhooks.
    """

    def __init__(
        self, injector: FaultInjector | None = None, sender: WebhookSender | None = None
    ) -> None:
        self._injector = injector or FaultInjector()
        self._sender = sender or WebhookSender()
        self._target: WebhookTarget | None = None
        self._by_reference: dict[str, messages.Transaction] = {}
        self._by_access_code: dict[str, messages.Transaction] = {}
        self._numbers = count(1_000_000_001)

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        app = Starlette(
            routes=[
                Route("/transaction/initialize", self._initialize, methods=["POST"]),
                Route("/transaction/verify/{reference}", self._verify),
                Route("/checkout/{access_code}", self._show_checkout),
                Route("/checkout/{access_code}", self._pay, methods=["POST"]),
                Route("/checkout/{access_code}/decline", self._decline, methods=["POST"]),
                Route("/_admin/webhook", self._set_webhook, methods=["PUT"]),
                Route("/_admin/transactions", self._list_transactions),
                Route(
                    "/_admin/transactions/{reference}/{act}",
                    self._run_admin_action,
                    methods=["POST"],
                ),
                *admin_routes(self._injector),
            ],
            lifespan=self._lifespan,
        )
        app.add_middleware(
            FaultMiddleware,
            injector=self._injector,
            operation_of=by_path(_OPERATIONS),
            error_answer=messages.error_answer,
        )
        return app

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        await self._sender.close()

    async def _initialize(self, request: Request) -> Response:
        if not self._authorized(request):
            return messages.invalid_key()
        try:
            requested = messages.InitializeRequest.model_validate_json(await request.body())
        except ValidationError as error:
            return messages.refused(messages.first_problem(error), "invalid_params")
        if requested.reference in self._by_reference:
            return messages.refused("Duplicate Transaction Reference", "duplicate_reference")
        transaction = self._open(requested, str(request.base_url))
        data = {
            "authorization_url": transaction.authorization_url,
            "access_code": transaction.access_code,
            "reference": requested.reference,
        }
        return messages.accepted("Authorization URL created", data)

    def _open(self, requested: messages.InitializeRequest, base_url: str) -> messages.Transaction:
        access_code = secrets.token_hex(8)
        transaction = messages.Transaction(
            number=next(self._numbers),
            access_code=access_code,
            authorization_url=f"{base_url}checkout/{access_code}",
            request=requested,
            created_at=messages.now(),
        )
        self._by_reference[requested.reference] = transaction
        self._by_access_code[access_code] = transaction
        return transaction

    async def _verify(self, request: Request) -> Response:
        if not self._authorized(request):
            return messages.invalid_key()
        transaction = self._by_reference.get(request.path_params["reference"])
        if transaction is None:
            return messages.refused("Transaction reference not found.", "transaction_not_found")
        return messages.accepted("Verification successful", messages.charge(transaction))

    async def _show_checkout(self, request: Request) -> Response:
        transaction = self._by_access_code.get(request.path_params["access_code"])
        if transaction is None:
            return _unknown_link()
        requested = transaction.request
        html = checkout.page(
            amount=requested.amount,
            currency=requested.currency,
            email=requested.email,
            reference=requested.reference,
            status=transaction.status,
            decline_url=f"{transaction.access_code}/decline",
        )
        return HTMLResponse(html)

    async def _pay(self, request: Request) -> Response:
        transaction = self._by_access_code.get(request.path_params["access_code"])
        if transaction is None:
            return _unknown_link()
        if transaction.paid_at is None:
            transaction.paid_at = messages.now()
            self._announce(transaction, "charge.success")
        return RedirectResponse(messages.return_address(transaction), HTTPStatus.SEE_OTHER)

    async def _decline(self, request: Request) -> Response:
        transaction = self._by_access_code.get(request.path_params["access_code"])
        if transaction is None:
            return _unknown_link()
        if transaction.paid_at is None:
            transaction.declines += 1
            self._announce(transaction, "charge.failed")
        return RedirectResponse(transaction.authorization_url, HTTPStatus.SEE_OTHER)

    def _announce(self, transaction: messages.Transaction, event: str) -> None:
        if self._target is not None:
            content = {"event": event, "data": messages.charge(transaction)}
            self._sender.send(self._target, content, transaction.deliveries)

    async def _run_admin_action(self, request: Request) -> Response:
        """Pays without a webhook, or sends a webhook without a new payment."""
        transaction = self._by_reference.get(request.path_params["reference"])
        if transaction is None:
            return JSONResponse({"message": "no such transaction"}, HTTPStatus.NOT_FOUND)
        match request.path_params["act"]:
            case "pay":
                transaction.paid_at = transaction.paid_at or messages.now()
            case "announce":
                self._announce(transaction, "charge.success")
            case _:
                return JSONResponse({"message": "no such act"}, HTTPStatus.NOT_FOUND)
        return JSONResponse(messages.record(transaction))

    async def _set_webhook(self, request: Request) -> Response:
        try:
            self._target = WebhookTarget.model_validate_json(await request.body())
        except ValidationError as error:
            return invalid_request(error)
        return JSONResponse({"url": str(self._target.url)})

    async def _list_transactions(self, _: Request) -> Response:
        transactions = self._by_reference.values()
        return JSONResponse(
            {
                "transactions": [messages.record(each) for each in transactions],
                "counts": Counter(each.status for each in transactions),
            }
        )

    def _authorized(self, request: Request) -> bool:
        offered = request.headers.get("authorization", "").encode()
        return self._target is not None and secrets.compare_digest(
            offered, f"Bearer {self._target.secret_key}".encode()
        )


def _unknown_link() -> Response:
    return HTMLResponse("<h1>No such payment link</h1>", HTTPStatus.NOT_FOUND)
