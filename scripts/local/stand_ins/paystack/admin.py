"""The admin API of the PayStack stand-in: what customers, banks and time do to payments.

* ``PUT /_admin/webhook`` (``{"url", "secretKey", "domain"}``): sets the merchant's key and webhook
  address; until then every key is refused. ``domain`` is ``live`` or ``test``;
* ``PUT /_admin/account`` (:class:`~.paystack_account.AccountSettings`): the dashboard's settings;
* ``GET /_admin/transactions``: the records of all links and payments, and their ``counts`` by
  status;
* ``POST /_admin/transactions/REFERENCE/ACT``, where ACT is ``pay`` (without a webhook;
  ``{"amount"}`` in kobo pays another amount), ``announce`` (sends the webhook of a payment again),
  ``decline``, ``expire`` (ends the checkout's session), ``become`` (``{"status"}``),
  ``reject-transfer`` (``{"amount"}``), ``dispute``, ``remind`` and ``resolve`` (``{"resolution"}``;
  the last dispute), ``refund`` (``{"amount"}``; as staff do in the dashboard) or ``end-refund``
  (``{"refundStatus"}``; the last refund);
* ``POST /_admin/refunds/ID/STATUS``: brings a refund into a state;
* ``POST /_admin/disputes/ID/remind``: announces a dispute's deadline.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, Protocol, TypeVar

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orderflow.clock import iso
from scripts.local.stand_ins.faults import invalid_request
from scripts.local.stand_ins.paystack import disputes as paystack_disputes
from scripts.local.stand_ins.paystack import refunds as paystack_refunds
from scripts.local.stand_ins.paystack.account import Account, AccountSettings
from scripts.local.stand_ins.paystack.refunds import RefundStatus
from scripts.local.stand_ins.paystack.requests import RefundRequest, ResolveRequest
from scripts.local.stand_ins.paystack.transactions import Status, Transaction
from scripts.local.stand_ins.paystack.webhook import WebhookTarget


class Options(BaseModel):
    """The options of an act. ``amount`` is in the minor unit (kobo)."""

    amount: int | None = Field(default=None, gt=0)
    status: Status = Status.PENDING
    resolution: str = Field(default="declined", pattern="^(merchant-accepted|declined)$")
    refund_status: RefundStatus = Field(default=RefundStatus.PROCESSED, alias="refundStatus")


class PaystackAdmin:
    """Serves the admin API of an account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        """The routes to serve."""
        return [
            Route("/_admin/webhook", self._set_webhook, methods=["PUT"]),
            Route("/_admin/account", self._set_account, methods=["PUT"]),
            Route("/_admin/transactions", self._list_transactions),
            Route("/_admin/transactions/{reference}/{act}", self._act, methods=["POST"]),
            Route("/_admin/refunds/{number:int}/{status}", self._refund, methods=["POST"]),
            Route("/_admin/disputes/{number:int}/remind", self._remind, methods=["POST"]),
        ]

    async def _set_webhook(self, request: Request) -> Response:
        try:
            self._account.target = WebhookTarget.model_validate_json(await request.body())
        except ValueError as error:
            return invalid_request(error)
        return JSONResponse({"url": str(self._account.target.url)})

    async def _set_account(self, request: Request) -> Response:
        try:
            settings = AccountSettings.model_validate_json(await request.body())
        except ValueError as error:
            return invalid_request(error)
        self._account.settings = settings
        return JSONResponse(settings.model_dump(by_alias=True))

    async def _list_transactions(self, _: Request) -> Response:
        transactions = self._account.transactions.values()
        return JSONResponse(
            {
                "transactions": [self._record(each) for each in transactions],
                "counts": Counter(each.status for each in transactions),
            }
        )

    async def _act(self, request: Request) -> Response:
        transaction = self._account.transactions.get(request.path_params["reference"])
        act = _ACTS.get(request.path_params["act"])
        if transaction is None:
            return _not_found("transaction")
        if act is None:
            return _not_found("act")
        try:
            options = Options.model_validate_json(await request.body() or b"{}")
            act(self._account, transaction, options)
        except ValueError as error:
            return invalid_request(error)
        return JSONResponse(self._record(transaction))

    def _record(self, transaction: Transaction) -> dict[str, Any]:
        """A transaction in the form of the admin API. ``amount`` is what was asked for."""
        requested = transaction.request
        disputes = [
            {
                "id": each.number,
                "amount": each.refund_amount,
                "dueAt": iso(each.due_at),
                "status": each.status,
            }
            for each in self._account.disputes.values()
            if each.transaction is transaction
        ]
        return {
            "id": transaction.number,
            "reference": requested.reference,
            "accessCode": transaction.access_code,
            "authorizationUrl": transaction.authorization_url,
            "email": requested.email,
            "amount": requested.amount,
            "amountPaid": transaction.amount if transaction.is_paid else 0,
            "currency": requested.currency,
            "metadata": requested.metadata,
            "createdAt": transaction.opened_at,
            "paidAt": transaction.paid_at,
            "status": transaction.status,
            "declines": transaction.declines,
            "disputes": disputes,
            "refunds": [
                {"id": each.number, "amount": each.amount, "status": each.status}
                for each in self._account.refunds.values()
                if each.transaction is transaction
            ],
            "webhookAttempts": list(transaction.deliveries),
        }

    async def _refund(self, request: Request) -> Response:
        refund = self._account.refunds.get(request.path_params["number"])
        status = request.path_params["status"]
        if refund is None or status not in set(RefundStatus):
            return _not_found("refund or state")
        self._account.continue_refund(refund, RefundStatus(status))
        return JSONResponse(paystack_refunds.fetched(refund))

    async def _remind(self, request: Request) -> Response:
        dispute = self._account.disputes.get(request.path_params["number"])
        if dispute is None:
            return _not_found("dispute")
        self._account.remind(dispute)
        return JSONResponse(paystack_disputes.fetched(dispute))


