"""What goes wrong with SnapStart: in none of our functions; and where it does, it is found."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from cdk.constructs.functions.bundling import bundle, local_target
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import to_item
from tests.snapshots.hazards import Found, Probed, look_into
from tests.support.events import load_event
from tests.support.factories import an_order

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no snapshots here")

EVENTS = {
    "api": "api_submit_grocery_list",
    "collect_audit": "logs_audit_lines",
    "create_payment_link": "create_payment_link",
    "handle_dead_letters": "sqs_dead_letter",
    "match_products": "match_products",
    "operations_api": "api_get_order",
    "parse_order": "parse_order",
    "payment_return": "function_url_return",
    "payment_webhook": "function_url_webhook",
    "publish_order_updates": "stream_order_delayed",
    "reconcile_orders": "scheduled",
    "record_failures": "execution_failed",
    "record_email_feedback": "sns_email_bounce",
    "recover_orders": "sqs_parked_order",
    "refund_payment": "refund_payment",
    "run_canary": "scheduled",
    "send_payment_link": "send_payment_link",
    "send_status_emails": "stream_order_delayed",
    "verify_payment": "verify_payment",
}

VARIABLES = {
    "STAGE": "test",
    "POWERTOOLS_SERVICE_NAME": "a-function",
    "POWERTOOLS_METRICS_NAMESPACE": "GroceryOrders",
    "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9",
    "_X_AMZN_TRACE_ID": f"Root=1-6b0c4e64-{7:024x};Parent={8:016x};Sampled=1",
    "ORDERS_TABLE": "orders",
    "ORDERS_INDEX_SHARDS": "4",
    "CATALOG_TABLE": "catalog",
    "BREAKERS_TABLE": "breakers",
    "BREAKER_PARAMETER": "/breaker",
    "TUNABLES_PARAMETER": "/tunables",
    "WEBHOOK_PARAMETER": "/webhook",
    "RECOVERY_PARAMETER": "/recovery",
    "SUBMISSIONS_TABLE": "submissions",
    "SUBMISSION_LIMIT_PARAMETER": "/submissions",
    "USER_POOL_ID": "eu-west-1_EXAMPLE00",
    "STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:orders",
    "OPERATIONS_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:operations",
    "PARKED_ORDERS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/parked",
    "PAYSTACK_SECRET_NAME": "paystack",
    "PAYSTACK_BASE_URL": "http://127.0.0.1:9",
    "SENDER_EMAIL": "orders@shop.example",
    "OWN_RECEIPTS": "false",
    "REVIEW_BEFORE_PAYMENT": "false",
    "EMAIL_ADDRESSES_TABLE": "addresses",
    "LINK_VALIDITY_SECONDS": "86400",
    "LINK_REUSE_MARGIN_SECONDS": "300",
    "LINK_CHECK_AFTER_SECONDS": "60",
    "REVERSAL_CHECK_AFTER_SECONDS": "60",
    "DISPUTE_REMINDER_SECONDS": "60",
    "LINK_CHECKED_AFTER_END_SECONDS": "259200",
    "SESSION_CHECK_SECONDS": "21600",
    "UNDECIDED_ALERT_SECONDS": "60",
    "CANARY_SECRET_NAME": "canary",
    "CANARY_LIST": "1 loaf bread",
    "CANARY_STOPS_BEFORE_LINK": "false",
    "CANARY_PATIENCE_SECONDS": "1",
    "USER_POOL_CLIENT_ID": "1example23456789",
    "GRAPHQL_REALTIME_URL": "ws://127.0.0.1:9/graphql",
    "AUDIT_LOG_GROUP": "/grocery/test/audit",
    "AUDIT_ARCHIVE": "audit-archive",
    "KEPT_LETTERS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/kept",
    "DEAD_LETTER_DELAY_SECONDS": "60",
    "RETURN_LIMITS_TABLE": "return-limits",
    "SHOP_PAGE_URL": "https://shop.example/orders",
    "GRAPHQL_API_URL": "http://127.0.0.1:9/graphql",
}

# What libraries do, and why nothing comes of it.
HARMLESS = (
    # The century of years with two digits, and the date of a time without one: neither is parsed.
    "clock read before the snapshot: dateutil/parser/",
    # By a sampler that X-Ray's library makes when it is imported; it is dropped at once.
    "clock read before the snapshot: aws_xray_sdk/core/sampling/local/reservoir.py",
)


def of_ours(function: str) -> Found:
    event = load_event(EVENTS[function])
    if function == "api":
        del event["arguments"]["input"]["idempotencyKey"]  # the order's id is then drawn
    if function == "operations_api":
        event["info"] = {"parentTypeName": "Query", "fieldName": "orders"}
        event["arguments"] = {"status": "FAILED"}
        event["identity"]["groups"] = ["ops"]
    order_id = event.get("orderId")
    order = an_order(order_id=order_id, status=OrderStatus.MATCHED, lines=[], payment_link=None)
    half_open = {"provider": "paystack", "state": "OPEN", "epoch": 3, "retryAt": 0, "opens": 1}
    return look_into(
        Probed(
            handler=f"{function}.handler.lambda_handler",
            folder=bundle(function, local_target()).path,
            variables=VARIABLES,
            event=event,
            items={
                "addresses": {},
                "orders": _attributes(to_item(order)),
                "breakers": _attributes(half_open),
            },
            parameter=json.dumps({"modelId": "a-model"} if function == "match_products" else {}),
        )
    )


def _attributes(item: dict[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in item.items()}


@pytest.mark.parametrize("function", EVENTS)
def test_none_of_our_functions_has_a_hazard(function: str) -> None:
    found = of_ours(function)

    assert [each for each in found.hazards if not each.startswith(HARMLESS)] == []
    # publish_order_updates signs what it sends, and gives it no token of its own.
    assert found.sent or function == "publish_order_updates"


def test_every_function_is_looked_into() -> None:
    functions = Path(__file__).parents[2] / "functions"

    assert set(EVENTS) == {each.parent.name for each in functions.glob("*/handler.py")}


def of_code(code: str, folder: Path) -> list[str]:
    (folder / "planted.py").write_text(
        textwrap.dedent(code) + "\ndef lambda_handler(event, context): handle()\n"
    )
    return look_into(Probed("planted.lambda_handler", folder, {})).hazards


PUBLISH = "boto3.client('sqs').send_message(QueueUrl='http://sqs.example/q', MessageBody={})"

PLANTED = {
    "a uuid made at import": (
        "import uuid, boto3\nID = str(uuid.uuid4())\ndef handle(): " + PUBLISH.format("ID"),
        ["random number drawn before the snapshot: planted.py", "sent by two workers: "],
    ),
    "jitter from the module's generator": (
        "import random\ndef handle(): random.random()",
        ["two workers draw the same random numbers"],
    ),
    "jitter from a generator made at import": (
        """
        import random
        from snapshot_restore_py import register_after_restore
        register_after_restore(random.seed)
        CHANCE = random.Random()
        def handle(): CHANCE.random()
        """,
        ["two workers draw the same random numbers"],
    ),
    "an idempotency token kept from before": (
        """
        import secrets, boto3
        TOKEN = secrets.token_hex(16)
        def handle(): """
        + PUBLISH.format("TOKEN"),
        ["random number drawn before the snapshot: planted.py", "sent by two workers: "],
    ),
    "a client that has connected": (
        """
        import boto3, http.server, threading
        from botocore.config import Config
        server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        threading.Thread(target=server.handle_request, daemon=True).start()
        CLIENT = boto3.client("sqs", endpoint_url=f"http://127.0.0.1:{server.server_port}",
                              config=Config(retries={"total_max_attempts": 1}))
        try:
            CLIENT.list_queues()
        except Exception:
            pass
        def handle(): ...
        """,
        ["open at the snapshot: socket"],
    ),
    "a pool that keeps a connection": (
        """
        import socket, urllib3
        server = socket.create_server(("127.0.0.1", 0))
        POOL = urllib3.HTTPConnectionPool("127.0.0.1", server.getsockname()[1])
        connection = POOL._get_conn()
        connection.connect()
        POOL._put_conn(connection)
        def handle(): ...
        """,
        ["open at the snapshot: socket"],
    ),
    "a secret fetched at import": (
        """
        from aws_lambda_powertools.utilities.parameters.base import BaseProvider
        class Vault(BaseProvider):
            def _get(self, name, **options): return "secret"
            def _get_multiple(self, path, **options): return {}
        VAULT = Vault()
        VAULT.get("paystack", max_age=60)
        def handle(): ...
        """,
        ["clock read before the snapshot: aws_lambda_powertools/", "fetched before the snapshot"],
    ),
    "a clock read at import": (
        "from datetime import datetime, UTC\nSTARTED = datetime.now(UTC)\ndef handle(): ...",
        ["clock read before the snapshot: planted.py:2 in <module>: datetime.now"],
    ),
    "a monotonic clock read in a hook": (
        """
        import time
        from snapshot_restore_py import register_before_snapshot
        @register_before_snapshot
        def warm_up(): time.monotonic()
        def handle(): ...
        """,
        ["clock read before the snapshot: planted.py:5 in warm_up: monotonic"],
    ),
}


@pytest.mark.parametrize("hazard", PLANTED)
def test_a_planted_hazard_is_found(hazard: str, tmp_path: Path) -> None:
    code, expected = PLANTED[hazard]

    found = of_code(code, tmp_path)

    for each in expected:
        assert any(line.startswith(each) for line in found), found


def test_a_function_that_seeds_again_and_makes_its_ids_later_has_none(tmp_path: Path) -> None:
    code = """
        import random, uuid, time
        import boto3
        from snapshot_restore_py import register_after_restore, register_before_snapshot
        register_after_restore(random.seed)
        NAMESPACE = uuid.UUID("8f2c54b7-6a1e-5b0c-9d3e-7c1d0c9a4e21")
        def handle():
            time.time(), random.random()
            """ + PUBLISH.format("str(uuid.uuid4())")

    found = of_code(code, tmp_path)

    by_s3transfer = "random number drawn before the snapshot: s3transfer/"
    assert [each for each in found if not each.startswith((*HARMLESS, by_s3transfer))] == []
