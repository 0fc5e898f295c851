"""Orders in DynamoDB: every change is one conditional write that checks the order's status."""

from __future__ import annotations

from orderflow.orders.ports import Orders
from orderflow.orders.store.audited import audited
from orderflow.orders.store.direct_writes import audit_direct_writes
from orderflow.orders.store.erasure import Erasure, is_erased, may_be_erased
from orderflow.orders.store.payments import StoredPayments
from orderflow.orders.store.queries import BY_STATUS
from orderflow.orders.store.ratings import StoredRatings
from orderflow.orders.store.reviews import StoredReviews
from orderflow.orders.store.shards import SHARD, SHARDS, add_shard, without_shard
from orderflow.orders.store.table import REFUND_DUE, to_item
from orderflow.orders.store.transitions import RETENTION, SYNTHETIC_RETENTION

__all__ = [
    "BY_STATUS",
    "REFUND_DUE",
    "RETENTION",
    "SHARD",
    "SHARDS",
    "SYNTHETIC_RETENTION",
    "Erasure",
    "OrderStore",
    "add_shard",
    "audit_direct_writes",
    "audited",
    "is_erased",
    "may_be_erased",
    "to_item",
    "without_shard",
]


class OrderStore(StoredReviews, StoredPayments, StoredRatings, Orders):
    """:class:`~orderflow.orders.ports.Orders` in the ``orders`` table.

    Args:
        table: a boto3 DynamoDB table resource.
        by: who makes the changes, for the order's history.
        clock: the time of the changes.
        shards: the number of partitions of each status in indexes; at least that of all writers.
    """
