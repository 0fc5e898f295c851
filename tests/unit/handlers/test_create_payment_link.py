"""CreatePaymentLink, from the state machine's payload to its result."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from create_payment_link.handler import lambda_handler
from orderflow.breakers.state import State
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.errors import BreakerOpen, PaymentRefused, PaystackUnavailable
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from tests.support.events import load_event
from tests.support.factories import CUSTOMER_EMAIL, a_matched_order, stored
from tests.support.paystack_api import PaystackApi, Reply, refused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

EVENT = load_event("create_payment_link")
ORDER_ID = EVENT["orderId"]
LINKED = {
    "orderId": ORDER_ID,
    "paymentLink": f"https://checkout.paystack.com/{ORDER_ID}-1",
    "reference": f"{ORDER_ID}-1",
}


@pytest.fixture(autouse=True)
def _needs(
    environment: pytest.MonkeyPatch,
    store: OrderStore,
    breakers_table: Table,
    paystack_secret: str,
    paystack_api: PaystackApi,
    topic_arn: str,
) -> None:
    """Its environment and an order that can be paid."""
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("PAYSTACK_BASE_URL", paystack_api.url)
    environment.setenv("PAYMENT_CALLBACK_URL", "https://shop.example/paid")
    stored(store, a_matched_order(order_id=ORDER_ID))


def test_the_link_is_made_with_our_key_and_recorded(
    context: LambdaContext, store: OrderStore, paystack_api: PaystackApi, paystack_secret: str
) -> None:
    assert lambda_handler(EVENT, context) == LINKED

    (request,) = paystack_api.requests
    assert request.headers["Authorization"] == f"Bearer {paystack_secret}"
    assert request.body["callback_url"] == "https://shop.example/paid"
    order = store.get(ORDER_ID)
    assert order.status is OrderStatus.PAYMENT_INITIATED
    assert order.history[-1].by == "CreatePaymentLink"


@pytest.mark.parametrize("synthetic", [None, True])
def test_the_canary_s_links_count_for_no_objective(
    context: LambdaContext,
    store: OrderStore,
    capsys: pytest.CaptureFixture[str],
    synthetic: bool | None,
) -> None:
    stored(store, a_matched_order(order_id=ORDER_ID, synthetic=synthetic))

    assert lambda_handler(EVENT, context) == LINKED

    written = capsys.readouterr().out
    for metric in ("PaymentLinksReady", "LinksLate"):
        assert (metric in written) == (synthetic is None)


def test_a_retry_answers_the_same_link_without_paystack(
    context: LambdaContext, paystack_api: PaystackApi
) -> None:
    lambda_handler(EVENT, context)

    assert lambda_handler(EVENT, context) == LINKED
    assert len(paystack_api.requests) == 1


def test_without_a_callback_url_paystack_uses_its_own(
    context: LambdaContext, environment: pytest.MonkeyPatch, paystack_api: PaystackApi
) -> None:
    environment.setenv("PAYMENT_CALLBACK_URL", "")

    lambda_handler(EVENT, context)

    assert "callback_url" not in paystack_api.requests[0].body


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(503, b""), PaystackUnavailable),
        (refused(400, "Invalid Amount Sent"), PaymentRefused),
    ],
)
def test_trouble_leaves_under_the_names_that_the_workflow_catches(
    context: LambdaContext, paystack_api: PaystackApi, reply: Reply, error: type[Exception]
) -> None:
    paystack_api.always(reply)

    with pytest.raises(error):
        lambda_handler(EVENT, context)


OPEN = {"state": {"S": "OPEN"}, "epoch": {"N": "1"}, "retryAt": {"N": "99999999999999"}}


def test_an_open_breaker_spares_paystack_the_call(
    context: LambdaContext, store: OrderStore, paystack_api: PaystackApi
) -> None:
    with pytest.raises(BreakerOpen):
        lambda_handler(EVENT | {"breaker": OPEN}, context)

    assert paystack_api.requests == []
    assert store.get(ORDER_ID).status is OrderStatus.MATCHED


def test_a_retry_looks_at_the_breaker_again(
    context: LambdaContext, breakers_table: Table, paystack_api: PaystackApi
) -> None:
    """The snapshot was closed; other orders have opened the breaker since."""
    breakers_table.put_item(
        Item={"provider": "paystack", "state": "OPEN", "epoch": 1, "retryAt": 99999999999999}
    )

    with pytest.raises(BreakerOpen):
        lambda_handler(EVENT | {"retryCount": 1}, context)

    assert paystack_api.requests == []


def test_failures_open_the_breaker(
    context: LambdaContext, breakers_table: Table, paystack_api: PaystackApi
) -> None:
    paystack_api.always(Reply(503, b""))

    for _ in range(5):
        with pytest.raises(PaystackUnavailable):
            lambda_handler(EVENT, context)

    assert DynamoBreakerStore(breakers_table).read("paystack").state is State.OPEN


def test_logs_tell_of_no_customer_and_no_key(
    context: LambdaContext,
    paystack_secret: str,
    log_output: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lambda_handler(EVENT, context)

    output = log_output.getvalue() + "".join(capsys.readouterr())
    assert "PaymentLinksReady" in output
    assert CUSTOMER_EMAIL not in output
    assert paystack_secret not in output
