"""Orders in DynamoDB: every change is one conditional write that checks where the order stands.

A change that the order's status does not allow alters nothing and raises
:class:`~orderflow.errors.IllegalTransitionError`, so late and repeated events are harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from pydantic import BaseModel

from orderflow.dynamodb import translated_errors
from orderflow.errors import IllegalTransitionError, OrderNotFoundError
from orderflow.order import (
    PREDECESSORS,
    MatchedLine,
    Order,
    OrderStatus,
    Payment,
    Reading,
    StatusChange,
    UnmatchedLine,
    iso,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: How long an order's record is kept after it was written.
RETENTION: Final = timedelta(days=400)


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
        statuses = [status] if status else list(OrderStatus)
        found = [order for each in statuses for order in self._newest_of(each, limit)]
        return sorted(found, key=lambda order: order.created_at, reverse=True)[:limit]

    def _newest_of(self, status: OrderStatus, limit: int) -> list[Order]:
        with translated_errors():
            answer = self._table.query(
                IndexName="byStatus",
                KeyConditionExpression="#status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":status": str(status)},
                ScanIndexForward=False,
                Limit=limit,
            )
        return [Order.model_validate(item) for item in answer["Items"]]

    def create(
        self,
        *,
        order_id: str,
        customer_id: str,
        customer_email: str,
        customer_name: str | None,
        grocery_list: str,
        execution_arn: str,
        reading: Reading,
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
            requested=reading.requested,
            unmatched=reading.not_understood,
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
            if not _condition_failed(error):
                raise
            return self.get(order_id)
        return order

    def record_matches(
        self,
        order_id: str,
        lines: Sequence[MatchedLine],
        unmatched: Sequence[UnmatchedLine],
    ) -> Order:
        """PENDING_MATCHING -> MATCHED, with the products, their prices and the total."""
        return self._transition(
            order_id,
            OrderStatus.MATCHED,
            {
                "lines": [to_item(line) for line in lines],
                "unmatched": [to_item(line) for line in unmatched],
                "totalKobo": sum(line.line_total_kobo for line in lines),
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
            remove=["statusReason"],
        )

    def reopen_link(self, order_id: str) -> Order:
        """-> PAYMENT_INITIATED again, with the link that the order has."""
        return self._transition(
            order_id, OrderStatus.PAYMENT_INITIATED, {}, remove=["statusReason"]
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
        """Record the order's payment once; the status is the workflow's to change.

        Returns:
            The order with its payment, and whether this call was the one that recorded it.
        """
        try:
            with translated_errors():
                answer = self._table.update_item(
                    Key={"orderId": order_id},
                    UpdateExpression="SET payment = :payment, updatedAt = :now",
                    ConditionExpression="attribute_exists(orderId) "
                    "AND attribute_not_exists(payment)",
                    ExpressionAttributeValues={
                        ":payment": to_item(payment),
                        ":now": iso(datetime.now(UTC)),
                    },
                    ReturnValues="ALL_NEW",
                )
        except ClientError as error:
            if not _condition_failed(error):
                raise
            return self.get(order_id), False
        return Order.model_validate(answer["Attributes"]), True

    def _transition(
        self,
        order_id: str,
        to: OrderStatus,
        fields: Mapping[str, Any],
        *,
        remove: Sequence[str] = (),
    ) -> Order:
        now = iso(datetime.now(UTC))
        change = StatusChange(status=to, at=now, by=self._by)
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
        try:
            with translated_errors():
                answer = self._table.update_item(
                    Key={"orderId": order_id},
                    UpdateExpression=f"SET {', '.join(assignments)}{removal}",
                    ConditionExpression=f"#status IN ({', '.join(predecessors)})",
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
            if not _condition_failed(error):
                raise
            raise self._refusal(order_id, to) from error
        return Order.model_validate(answer["Attributes"])

    def _refusal(self, order_id: str, to: OrderStatus) -> IllegalTransitionError:
        # Read instead of unpacking the error's ALL_OLD item, which boto3 leaves in wire format.
        return IllegalTransitionError(order_id, self.get(order_id).status, to)


def to_item(model: BaseModel) -> dict[str, Any]:
    """The model as a DynamoDB item: camelCase names, absent values left out."""
    return model.model_dump(by_alias=True, exclude_none=True)


def _condition_failed(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"
