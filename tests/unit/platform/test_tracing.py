"""What functions tell X-Ray of their invocations, and what they don't."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import urllib3
from aws_xray_sdk.core.daemon_config import DAEMON_ADDRESS_KEY
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
from aws_xray_sdk.core.models.entity import Entity
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.httpsession import URLLib3Session
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from pydantic import SecretStr

from orderflow.errors import InvalidOrder, PaystackUnavailable
from orderflow.payments.paystack import PaystackClient
from orderflow.platform import aws
from orderflow.platform.tracing import outgoing_call, traced
from orderflow.platform.tracing.invocation import MOST_CALLS, emitter
from orderflow.platform.tracing.order_ids import MOST_ORDERS, order_ids
from orderflow.platform.tracing.outgoing import RUNNING
from tests.support.events import load_event
from tests.support.paths import PROJECT
from tests.support.xray import problems

TRACE = "1-6b0c4e64-a006649127e371903a2de979"
PARENT = "53995c3f42cd8ad8"
ORDER = "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77"
SECRET = "ada.buyer@mail.example"


class Collected:
    """What would be sent, from now on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.documents: list[dict[str, Any]] = []
        patch.setattr(UDPEmitter, "send_entity", lambda _emitter, entity: self.add(entity))

    def add(self, entity: Entity) -> None:
        self.documents.append(json.loads(entity.serialize()))


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Collected:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={TRACE};Parent={PARENT};Sampled=1;Lineage=1:ab:0")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "parse_order")
    return Collected(monkeypatch)


def run(work: Any = lambda: None, event: Any = None) -> Any:
    return traced(lambda _event, _context: work())({} if event is None else event, None)


def only(daemon: Collected) -> dict[str, Any]:
    (document,) = daemon.documents
    assert problems(document) == []
    return document


def calls(daemon: Collected) -> list[dict[str, Any]]:
    return [each for each in only(daemon)["subsegments"] if "namespace" in each]


def test_an_invocation_is_a_subsegment_of_lambdas_segment(daemon: Collected) -> None:
    assert run(lambda: {"lineCount": 3}, {"orderId": ORDER}) == {"lineCount": 3}

    document = only(daemon)
    assert document["name"] == "parse_order"
    assert document["type"] == "subsegment"
    assert (document["trace_id"], document["parent_id"]) == (TRACE, PARENT)
    assert document["annotations"] == {"order_id": ORDER}
    assert document["start_time"] <= document["end_time"]


@pytest.mark.parametrize(
    "header", ["", "Root=1-2", "Root=1-2;Sampled=1", f"Root={TRACE};Parent={PARENT};Sampled=0"]
)
def test_what_lambda_does_not_record_is_not_recorded(
    daemon: Collected, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)

    assert run(lambda: RUNNING.invocation) is None
    assert daemon.documents == []


