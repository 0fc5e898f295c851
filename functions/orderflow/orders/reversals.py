"""The money that goes back to an order's customer: refunds that are due or made, and disputes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import Field

from orderflow.money import CURRENCY
from orderflow.orders.money_records import Dispute, Refund, RefundDue, RefundReason, RefundStatus
from orderflow.records import Record

#: A payment that differs from its order is checked by operations before the customer hears of it.
CUSTOMER_REASONS: Final = frozenset(
    {RefundReason.ORDER_ENDED, RefundReason.PAID_TWICE, RefundReason.REFUND_FAILED}
)


class CurrencyAmount(NamedTuple):
    """An amount in a currency's minor unit."""

    currency: str
    minor: int


class RefundState(StrEnum):
    """What a customer sees of their money. The names are public: GraphQL uses them."""

    BEING_GIVEN_BACK = "BEING_GIVEN_BACK"
    GIVEN_BACK = "GIVEN_BACK"


class Reversals(Record):
    """The part of an order's record that is about money that goes back."""

    refunds_due: list[RefundDue] = Field(default_factory=list)
    #: The refunds that PayStack was asked for, or reports.
    refunds: list[Refund] = Field(default_factory=list)
    disputes: list[Dispute] = Field(default_factory=list)
    #: Grows with each change of the three.
    refunds_revision: int = 0

    @property
    def due_refunds(self) -> list[RefundDue]:
        """The refunds that are not settled."""
        return [refund for refund in self.refunds_due if refund.settled_at is None]

    def find_refund(self, reference: str, amount: int, currency: str) -> RefundDue | None:
        """The refund of this charge, if there is one, settled or not."""
        for refund in self.refunds_due:
            if (refund.reference, refund.amount, refund.currency) == (reference, amount, currency):
                return refund
        return None

    def given_back(self, reference: str) -> int:
        """What went back of a payment, in the minor unit.

        PayStack may report the money that a lost dispute takes as a refund, too, without saying
        so. The larger of both is certain; their sum is not.
        """
        refunded = sum(
            refund.amount
            for refund in self.refunds
            if refund.reference == reference and refund.status is RefundStatus.PROCESSED
        )
        lost = sum(
            dispute.amount or 0
            for dispute in self.disputes
            if dispute.reference == reference and dispute.gives_money_back
        )
        return max(refunded, lost)

    def taken(self, reference: str) -> int:
        """What went back of a payment, or may by the refunds that are under way."""
        pending = sum(
            refund.amount
            for refund in self.refunds
            if refund.reference == reference and refund.is_open
        )
        return self.given_back(reference) + pending

    def outstanding(self, due: RefundDue) -> int:
        """What is left of a refund that is due."""
        return max(0, due.amount - self.given_back(due.reference))

    def open_dispute(self, reference: str) -> Dispute | None:
        """The dispute of a payment that is not decided yet, if there is one."""
        return next((each for each in self.open_disputes if each.reference == reference), None)

    @property
    def open_disputes(self) -> list[Dispute]:
        """The disputes that are not decided yet, the earliest deadline first."""
        found = [dispute for dispute in self.disputes if dispute.is_open]
        return sorted(found, key=lambda dispute: dispute.due_at or dispute.opened_at)

    @property
    def open_refunds(self) -> list[Refund]:
        """The refunds whose end is not known yet."""
        return [refund for refund in self.refunds if refund.is_open]

    @property
    def refund_state(self) -> RefundState | None:
        """What the customer sees of it; None where no money of theirs goes back."""
        is_due = any(due.reason in CUSTOMER_REASONS for due in self.due_refunds)
        if is_due or any(refund.is_under_way for refund in self.refunds):
            return RefundState.BEING_GIVEN_BACK
        references = {each.reference for each in self.refunds}
        references |= {each.reference for each in self.disputes}
        return RefundState.GIVEN_BACK if any(map(self.given_back, references)) else None

    @property
    def amount_being_given_back(self) -> CurrencyAmount:
        """The money that is to go back to the customer, while the state is BEING_GIVEN_BACK."""
        due = [each for each in self.due_refunds if each.reason in CUSTOMER_REASONS]
        if due:
            return CurrencyAmount(due[0].currency, sum(map(self.outstanding, due)))
        refunds = [each for each in self.refunds if each.is_under_way]
        return CurrencyAmount(refunds[0].currency, sum(each.amount for each in refunds))

    @property
    def amount_given_back(self) -> CurrencyAmount:
        """The money that went back to the customer, while the state is GIVEN_BACK."""
        currencies = {each.reference: each.currency for each in self.disputes}
        currencies |= {each.reference: each.currency for each in self.refunds}
        currency = next(filter(None, currencies.values()), CURRENCY)
        return CurrencyAmount(currency, sum(map(self.given_back, currencies)))

    @property
    def reversal_check_at(self) -> datetime | None:
        """When a refund or dispute is to be looked after next."""
        times = [each.check_at for each in self.refunds]
        times += [each.check_at for each in self.disputes]
        return min((each for each in times if each is not None), default=None)