def _pay(account: Account, transaction: Transaction, options: Options) -> None:
    account.pay(transaction, options.amount)


def _announce(account: Account, transaction: Transaction, _: Options) -> None:
    account.announce_payment(transaction)


def _decline(_: Account, transaction: Transaction, __: Options) -> None:
    if not transaction.is_paid:
        transaction.decline()


def _expire(_: Account, transaction: Transaction, __: Options) -> None:
    transaction.session_ended = True


def _dispute(account: Account, transaction: Transaction, _: Options) -> None:
    if not transaction.is_paid:
        raise ValueError("only a payment can be disputed")
    account.dispute(transaction)


def _remind(account: Account, transaction: Transaction, _: Options) -> None:
    account.remind(_last(account.disputes, transaction, "dispute"))


def _resolve(account: Account, transaction: Transaction, options: Options) -> None:
    dispute = _last(account.disputes, transaction, "dispute")
    answer = ResolveRequest(
        resolution=options.resolution,
        message="Answered in the dashboard",
        refund_amount=options.amount or dispute.refund_amount,
    )
    account.resolve(dispute, answer)


def _refund(account: Account, transaction: Transaction, options: Options) -> None:
    account.refund(RefundRequest(transaction=transaction.reference, amount=options.amount))


def _end_refund(account: Account, transaction: Transaction, options: Options) -> None:
    refund = _last(account.refunds, transaction, "refund")
    account.continue_refund(refund, options.refund_status)


class _OfTransaction(Protocol):
    @property
    def transaction(self) -> Transaction: ...


_Item = TypeVar("_Item", bound=_OfTransaction)


def _last(items: Mapping[int, _Item], transaction: Transaction, what: str) -> _Item:
    found = [each for each in items.values() if each.transaction is transaction]
    if not found:
        raise ValueError(f"the payment has no {what}")
    return found[-1]


def _become(_: Account, transaction: Transaction, options: Options) -> None:
    transaction.become(options.status)


def _reject_transfer(account: Account, transaction: Transaction, options: Options) -> None:
    account.reject_transfer(transaction, options.amount or transaction.amount)


_ACTS: Final[Mapping[str, Callable[[Account, Transaction, Options], None]]] = {
    "pay": _pay,
    "announce": _announce,
    "decline": _decline,
    "expire": _expire,
    "dispute": _dispute,
    "remind": _remind,
    "resolve": _resolve,
    "refund": _refund,
    "end-refund": _end_refund,
    "become": _become,
    "reject-transfer": _reject_transfer,
}


def _not_found(what: str) -> Response:
    return JSONResponse({"message": f"no such {what}"}, HTTPStatus.NOT_FOUND)
