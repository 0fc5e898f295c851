"""Orders in DynamoDB: every change is one conditional write that checks where the order stands.

A change that the order's status does not allow alters nothing and raises
:class:`~orderflow.errors.IllegalTransitionError`, so late and repeated events are harmless.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from pydantic import BaseModel, ValidationError

from orderflow.clock import iso
from orderflow.errors import IllegalTransitionError, OrderNotFoundError, StoreUnavailable
from orderflow.orders.lines import MatchedLine, ModelUse, ParsedList, UnmatchedLine
from orderflow.orders.model import (
    Decline,
    Failure,
    Order,
    Payment,
    RefundDue,
    Report,
    StatusChange,
    UnconfirmedPayment,
)
from orderflow.orders.status import CLOSED, PARKED, PREDECESSORS, OrderStatus
from orderflow.platform.dynamodb import condition_failed, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: How long an order's record is kept after it was written.
RETENTION: Final = timedelta(days=400)

#: Before and after all times in ISO 8601.
_EARLIEST: Final = "0"
_LATEST: Final = "9"

#: The one key of the sparse index ``byRefund``, which holds the orders with refunds due.
REFUND_DUE: Final = "DUE"

_OPEN: Final = {f":{status}": str(status) for status in sorted(OrderStatus) if status not in CLOSED}
_IS_OPEN: Final = f"#status IN ({', '.join(_OPEN)})"

#: That the order still holds the payment that the caller saw, and nobody has confirmed it.
_HOLDS_PAYMENT: Final = (
    "payment.#reference = :reference AND attribute_not_exists(payment.verifiedAt)"
)

#: A reserved word of DynamoDB.
_REFERENCE: Final = {"#reference": "reference"}


class OrderStore:
    """The ``orders`` table.

    Args:
        table: a boto3 DynamoDB table resource.
        by: who makes the changes, for the order's history.

    Every method raises :class:`~orderflow.errors.StoreUnavailable` when DynamoDB throttles, fails
    or can't be reached.
    """

    def __init__(self, table: Table, by: str) -> None:
        self._table = table
        self._by = by

    def get(self, order_id: str) -> Order:
        """The order as it stands now (strongly consistent).

        Raises:
            OrderNotFoundError: there is none.
        """
        with translated_errors():
            answer = self._table.get_item(Key={"orderId": order_id}, ConsistentRead=True)
        if "Item" not in answer:
            raise OrderNotFoundError(order_id)
        return Order.model_validate(answer["Item"])

    def newest(self, status: OrderStatus | None, limit: int) -> list[Order]:
        """The newest orders, of one status or of any (eventually consistent), newest first."""
        streams = [
            self.newest_with_status(each, None, None, limit)
            for each in ([status] if status else OrderStatus)
        ]
        merged = heapq.merge(*streams, key=lambda order: order.created_at, reverse=True)
        return list(islice(merged, limit))

    def newest_of_customer(self, customer_id: str, until: str | None, read: int) -> Iterator[Order]:
        """One customer's orders (eventually consistent), the newest first, read as needed.

        Args:
            customer_id: the customer.
            until: none that were created after this time.
            read: how many to read at a time.
        """
        return self._newest("byCustomer", "customerId", customer_id, None, until, read)

    def newest_with_status(
        self, status: OrderStatus, since: str | None, until: str | None, read: int
    ) -> Iterator[Order]:
        """All orders of one status (eventually consistent), the newest first, read as needed.

        Args:
            status: theirs.
            since: none that were created before this time.
            until: none that were created after this one.
            read: how many to read at a time.
        """
        return self._newest("byStatus", "status", str(status), since, until, read)

    def with_status(self, status: OrderStatus) -> Iterator[Order]:
        """All orders of one status (eventually consistent), the oldest first, read as needed."""
        return map(Order.model_validate, self._items("byStatus", "status", str(status)))

    def parked(self, provider: str) -> Iterator[Order]:
        """The orders that wait for this provider (eventually consistent).

        Those that need attention come first, and of each kind the oldest.
        """
        for status in reversed(PARKED):
            for order in self.with_status(status):
                if order.parked is not None and order.parked.provider == provider:
                    yield order

    def unchanged_since(self, status: OrderStatus, moment: datetime) -> Iterator[Order | str]:
        """The orders of one status that nothing changed after then (eventually consistent).

        The oldest come first. Of an order that can't be read, its id: it is not to hide the others.
        """
        for item in self._items(
            "byStatus",
            "status",
            str(status),
            FilterExpression="updatedAt <= :moment",
            values={":moment": iso(moment)},
        ):
            try:
                yield Order.model_validate(item)
            except ValidationError:
                yield str(item["orderId"])

    def _newest(
        self, index: str, key: str, value: str, since: str | None, until: str | None, read: int
    ) -> Iterator[Order]:
        items = self._items(
            index,
            key,
            value,
            created=(since or _EARLIEST, until or _LATEST),
            ScanIndexForward=False,
            Limit=read,
        )
        return map(Order.model_validate, items)

    def _items(
        self,
        index: str,
        key: str,
        value: str,
        *,
        created: tuple[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        **query: Any,
    ) -> Iterator[Mapping[str, Any]]:
        condition = "#key = :key"
        values = {":key": value, **(values or {})}
        if created:
            condition += " AND createdAt BETWEEN :since AND :until"
            values |= {":since": created[0], ":until": created[1]}
        start: dict[str, Any] = {}
        while True:
            with translated_errors():
                answer = self._table.query(
                    IndexName=index,
                    KeyConditionExpression=condition,
                    ExpressionAttributeNames={"#key": key},
                    ExpressionAttributeValues=values,
                    **query,
                    **start,
                )
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def create(
        self,
        *,
        order_id: str,
        customer_id: str,
        customer_email: str,
        customer_name: str | None,
        grocery_list: str,
        execution_arn: str,
        parsed: ParsedList,
    ) -> Order:
        """Write a new order (PENDING_MATCHING), or return the one that is there already."""
        now = datetime.now(UTC)
        status = OrderStatus.PENDING_MATCHING
        order = Order(
            order_id=order_id,
            customer_id=customer_id,
            customer_email=customer_email,
            customer_name=customer_name,
            grocery_list=grocery_list,
            execution_arn=execution_arn,
            status=status,
            requested=parsed.requested,
            unmatched=parsed.not_understood,
            history=[StatusChange(status=status, at=iso(now), by=self._by)],
            created_at=iso(now),
            updated_at=iso(now),
            ttl=int((now + RETENTION).timestamp()),
        )
        try:
            with translated_errors():
                self._table.put_item(
                    Item=to_item(order), ConditionExpression="attribute_not_exists(orderId)"
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return self.get(order_id)
        return order

    def take_over(self, order_id: str, execution_arn: str) -> None:
        """Remember that this execution handles the order from now on."""
        with translated_errors():
            self._table.update_item(
                Key={"orderId": order_id},
                UpdateExpression="SET executionArn = :arn",
                ConditionExpression="attribute_exists(orderId)",
                ExpressionAttributeValues={":arn": execution_arn},
            )

    def record_parsed_list(self, order_id: str, parsed: ParsedList) -> Order:
        """FAILED -> PENDING_MATCHING, with the lines of an order that failed before it had any."""
        return self._transition(
            order_id,
            OrderStatus.PENDING_MATCHING,
            {
                "requested": [to_item(line) for line in parsed.requested],
                "unmatched": [to_item(line) for line in parsed.not_understood],
            },
        )

    def record_matches(
        self,
        order_id: str,
        lines: Sequence[MatchedLine],
        unmatched: Sequence[UnmatchedLine],
        model_use: ModelUse | None = None,
    ) -> Order:
        """PENDING_MATCHING -> MATCHED, with the products, their prices and the total."""
        used = {"modelUse": to_item(model_use)} if model_use else {}
        return self._transition(
            order_id,
            OrderStatus.MATCHED,
            {
                "lines": [to_item(line) for line in lines],
                "unmatched": [to_item(line) for line in unmatched],
                "totalKobo": sum(line.line_total_kobo for line in lines),
                **used,
            },
        )

    def record_link(
        self, order_id: str, *, link: str, reference: str, attempts: int, expires_at: datetime
    ) -> Order:
        """-> PAYMENT_INITIATED, with the link that the customer may now see."""
        return self._transition(
            order_id,
            OrderStatus.PAYMENT_INITIATED,
            {
                "paymentLink": link,
                "paymentReference": reference,
                "paymentAttempts": attempts,
                "paymentLinkExpiresAt": iso(expires_at),
            },
            remove=["statusReason", "parked"],
        )

    def reopen_link(self, order_id: str) -> Order:
        """-> PAYMENT_INITIATED again, with the link that the order has."""
        return self._transition(
            order_id, OrderStatus.PAYMENT_INITIATED, {}, remove=["statusReason", "parked"]
        )

    def record_failure(self, order_id: str, failure: Failure, reason: str) -> Order:
        """-> FAILED. The tokens of an execution that has ended are worth nothing: they go.

        A failure that is recorded already is refused, too.

        Args:
            reason: for the customer.
        """
        return self._transition(
            order_id,
            OrderStatus.FAILED,
            {"failure": to_item(failure), "statusReason": reason},
            remove=["taskToken", "parked", "alertedAt"],
            only_if="(attribute_not_exists(failure) OR failure <> :failure)",
            reason=reason,
        )

    def record_alerted(self, order_id: str, failure: Failure) -> None:
        """Remember that operations were told of this failure."""
        self._change(
            order_id,
            "SET alertedAt = :now",
            "failure = :failure",
            {":now": iso(datetime.now(UTC)), ":failure": to_item(failure)},
        )

    def record_report(self, order_id: str, report: Report) -> None:
        """Remember that operations were told that the order does not move."""
        self._change(
            order_id,
            "SET report = :report",
            "attribute_exists(orderId)",
            {":report": to_item(report)},
        )

    def cancel(self, order_id: str, reason: str) -> Order:
        """-> CANCELLED, unless a payment has come in. Its link is void on our side from now on.

        Its reference stays: a payment that comes in under it all the same is to be given back.
        """
        return self._transition(
            order_id,
            OrderStatus.CANCELLED,
            {"statusReason": reason},
            remove=["taskToken", "parked", "paymentLink", "paymentLinkExpiresAt"],
            only_if="attribute_not_exists(payment)",
            reason=reason,
        )

    def clear_parked(self, order_id: str, task_token: str) -> None:
        """Forget a token that was answered, unless the order was parked again meanwhile.

        This counts as a change, so that the order is not taken for one that does not move.
        """
        self._change(
            order_id,
            "SET updatedAt = :now REMOVE parked",
            "parked.taskToken = :token",
            {":token": task_token, ":now": iso(datetime.now(UTC))},
        )

    def record_notified_status(self, order_id: str, status: OrderStatus) -> None:
        """Remember that the customer was told of this status."""
        self._change(
            order_id, "ADD told :told", "attribute_exists(orderId)", {":told": {str(status)}}
        )

    def record_notification(self, order_id: str, reference: str) -> None:
        """Remember that the link with this reference was e-mailed."""
        with translated_errors():
            self._table.update_item(
                Key={"orderId": order_id},
                UpdateExpression="SET notifiedReference = :reference",
                ConditionExpression="attribute_exists(orderId)",
                ExpressionAttributeValues={":reference": reference},
            )

    def record_payment(self, order_id: str, payment: Payment) -> tuple[Order, bool]:
        """Record what was reported of an open order's payment; the status is the workflow's.

        The same payment again is counted, until it is confirmed: whoever asks PayStack about it
        learns that there was news meanwhile.

        Returns:
            The order, and whether this call was the one that recorded the payment. If it was not,
            the order has this payment already, or another one, or it has ended.
        """
        first = self._change(
            order_id,
            "SET payment = :payment, updatedAt = :now ADD paymentReports :one",
            f"{_IS_OPEN} AND attribute_not_exists(payment)",
            {**_OPEN, ":payment": to_item(payment), ":now": iso(datetime.now(UTC)), ":one": 1},
            names={"#status": "status"},
        )
        if first is not None:
            return first, True
        again = self._change(
            order_id,
            "ADD paymentReports :one",
            _HOLDS_PAYMENT,
            {":reference": payment.reference, ":one": 1},
            names=_REFERENCE,
        )
        return again or self.get(order_id), False

    def confirm_payment(self, order_id: str, payment: Payment) -> Order | None:
        """Record that PayStack confirms the payment (with ``verified_at``), if it is there still.

        Returns:
            The order; None where it does not hold this payment, unconfirmed, any more.
        """
        return self._change(
            order_id,
            "SET payment = :payment, updatedAt = :now REMOVE taskToken",
            _HOLDS_PAYMENT,
            {
                ":payment": to_item(payment),
                ":reference": payment.reference,
                ":now": iso(datetime.now(UTC)),
            },
            names=_REFERENCE,
        )

    def drop_payment(self, seen: Order, unconfirmed: UnconfirmedPayment) -> Order | None:
        """Take a payment that PayStack denies off the order; the denial is kept.

        Args:
            seen: the order as it was *before* PayStack was asked. A payment that was reported
                again since then may have become good meanwhile: it stays.

        Returns:
            The order; None where it holds another payment, or there was news of this one.
        """
        return self._change(
            seen.order_id,
            "SET denials = :denials, updatedAt = :now REMOVE payment, taskToken",
            f"{_HOLDS_PAYMENT} AND paymentReports = :seen",
            {
                ":denials": _unconfirmed_items([*seen.unconfirmed_payments, unconfirmed]),
                ":reference": unconfirmed.payment.reference,
                ":seen": seen.payment_reports,
                ":now": iso(datetime.now(UTC)),
            },
            names=_REFERENCE,
        )

    def record_unconfirmed_payments(
        self, order: Order, unconfirmed_payments: Sequence[UnconfirmedPayment]
    ) -> None:
        """Remember who was told of the denials, unless another one has come."""
        self._change(
            order.order_id,
            "SET denials = :denials",
            "denials = :seen",
            {
                ":denials": _unconfirmed_items(unconfirmed_payments),
                ":seen": _unconfirmed_items(order.unconfirmed_payments),
            },
        )

    def record_decline(self, order_id: str, decline: Decline) -> bool:
        """Remember a failed attempt to pay, if the order waits for a payment under its reference.

        The customer may try again, so this changes no status.

        Returns:
            Whether it does.
        """
        changed = self._change(
            order_id,
            "SET declined = :declined",
            "paymentReference = :reference AND attribute_not_exists(payment)",
            {":declined": to_item(decline), ":reference": decline.reference},
        )
        return changed is not None

    def record_refunds(self, order: Order, refunds: Sequence[RefundDue]) -> Order:
        """Replace the order's refunds, which nobody else may have changed since it was read.

        While one of them is due the order is in the index ``byRefund``.

        Raises:
            StoreUnavailable: somebody else changed them: read the order and try again.
        """
        due = min((refund.at for refund in refunds if refund.settled_at is None), default=None)
        place = ", refundState = :state, refundDueAt = :due" if due else ""
        removal = "" if due else " REMOVE refundState, refundDueAt"
        seen = order.refunds_revision
        # Orders of before there were refunds have no revision.
        unseen = "" if seen else " OR attribute_not_exists(refundsRevision)"
        changed = self._change(
            order.order_id,
            f"SET refundsDue = :refunds, refundsRevision = :next{place}{removal}",
            f"attribute_exists(orderId) AND (refundsRevision = :seen{unseen})",
            {
                ":refunds": [to_item(refund) for refund in refunds],
                ":next": seen + 1,
                ":seen": seen,
                **({":state": REFUND_DUE, ":due": due} if due else {}),
            },
        )
        if changed is None:
            raise StoreUnavailable("The order's refunds were changed by somebody else.")
        return changed

    def with_refunds_due(self) -> Iterator[Order]:
        """All orders with a refund due (eventually consistent), the oldest refund first."""
        found = self._items("byRefund", "refundState", REFUND_DUE)
        return map(Order.model_validate, found)

    def _transition(
        self,
        order_id: str,
        to: OrderStatus,
        fields: Mapping[str, Any],
        *,
        remove: Sequence[str] = (),
        only_if: str | None = None,
        reason: str | None = None,
    ) -> Order:
        now = iso(datetime.now(UTC))
        change = StatusChange(status=to, at=now, by=self._by, reason=reason)
        predecessors = {f":{status}": str(status) for status in sorted(PREDECESSORS[to])}
        assignments = [
            "#status = :status",
            "updatedAt = :now",
            "version = version + :one",
            "history = list_append(history, :change)",
            # Through "#": some names, such as "lines", are reserved words of DynamoDB.
            *(f"#{name} = :{name}" for name in fields),
        ]
        removal = f" REMOVE {', '.join(remove)}" if remove else ""
        condition = f"#status IN ({', '.join(predecessors)})"
        try:
            with translated_errors():
                answer = self._table.update_item(
                    Key={"orderId": order_id},
                    UpdateExpression=f"SET {', '.join(assignments)}{removal}",
                    ConditionExpression=f"{condition} AND {only_if}" if only_if else condition,
                    ExpressionAttributeNames={f"#{name}": name for name in ("status", *fields)},
                    ExpressionAttributeValues={
                        ":status": str(to),
                        ":now": now,
                        ":one": 1,
                        ":change": [to_item(change)],
                        **{f":{name}": value for name, value in fields.items()},
                        **predecessors,
                    },
                    ReturnValues="ALL_NEW",
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise self._refusal(order_id, to) from error
        return Order.model_validate(answer["Attributes"])

    def _change(
        self,
        order_id: str,
        update: str,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> Order | None:
        """One conditional write: the order after it, or None where its condition did not hold."""
        optional: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        try:
            with translated_errors():
                answer = self._table.update_item(
                    Key={"orderId": order_id},
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    **optional,
                    ReturnValues="ALL_NEW",
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return None
        return Order.model_validate(answer["Attributes"])

    def _refusal(self, order_id: str, to: OrderStatus) -> IllegalTransitionError:
        # Read instead of unpacking the error's ALL_OLD item, which boto3 leaves in wire format.
        return IllegalTransitionError(order_id, self.get(order_id).status, to)


#: So many denials are kept; what they say of each payment is in the audit log for good.
_UNCONFIRMED_PAYMENTS_KEPT: Final = 20


def _unconfirmed_items(unconfirmed_payments: Sequence[UnconfirmedPayment]) -> list[dict[str, Any]]:
    return [
        to_item(unconfirmed) for unconfirmed in unconfirmed_payments[-_UNCONFIRMED_PAYMENTS_KEPT:]
    ]


def to_item(model: BaseModel) -> dict[str, Any]:
    """The model as a DynamoDB item: camelCase names, absent values left out."""
    return model.model_dump(by_alias=True, exclude_none=True)
