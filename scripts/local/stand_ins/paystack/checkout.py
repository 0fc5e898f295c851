"""The checkout page of a payment link: the amount, a button to pay and a button to decline."""

from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from orderflow.money import amount_in_words
from scripts.local.stand_ins.paystack.account import Account
from scripts.local.stand_ins.paystack.transactions import Status, Transaction, return_address

_PAGE: Final = Template(Path(__file__).with_name("checkout.html").read_text("utf-8"))
_BUTTONS: Final = Template(
    '<form method="post"><button type="submit">Pay $amount</button></form>'
    '<form method="post" action="$decline_url">'
    '<button type="submit" class="second">Try a card that is declined</button></form>'
)
_WAY_BACK: Final = Template('<p><a href="$address">Back to the shop</a></p>')
_PAID: Final = '<p role="status"><strong>Paid.</strong> Thank you; you can close this page.</p>'
_DECLINED: Final = '<p role="alert"><strong>Declined.</strong> Nothing was charged; try again.</p>'
_ENDED: Final = '<p role="alert"><strong>This link has ended.</strong> Nothing was charged.</p>'


class Checkout:
    """Serves the pages of an account's links."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        """The routes to serve."""
        return [
            Route("/checkout/{access_code}", self._show),
            Route("/checkout/{access_code}", self._pay, methods=["POST"]),
            Route("/checkout/{access_code}/decline", self._decline, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        transaction = self._find(request)
        return _unknown_link() if transaction is None else HTMLResponse(self._page(transaction))

    async def _pay(self, request: Request) -> Response:
        transaction = self._find(request)
        if transaction is None:
            return _unknown_link()
        if not transaction.is_paid and self._account.session_has_ended(transaction):
            return _redirect(transaction.authorization_url)
        if self._account.pay(transaction):
            self._account.announce_payment(transaction)
        return _redirect(return_address(transaction))

    async def _decline(self, request: Request) -> Response:
        transaction = self._find(request)
        if transaction is None:
            return _unknown_link()
        if not transaction.is_paid and not self._account.session_has_ended(transaction):
            transaction.decline()
        return _redirect(transaction.authorization_url)

    def _find(self, request: Request) -> Transaction | None:
        return self._account.by_access_code.get(request.path_params["access_code"])

    def _page(self, transaction: Transaction) -> str:
        requested = transaction.request
        price = escape(amount_in_words(requested.currency, self._account.to_pay(transaction)))
        return _PAGE.substitute(
            title="Payment received" if transaction.is_paid else "Pay for your groceries",
            amount=price,
            email=escape(requested.email),
            reference=escape(requested.reference),
            action=self._action(transaction, price),
            way_back=_way_back(transaction),
        )

    def _action(self, transaction: Transaction, price: str) -> str:
        if transaction.is_paid:
            return _PAID
        if self._account.session_has_ended(transaction):
            return _ENDED
        decline_url = escape(f"{transaction.access_code}/decline")
        buttons = _BUTTONS.substitute(amount=price, decline_url=decline_url)
        return (_DECLINED if transaction.status is Status.FAILED else "") + buttons


def _way_back(transaction: Transaction) -> str:
    """A link to where the customer came from, if the merchant has told."""
    if not transaction.request.callback_url:
        return ""
    return _WAY_BACK.substitute(address=escape(return_address(transaction)))


def _redirect(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _unknown_link() -> Response:
    return HTMLResponse("<h1>No such payment link</h1>", HTTPStatus.NOT_FOUND)
