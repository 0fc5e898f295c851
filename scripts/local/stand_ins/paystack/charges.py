"""PayStack's Charge API: payments without the checkout page.

A card, a stored authorization or a mobile wallet pays at once; a bank account needs a one-time
password; USSD waits for the customer's telephone. Shapes: the schemas ``ChargeCreateResponse`` and
``ChargeCheckPendingResponse`` of https://github.com/PaystackOSS/openapi, and the samples in
https://github.com/PaystackOSS/doc-code-snippets.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from scripts.local.stand_ins.paystack import answers, transactions
from scripts.local.stand_ins.paystack.account import Account
from scripts.local.stand_ins.paystack.requests import ChargeRequest, OtpRequest, read_body
from scripts.local.stand_ins.paystack.transactions import Status, Transaction


class Charges:
    """Serves the Charge API of an account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def create(self, request: Request) -> Response:
        """``POST /charge``."""
        requested = await read_body(request, ChargeRequest)
        transaction = self._account.open(requested, str(request.base_url))
        if requested.bank is not None:
            transaction.become(Status.PENDING)
            return _attempted(_next_step(transaction, "send_otp", "Please send the password"))
        if requested.ussd is not None:
            transaction.become(Status.PENDING)
            return _attempted(_next_step(transaction, "pay_offline", "Please dial the code"))
        return self._pay(transaction)

    async def submit_otp(self, request: Request) -> Response:
        """``POST /charge/submit_otp``."""
        requested = await read_body(request, OtpRequest)
        return self._pay(self._find(requested.reference))

    async def check(self, request: Request) -> Response:
        """``GET /charge/{reference}``."""
        transaction = self._find(request.path_params["reference"])
        data = {"reference": transaction.reference, "status": transaction.status}
        if transaction.is_paid:
            data = transactions.charged(transaction)
        return answers.accepted("Reference check successful", data)

    def _find(self, reference: str) -> Transaction:
        transaction = self._account.transactions.get(reference)
        if transaction is None:
            raise answers.UNKNOWN_REFERENCE.error()
        return transaction

    def _pay(self, transaction: Transaction) -> Response:
        if self._account.pay(transaction):
            self._account.announce_payment(transaction)
        return _attempted(transactions.charged(transaction))


def _next_step(transaction: Transaction, status: str, text: str) -> dict[str, Any]:
    return {"reference": transaction.reference, "status": status, "display_text": text}


def _attempted(data: dict[str, Any]) -> Response:
    return answers.accepted("Charge attempted", data)
