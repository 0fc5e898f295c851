"""The merchant's account with PayStack: its settings, and its books of payments.

Whatever happens to a payment is announced by the webhook that PayStack documents for it. A declined
attempt has none; verify shows it. Refunds and disputes go on by themselves, in scaled time.
"""

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scripts.local.stand_ins.paystack import answers, disputes, refunds, transactions
from scripts.local.stand_ins.paystack.customers import MERCHANT, Customer, fee_of, with_fee
from scripts.local.stand_ins.paystack.disputes import Dispute
from scripts.local.stand_ins.paystack.refunds import Refund, RefundStatus
from scripts.local.stand_ins.paystack.requests import (
    InitializeRequest,
    RefundRequest,
    ResolveRequest,
)
from scripts.local.stand_ins.paystack.transactions import Status, Transaction
from scripts.local.stand_ins.paystack.webhook import Domain, WebhookSender, WebhookTarget
from scripts.local.stand_ins.schedule import Schedule


class AccountSettings(BaseModel):
    """What a merchant sets on the dashboard.

    ``payment_session_timeout`` is in PayStack's seconds; 0 is none. ``refund_outcome`` is on no
    dashboard: it is the state in which the banks let refunds end.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    is_active: bool = True
    customer_bears_fees: bool = False
    payment_session_timeout: int = Field(default=0, ge=0)
    refund_outcome: RefundStatus = RefundStatus.PROCESSED


class Account:
    """One merchant.

    Args:
        sender: delivers the webhooks.
        schedule: runs what goes on by itself; its factor divides PayStack's durations.
    """

    def __init__(self, sender: WebhookSender, schedule: Schedule) -> None:
        self._sender = sender
        self._schedule = schedule
        self._numbers = count(1_000_000_001)
        self._customers: dict[str, Customer] = {}
        self.settings = AccountSettings()
        self.target: WebhookTarget | None = None
        self.transactions: dict[str, Transaction] = {}
        self.by_access_code: dict[str, Transaction] = {}
        self.refunds: dict[int, Refund] = {}
        self.disputes: dict[int, Dispute] = {}

    async def close(self) -> None:
        """Stops the webhooks and what goes on by itself."""
        await self._schedule.close()
        await self._sender.close()

    def open(self, request: InitializeRequest, base_url: str) -> Transaction:
        """Opens a transaction with a link.

        Raises:
            ApiError: the reference is used already.
        """
        if request.reference in self.transactions:
            raise answers.DUPLICATE_REFERENCE.error()
        access_code = secrets.token_hex(8)
        transaction = Transaction(
            number=next(self._numbers),
            access_code=access_code,
            authorization_url=f"{base_url}checkout/{access_code}",
            request=request,
            customer=self._customer(request.email),
            domain=self.target.domain if self.target else Domain.TEST,
        )
        self.transactions[request.reference] = transaction
        self.by_access_code[access_code] = transaction
        return transaction

    def _customer(self, email: str) -> Customer:
        known = self._customers.get(email.lower())
        return known or self._customers.setdefault(
            email.lower(), Customer(next(self._numbers), email)
        )

    def find(self, identifier: int | str) -> Transaction | None:
        """A transaction by its reference or its id."""
        by_number = (
            each for each in self.transactions.values() if str(each.number) == str(identifier)
        )
        return self.transactions.get(str(identifier)) or next(by_number, None)

    def session_has_ended(self, transaction: Transaction) -> bool:
        """Whether the checkout page takes no payment any more."""
        timeout = self.settings.payment_session_timeout
        return transaction.session_ended or (
            timeout > 0 and time.time() >= transaction.opened + self._schedule.scaled(timeout)
        )

    def to_pay(self, transaction: Transaction) -> int:
        """What the checkout page asks for: with the fees, where the customer bears them."""
        requested = transaction.request.amount
        if self.settings.customer_bears_fees:
            return with_fee(requested)
        return requested

    def pay(self, transaction: Transaction, amount: int | None = None) -> bool:
        """Pays once, without a webhook; False if it is paid already."""
        if transaction.is_paid:
            return False
        due = self.to_pay(transaction)
        paid = due if amount is None else amount
        passed_on = due - transaction.request.amount
        transaction.pay(paid, passed_on or fee_of(paid))
        return True

    def announce_payment(self, transaction: Transaction) -> None:
        """Sends ``charge.success`` (again)."""
        data = transactions.announced(transaction)
        self._announce("charge.success", data, transaction.deliveries)

    def reject_transfer(self, transaction: Transaction, amount: int) -> None:
        """Sends the event of a bank transfer of a wrong amount, which goes back to the customer."""
        data = transactions.rejected_transfer(transaction, amount)
        self._announce("bank.transfer.rejected", data, transaction.deliveries)

    def refund(self, request: RefundRequest) -> Refund:
        """Queues a refund.

        Raises:
            ApiError: there is no such payment, or less is left of it.
        """
        transaction = self.find(request.transaction)
        if transaction is None:
            raise answers.invalid("Transaction not found", "transaction_not_found").error()
        if not transaction.is_paid:
            raise answers.invalid("Transaction has not been paid", "invalid_params").error()
        left = transaction.amount - self._refunded(transaction)
        amount = left if request.amount is None else request.amount
        if left == 0:
            raise answers.invalid(
                "Transaction has been fully reversed", "transaction_reversed"
            ).error()
        if amount > left:
            raise answers.invalid(
                "Refund amount is more than what is left", "invalid_amount"
            ).error()
        refund = Refund(next(self._numbers), transaction, amount, request)
        self.refunds[refund.number] = refund
        self._announce_refund(refund)
        self._schedule.start(self._process(refund))
        return refund

    def _refunded(self, transaction: Transaction) -> int:
        return sum(
            each.amount
            for each in self.refunds.values()
            if each.transaction is transaction and each.status is not RefundStatus.FAILED
        )

    async def _process(self, refund: Refund) -> None:
        await self._schedule.wait(refunds.SECONDS_UNTIL_PROCESSING)
        if refund.status is RefundStatus.PENDING:
            self.continue_refund(refund, RefundStatus.PROCESSING)
        await self._schedule.wait(refunds.SECONDS_UNTIL_PROCESSED)
        if refund.status not in refunds.SETTLED:
            self.continue_refund(refund, self.settings.refund_outcome)

    def continue_refund(self, refund: Refund, status: RefundStatus) -> None:
        """Brings a refund into the next state, and announces that."""
        refund.become(status)
        transaction = refund.transaction
        is_full = self._refunded(transaction) == transaction.amount
        if status is RefundStatus.PROCESSED and is_full:
            transaction.become(Status.REVERSED)
        self._announce_refund(refund)

    def _announce_refund(self, refund: Refund) -> None:
        self._announce(f"refund.{refund.status}", refunds.announced(refund), refund.deliveries)

    def dispute(self, transaction: Transaction) -> Dispute:
        """Opens a dispute of the whole payment; unanswered, it is lost at its deadline."""
        wait = timedelta(seconds=self._schedule.scaled(disputes.SECONDS_UNTIL_DUE))
        dispute = Dispute(
            next(self._numbers), transaction, transaction.amount, datetime.now(UTC) + wait
        )
        self.disputes[dispute.number] = dispute
        self._announce_dispute(dispute, "create")
        self._schedule.start(self._await_answer(dispute))
        return dispute

    async def _await_answer(self, dispute: Dispute) -> None:
        await self._schedule.wait(disputes.SECONDS_UNTIL_REMINDER)
        if dispute.is_open:
            self.remind(dispute)
        await self._schedule.wait(disputes.SECONDS_UNTIL_DUE - disputes.SECONDS_UNTIL_REMINDER)
        if dispute.is_open:
            self._end(dispute, disputes.AUTO_ACCEPTED, dispute.refund_amount)

    def remind(self, dispute: Dispute) -> None:
        """Announces that the deadline comes near."""
        self._announce_dispute(dispute, "remind")

    def resolve(self, dispute: Dispute, answer: ResolveRequest) -> None:
        """Takes the merchant's answer.

        Raises:
            ApiError: the dispute has ended.
        """
        if not dispute.is_open:
            raise answers.invalid("Dispute is resolved already", "invalid_params").error()
        dispute.say(MERCHANT, answer.message)
        dispute.evidence = answer.evidence
        self._end(dispute, answer.resolution, answer.refund_amount)

    def _end(self, dispute: Dispute, resolution: str, refund_amount: int) -> None:
        dispute.resolve(resolution, refund_amount)
        if resolution in disputes.ACCEPTED:
            dispute.transaction.become(Status.REVERSED)
        self._announce_dispute(dispute, "resolve")

    def _announce_dispute(self, dispute: Dispute, event: str) -> None:
        data = disputes.announced(dispute)
        self._announce(f"charge.dispute.{event}", data, dispute.deliveries)

    def _announce(self, event: str, data: Mapping[str, Any], log: list[str]) -> None:
        if self.target is not None:
            self._sender.send(self.target, {"event": event, "data": data}, log)
