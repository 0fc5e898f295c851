"""One release's code at work on the orders table: a process with that release's packages.

Reads a task from standard input: how to create the table, its items in DynamoDB's wire format, and
the ids of orders to read and change. Writes what it read, and all items afterwards.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import boto3
from moto import mock_aws


def main() -> None:
    """Works through the task."""
    task = json.load(sys.stdin)
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    with mock_aws():
        json.dump(_work(task), sys.stdout)


def _work(task: dict[str, Any]) -> dict[str, Any]:
    from orderflow.orders.status import OrderStatus  # noqa: PLC0415 - the release's own
    from orderflow.orders.store import OrderStore  # noqa: PLC0415

    client = boto3.client("dynamodb")
    client.create_table(**task["table"])
    name = task["table"]["TableName"]
    for item in task["items"]:
        client.put_item(TableName=name, Item=item)
    for write in task["writes"]:
        client.update_item(TableName=name, **write)
    store = OrderStore(boto3.resource("dynamodb").Table(name), by="release", shards=4)
    orders = [store.get(order_id) for order_id in task["orders"]]
    for order in orders:
        store.record_link_check(order.order_id, 7, order.updated_at)
    listed = {each.order_id for order in orders for each in store.with_status(order.status)}
    return {
        "statuses": [*OrderStatus],
        "read": {
            order.order_id: {
                "status": str(order.status),
                "taskToken": order.task_token,
                # Releases before the reviews have no such attribute.
                "reviewToken": getattr(order, "review_token", None),
                "parkedToken": order.parked.task_token if order.parked else None,
                "totalKobo": order.total_kobo,
                "reference": order.payment_reference,
                "history": [str(change.status) for change in order.history],
            }
            for order in orders
        },
        "listed": sorted(listed),
        "items": client.scan(TableName=name)["Items"],
    }


if __name__ == "__main__":
    main()