def test_the_headers_parts_come_in_any_order(
    daemon: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Self=x;Sampled=1;Parent={PARENT};Root={TRACE}")
    run()

    document = only(daemon)
    assert (document["trace_id"], document["parent_id"]) == (TRACE, PARENT)


@pytest.mark.parametrize(
    ("error", "flag"), [(KeyError(SECRET), "fault"), (InvalidOrder(SECRET), "error")]
)
def test_a_failed_invocation_is_marked_without_the_errors_message(
    daemon: Collected, error: Exception, flag: str
) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        run(fail, {"orderId": ORDER})

    document = only(daemon)
    assert {each for each in ("fault", "error") if document.get(each)} == {flag}
    assert document["cause"]["exceptions"][0]["type"] == type(error).__name__
    assert SECRET not in json.dumps(document)
    assert RUNNING.invocation is None


@mock_aws
def test_a_call_of_aws_has_service_operation_table_and_status(daemon: Collected) -> None:
    def write() -> None:
        client = boto3.Session().client("dynamodb", region_name="eu-west-1")
        with pytest.raises(ClientError):
            client.get_item(TableName="orders", Key={"orderId": {"S": SECRET}})

    run(write)

    (call,) = calls(daemon)
    assert call["name"] == "DynamoDB"
    assert call["namespace"] == "aws"
    assert call["aws"]["operation"] == "GetItem"
    assert call["aws"]["table_name"] == "orders"
    assert call["http"]["response"]["status"] == 400
    assert call["error"] is True
    assert SECRET not in json.dumps(daemon.documents)


def test_a_service_that_throttles_with_status_400_throttles(daemon: Collected) -> None:
    def call() -> None:
        client = boto3.Session().client("bedrock-runtime", region_name="eu-west-1")
        with Stubber(client) as stub:
            stub.add_client_error("converse", "ThrottlingException", http_status_code=400)
            with pytest.raises(ClientError):
                client.converse(modelId="a-model")

    run(call)

    (found,) = calls(daemon)
    assert (found["name"], found["aws"]["operation"]) == ("Bedrock Runtime", "Converse")
    assert found["throttle"] is found["error"] is True


def test_a_service_that_does_not_answer_is_a_fault(daemon: Collected) -> None:
    def call() -> None:
        client = boto3.Session().client(
            "sesv2",
            region_name="eu-west-1",
            endpoint_url="http://127.0.0.1:9",
            config=Config(retries={"total_max_attempts": 1}),
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        with pytest.raises(EndpointConnectionError):
            client.send_email(Destination={"ToAddresses": [SECRET]}, Content={})

    run(call)

    (found,) = calls(daemon)
    assert (found["name"], found["aws"]["operation"]) == ("SESv2", "SendEmail")
    assert found["fault"] is True
    assert found["cause"]["exceptions"][0]["type"] == "EndpointConnectionError"
    assert SECRET not in json.dumps(found)


class FakePool(urllib3.PoolManager):
    def __init__(self, status: int | Exception) -> None:
        super().__init__()
        self._status = status

    def request(self, *_: Any, **__: Any) -> Any:
        if isinstance(self._status, Exception):
            raise self._status
        return urllib3.HTTPResponse(b"{}", status=self._status)


@pytest.mark.parametrize(("status", "flags"), [(200, set()), (503, {"fault"}), (404, {"error"})])
def test_a_call_of_paystack_has_its_address_and_status_but_no_key(
    daemon: Collected, status: int, flags: set[str]
) -> None:
    client = PaystackClient("https://api.paystack.co", SecretStr("sk_live_1"), FakePool(status))

    run(lambda: client.ask("GET", f"/transaction?customer={SECRET}"))

    (call,) = calls(daemon)
    assert (call["name"], call["namespace"]) == ("PayStack", "remote")
    assert call["http"]["request"] == {
        "method": "GET",
        "url": "https://api.paystack.co/transaction",
    }
    assert call["http"]["response"] == {"status": status}
    assert {each for each in ("fault", "error", "throttle") if each in call} == flags
    assert SECRET not in json.dumps(call)
    assert "sk_live_1" not in json.dumps(call)


def test_paystack_without_an_answer_is_a_fault(daemon: Collected) -> None:
    pool = FakePool(urllib3.exceptions.HTTPError("down"))
    client = PaystackClient("https://api.paystack.co", SecretStr("sk_live_1"), pool)

    def ask() -> None:
        with pytest.raises(PaystackUnavailable):
            client.ask("GET", "/transaction")

    run(ask)

    (call,) = calls(daemon)
    assert call["fault"] is True


def test_a_call_outside_of_invocations_is_not_recorded(daemon: Collected) -> None:
    with outgoing_call("PayStack", "GET", "https://api.paystack.co/") as call:
        call.answered(200)

    assert daemon.documents == []


def test_what_ends_after_its_invocation_stays_in_its_trace(
    daemon: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def late() -> None:
        with outgoing_call("slow", "GET", "https://slow.example/"):
            has_begun.set()
            may_end.wait()

    thread = threading.Thread(target=late)

    def leave() -> None:
        thread.start()
        has_begun.wait()

    def come_back() -> None:
        may_end.set()
        thread.join()

    run(leave)
    other = f"Root=1-6b0c4e65-a006649127e371903a2de979;Parent={PARENT};Sampled=1"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", other)
    run(come_back)

    first, slow, second = daemon.documents
    assert (slow["name"], slow["trace_id"], slow["parent_id"]) == ("slow", TRACE, first["id"])
    assert "subsegments" not in second


@given(
    names=st.lists(st.text(max_size=300), max_size=3 * MOST_CALLS),
    urls=st.lists(st.text(max_size=400), min_size=1, max_size=5),
    orders=st.integers(0, 60),
)
def test_x_ray_takes_whatever_is_sent(names: list[str], urls: list[str], orders: int) -> None:
    records = [
        {"dynamodb": {"Keys": {"orderId": {"S": f"{number:08x}-52a4-5f39-8a3a-6f1d5c0a9e77"}}}}
        for number in range(orders)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("_X_AMZN_TRACE_ID", f"Root={TRACE};Parent={PARENT};Sampled=1")
        collected = Collected(patch)

        def work() -> None:
            for number, name in enumerate(names):
                with outgoing_call(name, "POST", urls[number % len(urls)]) as call:
                    call.answered(500)

        run(work, {"Records": records})

    for document in collected.documents:
        assert problems(document) == []
    sent = [call for each in collected.documents for call in [each, *each.get("subsegments", ())]]
    assert sum(each.get("namespace") == "remote" for each in sent) == len(names)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("parse_order", [ORDER]),
        ("api_get_order", [ORDER]),
        ("stream_order_delayed", [ORDER]),
        ("execution_failed", [ORDER]),
        ("function_url_return", [ORDER]),
        ("sqs_parked_order", ["3f0c9a54-6f4e-5d2b-9a51-0d6c1c1f7e2a"]),
        ("sqs_dead_letter", ["3f0c9a54-6f4e-5d2b-9a51-0d6c1c1f7e2a"]),
        ("scheduled", []),
        ("logs_audit_lines", []),
        ("sns_email_bounce", []),
        ("stream_breaker_opened", []),
    ],
)
def test_an_events_orders_are_found(event: str, expected: list[str]) -> None:
    assert order_ids(load_event(event)) == expected


def test_a_webhooks_order_is_found_by_its_payments_reference() -> None:
    event = load_event("function_url_webhook")
    event["body"] = json.dumps({"event": "charge.success", "data": {"reference": f"{ORDER}-2"}})

    assert order_ids(event) == [ORDER]


def test_a_letter_within_a_letter_names_its_order() -> None:
    letter = json.dumps({"detail": json.dumps({"Keys": {"orderId": {"S": ORDER}}})})

    assert order_ids({"Records": [{"body": letter}]}) == [ORDER]


def test_a_new_orders_id_is_found_in_the_answer() -> None:
    assert order_ids(load_event("api_submit_grocery_list"), {"orderId": ORDER}) == [ORDER]


def test_ids_of_anything_else_are_no_orders() -> None:
    customer = "7d6f0a52-3b0e-4f7e-9d53-0c6f2f0b7d11"
    assert order_ids({"customerId": customer, "orderId": "../../etc", "input": customer}) == []


def test_a_batch_names_each_of_its_orders(daemon: Collected) -> None:
    ids = [f"{number:08x}-52a4-5f39-8a3a-6f1d5c0a9e77" for number in range(40)]
    run(event={"Records": [{"body": json.dumps({"orderId": each})} for each in ids * 2]})

    named = [each["annotations"]["order_id"] for each in only(daemon)["subsegments"]]
    assert named == ids[:MOST_ORDERS]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)
        yield listening


@pytest.fixture
def fresh_emitter(daemon: Collected, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The emitter of a process that has sent nothing yet."""
    monkeypatch.undo()
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={TRACE};Parent={PARENT};Sampled=1")
    emitter.cache_clear()
    yield
    emitter.cache_clear()


@pytest.mark.usefixtures("fresh_emitter")
@pytest.mark.parametrize("form", ["{0}", "tcp:127.0.0.9:1 udp:{0}"])
def test_a_document_is_sent_as_the_daemon_reads_it(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    host, port = listener.getsockname()
    monkeypatch.setenv(DAEMON_ADDRESS_KEY, form.format(f"{host}:{port}"))

    run()

    header, _, document = listener.recv(65_535).partition(b"\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    assert problems(json.loads(document)) == []
    assert json.loads(document)["parent_id"] == PARENT


@pytest.mark.usefixtures("fresh_emitter")
def test_a_document_that_is_too_long_for_a_datagram_is_lost_alone(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port = listener.getsockname()
    monkeypatch.setenv(DAEMON_ADDRESS_KEY, f"{host}:{port}")

    def too_long() -> str:
        assert RUNNING.invocation is not None
        RUNNING.invocation.work.put_annotation("much", "x" * 100_000)
        return "done"

    assert run(too_long) == "done"


#: Prints which of the libraries are loaded by an import, by an invocation that is not recorded,
#: and by one that is.
LOADED = """
import json, os, sys
import parse_order.handler
from orderflow.platform.tracing import traced
handler = traced(lambda event, context: None)
def loaded(): return [name for name in ("aws_xray_sdk", "asyncio") if name in sys.modules]
found = [loaded()]
for sampled in ("0", "1"):
    os.environ["_X_AMZN_TRACE_ID"] = sys.argv[1] + sampled
    handler({}, None)
    found.append(loaded())
print(json.dumps(found))
"""


def test_only_an_invocation_that_is_recorded_loads_x_rays_library() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, f"Root={TRACE};Parent={PARENT};Sampled="],
        cwd=PROJECT / "functions",
        env={
            "AWS_REGION": "eu-west-1",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9",
            "LAMBDA_TASK_ROOT": str(PROJECT),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(ran.stdout) == [[], [], ["aws_xray_sdk"]]


@pytest.mark.parametrize("headers", [{}, {"Host": "api.example"}])
def test_a_call_of_the_api_has_the_apis_name(
    daemon: Collected, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    answer = AWSResponse("", 429, {}, None)
    monkeypatch.setattr(URLLib3Session, "send", lambda _self, _request: answer)
    request = AWSRequest("POST", f"https://127.0.0.1/graphql?{SECRET}", headers=headers).prepare()

    assert run(lambda: aws.http(1).send(request)) is answer

    (call,) = calls(daemon)
    assert call["name"] == headers.get("Host", "127.0.0.1")
    assert call["http"]["request"]["url"] == "https://127.0.0.1/graphql"
    assert call["throttle"] is True
