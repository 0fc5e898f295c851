"""Creating orders and changing their status, each with one conditional write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError
from typing_extensions import override

from orderflow.clock import iso
from orderflow.errors import IllegalTransitionError
from orderflow.orders.lines import MatchedLine, ModelUse, ParsedList, UnmatchedLine, total_of
from orderflow.orders.model import CancelRequest, Failure, Order, Report, StatusChange
from orderflow.orders.ports import OrderTransitions
from orderflow.orders.status import PREDECESSORS, OrderStatus
from orderflow.orders.store.queries import StoredQueries
from orderflow.orders.store.shards import SHARD, shard_of
from orderflow.orders.store.table import IS_OPEN, LINK_CHECK_DUE, OPEN, to_item
from orderflow.platform.dynamodb import condition_failed, translated_errors

#: How long an order's record is kept after it was written.
RETENTION: Final = timedelta(days=400)

#: The canary sends an order every five minutes.
SYNTHETIC_RETENTION: Final = timedelta(days=7)

_TOKENS: Final = ("taskToken", "reviewToken")


class StoredTransitions(StoredQueries, OrderTransitions):
    """Each write allows the listed predecessors alone, and appends to the order's history."""

    @override
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
        review: bool = False,
        synthetic: bool = False,
    ) -> Order:
        now = self._clock()
        status = OrderStatus.PENDING_MATCHING
        order = Order(
            order_id=order_id,
            customer_id=customer_id,
            customer_email=customer_email,
            customer_name=customer_name,
            grocery_list=grocery_list,
            execution_arn=execution_arn,
            status=status,
            review=review or None,
            synthetic=synthetic or None,
            requested=parsed.requested,
            unmatched=parsed.not_understood,
            history=[StatusChange(status=status, at=now, by=self._by)],
            created_at=now,
            updated_at=now,
            ttl=int((now + (SYNTHETIC_RETENTION if synthetic else RETENTION)).timestamp()),
        )
        try:
            with translated_errors():
                self._table.put_item(
                    Item=self._item(order), ConditionExpression="attribute_not_exists(orderId)"
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return self.get(order_id)
        return order

    @override
    def take_over(self, order_id: str, execution_arn: str) -> None:
        self._set(order_id, "executionArn", execution_arn)

    @override
    def record_parsed_list(self, order_id: str, parsed: ParsedList) -> Order:
        return self._transition(
            order_id,
            OrderStatus.PENDING_MATCHING,
            {
                "requested": [to_item(line) for line in parsed.requested],
                "unmatched": [to_item(line) for line in parsed.not_understood],
            },
        )

    @override
    def record_matches(
        self,
        order_id: str,
        lines: Sequence[MatchedLine],
        unmatched: Sequence[UnmatchedLine],
        model_use: ModelUse | None = None,
    ) -> Order:
        used = {"modelUse": to_item(model_use)} if model_use else {}
        return self._transition(
            order_id,
            OrderStatus.MATCHED,
            {
                "lines": [to_item(line) for line in lines],
                "unmatched": [to_item(line) for line in unmatched],
                "totalKobo": total_of(lines),
                **used,
            },
            remove=["statusReason"],
            # A late write of an earlier attempt must not take an order back that has products.
            only_if="size(#lines) < :one",
        )

    @override
    def record_link(
        self,
        order_id: str,
        *,
        link: str,
        reference: str,
        attempts: int,
        expires_at: datetime,
        check_at: datetime | None = None,
    ) -> Order:
        check = (
            {"linkCheckState": LINK_CHECK_DUE, "linkCheckAt": iso(check_at), "linkChecks": 0}
            if check_at
            else {}
        )
        return self._transition(
            order_id,
            OrderStatus.PAYMENT_INITIATED,
            {
                "paymentLink": link,
                "paymentReference": reference,
                "paymentAttempts": attempts,
                "paymentLinkExpiresAt": iso(expires_at),
                **check,
            },
            remove=["statusReason", "parked", "reviewToken"],
        )

    @override
    def reopen_link(self, order_id: str) -> Order:
        return self._transition(
            order_id, OrderStatus.PAYMENT_INITIATED, {}, remove=["statusReason", "parked"]
        )

    @override
    def record_failure(self, order_id: str, failure: Failure, reason: str) -> Order:
        return self._transition(
            order_id,
            OrderStatus.FAILED,
            {"failure": to_item(failure), "statusReason": reason},
            remove=[*_TOKENS, "parked", "alertedAt"],
            only_if="(attribute_not_exists(failure) OR failure <> :failure)",
            reason=reason,
        )

    @override
    def cancel(self, order_id: str, reason: str, unpaid_reference: str | None = None) -> Order:
        unlinked = "attribute_not_exists(paymentReference)"
        asked = {":asked": unpaid_reference} if unpaid_reference else {}
        return self._transition(
            order_id,
            OrderStatus.CANCELLED,
            {"statusReason": reason},
            remove=[*_TOKENS, "parked", "paymentLink", "paymentLinkExpiresAt"],
            only_if="attribute_not_exists(payment) AND "
            + ("paymentReference = :asked" if asked else unlinked),
            reason=reason,
            values=asked,
        )

    @override
    def request_cancellation(self, order_id: str, request: CancelRequest) -> Order:
        # The version grows with all that customers see of an order.
        changed = self._change(
            order_id,
            "SET cancelRequested = :request, updatedAt = :now, version = version + :one, "
            # Where no execution asks PayStack, the reconciler does.
            "linkCheckState = :due, linkCheckAt = :now",
            f"{IS_OPEN} AND attribute_exists(paymentReference) AND attribute_not_exists(payment) "
            "AND attribute_not_exists(cancelRequested)",
            {
                **OPEN,
                ":request": to_item(request),
                ":now": iso(self._clock()),
                ":one": 1,
                ":due": LINK_CHECK_DUE,
            },
            names={"#status": "status"},
        )
        if changed is not None:
            return changed
        order = self.get(order_id)
        if order.is_closed or order.payment is not None or order.cancel_requested is None:
            raise IllegalTransitionError(order_id, order.status, OrderStatus.CANCELLED)
        return order

    @override
    def clear_parked(self, order_id: str, task_token: str) -> None:
        self._write(
            order_id,
            "SET updatedAt = :now REMOVE parked",
            "parked.taskToken = :token",
            {":token": task_token, ":now": iso(self._clock())},
        )

    @override
    def record_notified_status(self, order_id: str, status: OrderStatus) -> None:
        self._write(
            order_id, "ADD told :told", "attribute_exists(orderId)", {":told": {str(status)}}
        )

    @override
    def record_notification(self, order_id: str, reference: str) -> None:
        self._set(order_id, "notifiedReference", reference)

    @override
    def record_alerted(self, order_id: str, failure: Failure) -> None:
        self._write(
            order_id,
            "SET alertedAt = :now",
            "failure = :failure",
            {":now": iso(self._clock()), ":failure": to_item(failure)},
        )

    @override
    def record_unsettled_alert(self, order_id: str) -> None:
        self._set(order_id, "unsettledAlertedAt", iso(self._clock()))

    @override
    def record_report(self, order_id: str, report: Report) -> None:
        self._set(order_id, "report", to_item(report))

    def _set(self, order_id: str, attribute: str, value: Any) -> None:
        """Set one attribute of an order that exists; do nothing where there is none."""
        self._write(
            order_id,
            f"SET {attribute} = :value",
            "attribute_exists(orderId)",
            {":value": value},
        )

    def _transition(
        self,
        order_id: str,
        to: OrderStatus,
        fields: Mapping[str, Any],
        *,
        remove: Sequence[str] = (),
        only_if: str | None = None,
        reason: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Order:
        now = self._clock()
        change = StatusChange(status=to, at=now, by=self._by, reason=reason)
        predecessors = {f":{status}": str(status) for status in sorted(PREDECESSORS[to])}
        assignments = [
            "#status = :status",
            "updatedAt = :now",
            "version = version + :one",
            "history = list_append(history, :change)",
            # An earlier release wrote orders without shards.
            f"{SHARD} = if_not_exists({SHARD}, :shard)",
            # Through "#": some names, such as "lines", are reserved words of DynamoDB.
            *(f"#{name} = :{name}" for name in fields),
        ]
        removal = f" REMOVE {', '.join(remove)}" if remove else ""
        condition = f"#status IN ({', '.join(predecessors)})"
        changed = self._change(
            order_id,
            f"SET {', '.join(assignments)}{removal}",
            f"{condition} AND {only_if}" if only_if else condition,
            {
                ":status": str(to),
                ":now": iso(now),
                ":one": 1,
                ":change": [to_item(change)],
                ":shard": shard_of(order_id, self._shards),
                **{f":{name}": value for name, value in fields.items()},
                **predecessors,
                **(values or {}),
            },
            names={f"#{name}": name for name in ("status", *fields)},
        )
        if changed is None:
            # Read instead of unpacking the error's ALL_OLD item, which boto3 leaves in wire format.
            raise IllegalTransitionError(order_id, self.get(order_id).status, to)
        return changed
