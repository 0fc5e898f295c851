"""Which changes of orders invoke send_status_emails, with and without receipts of our own."""

from __future__ import annotations

import json
from typing import Any, Final

import aws_cdk
import pytest
from aws_cdk.assertions import Template
from boto3.dynamodb.types import TypeSerializer
from ministack.services import lambda_svc  # type: ignore[import-untyped]

from cdk.app import add_stacks
from cdk.constructs.foundation import CodeFor
from cdk.settings import Settings
from orderflow.clock import utc_now
from orderflow.emails.notices import NOTICES
from orderflow.orders.model import CancelRequest, Order
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import REFUND_DUE, to_item
from scripts.documentation.template import readable
from tests.support.factories import a_payment, an_order
from tests.support.templates import Templates

S = OrderStatus
#: What Lambda takes for one event source unless AWS raises the quota.
MOST_FILTERS: Final = 5

Filters = list[dict[str, Any]]


def filters_of(templates: list[dict[str, Any]]) -> Filters:
    """The filters of the function's event source."""
    (found,) = [
        each["FilterCriteria"]["Filters"]
        for each in templates
        if readable(each["FunctionName"]) == "<SendStatusEmailsLive>:live"
    ]
    return [*found]


@pytest.fixture(scope="module", params=[True, False], ids=["own receipts", "PayStack's alone"])
def own_receipts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def filters(own_receipts: bool, context: dict[str, Any], stub_code: CodeFor) -> Filters:
    settings = Settings.for_stage("local", {"ORDERS_LOCAL_OWN_RECEIPTS": str(own_receipts)})
    app = aws_cdk.App(context=context)
    _, orders = add_stacks(app, settings, stub_code)
    resources = Template.from_stack(orders).to_json()["Resources"].values()
    (function,) = [
        each["Properties"]["Environment"]["Variables"]
        for each in resources
        if each["Type"] == "AWS::Lambda::Function"
        and each["Properties"]["Handler"].startswith("send_status_emails.")
    ]
    assert function["OWN_RECEIPTS"] == str(own_receipts).lower()
    return filters_of(
        [
            each["Properties"]
            for each in resources
            if each["Type"] == "AWS::Lambda::EventSourceMapping"
        ]
    )


def invokes(filters: Filters, order: Order, **more: Any) -> bool:
    """Whether a change that leaves the order so invokes the function."""
    serialize = TypeSerializer().serialize
    image = {name: serialize(value) for name, value in (to_item(order) | more).items()}
    # As JSON has them: Lambda's filters know no sets.
    record = json.loads(json.dumps({"dynamodb": {"NewImage": image}}, default=list))
    mapping = {"FilterCriteria": {"Filters": filters}}
    return bool(lambda_svc._apply_filter_criteria([record], mapping))


def a_paid_order(**changes: Any) -> Order:
    return an_order(**{"status": S.PAYMENT_COMPLETED, "payment": a_payment()} | changes)


def test_every_stage_ships_without_receipts_of_its_own(templates: Templates) -> None:
    filters = filters_of(templates.properties("AWS::Lambda::EventSourceMapping"))

    assert not invokes(filters, a_paid_order())


def test_a_paid_order_invokes_the_function_for_a_receipt_of_our_own_alone(
    filters: Filters, own_receipts: bool
) -> None:
    assert invokes(filters, a_paid_order()) is own_receipts


@pytest.mark.parametrize("promised", [S.PAYMENT_DELAYED, S.FAILED, S.PAYMENT_INITIATED])
def test_a_paid_order_whose_customer_was_promised_news_invokes_it(
    filters: Filters, promised: OrderStatus
) -> None:
    assert invokes(filters, a_paid_order(notified_statuses={promised}))


def test_a_paid_order_that_was_to_be_cancelled_invokes_it(filters: Filters) -> None:
    wish = CancelRequest(at=utc_now(), by="customer", reason="Changed my mind.")

    assert invokes(filters, a_paid_order(cancel_requested=wish))


def test_a_payment_that_is_to_be_given_back_invokes_it(filters: Filters) -> None:
    assert invokes(filters, a_paid_order(), refundState=REFUND_DUE)


#: In PAYMENT_INITIATED an order has a notice only once PayStack has left its payment undecided.
OTHERS: Final = set(NOTICES) - {S.PAYMENT_INITIATED, S.PAYMENT_COMPLETED}


@pytest.mark.parametrize("status", sorted(OTHERS))
def test_every_other_status_with_a_notice_invokes_it(filters: Filters, status: OrderStatus) -> None:
    assert invokes(filters, an_order(status=status))


@pytest.mark.parametrize("status", sorted({S.PENDING_MATCHING, S.MATCHED, S.PAYMENT_INITIATED}))
def test_an_order_on_its_way_does_not(filters: Filters, status: OrderStatus) -> None:
    assert not invokes(filters, an_order(status=status))


def test_a_payment_that_stays_undecided_invokes_it(filters: Filters) -> None:
    order = an_order(payment=a_payment(), unsettled_alerted_at=utc_now())

    assert invokes(filters, order)


def test_lambda_takes_the_filters(filters: Filters) -> None:
    assert len(filters) <= MOST_FILTERS
