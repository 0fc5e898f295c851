"""record_failures, from EventBridge's event to the order and the alert."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.errors import ConfigurationError, NotificationUnavailable
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.platform import aws
from record_failures.handler import lambda_handler
from tests.support.events import load_event
from tests.support.factories import an_order, client_error, stored
from tests.support.workflow_runs import Run, Workflow
from tests.unit.conftest import FailCalls, RecordCalls

EVENT = load_event("execution_failed")
ORDER_ID = EVENT["detail"]["name"]


@pytest.fixture(autouse=True)
def _needs(environment: pytest.MonkeyPatch, store: OrderStore, topic_arn: str) -> None:
    """Its environment and an order."""
    environment.setenv("OPERATIONS_TOPIC_ARN", topic_arn)
    environment.setenv("STAGE", "test")
    stored(store, an_order(order_id=ORDER_ID))


@pytest.fixture
def workflow(account: None) -> Iterator[Workflow]:
    with Workflow().behind_client() as workflow:
        workflow.add(Run(ORDER_ID))
        yield workflow


@pytest.fixture
def alerts(record_calls: RecordCalls) -> list[dict[str, Any]]:
    return record_calls(aws.sns(), "Publish")


@pytest.mark.usefixtures("workflow")
def test_a_failed_execution_marks_its_order_and_alerts_operations(
    context: LambdaContext, store: OrderStore, alerts: list[dict[str, Any]]
) -> None:
    assert lambda_handler(EVENT, context) == {"outcome": "recorded"}

    order = store.get(ORDER_ID)
    assert order.status is OrderStatus.FAILED
    assert order.history[-1].by == "record_failures"
    assert f"orders replay --order {ORDER_ID} --stage test" in alerts[0]["Message"]


@pytest.mark.usefixtures("workflow")
def test_the_same_event_again_sends_no_alert(
    context: LambdaContext, alerts: list[dict[str, Any]]
) -> None:
    lambda_handler(EVENT, context)

    assert lambda_handler(EVENT, context) == {"outcome": "repeated"}
    assert len(alerts) == 1


@pytest.mark.usefixtures("workflow")
def test_what_became_of_the_event_is_measured(
    context: LambdaContext, capsys: pytest.CaptureFixture[str]
) -> None:
    lambda_handler(EVENT, context)

    measured = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert measured["FailuresRecorded"] == [1.0]


def test_a_late_event_of_an_execution_that_runs_again_changes_nothing(
    context: LambdaContext, store: OrderStore, workflow: Workflow, alerts: list[dict[str, Any]]
) -> None:
    workflow.add(Run(ORDER_ID, status="RUNNING", redrive_count=1))

    assert lambda_handler(EVENT, context) == {"outcome": "not-failed"}
    assert store.get(ORDER_ID).status is not OrderStatus.FAILED
    assert alerts == []


def test_an_event_counts_although_step_functions_still_describes_a_running_execution(
    context: LambdaContext, store: OrderStore, workflow: Workflow
) -> None:
    workflow.add(Run(ORDER_ID, status="RUNNING", error=None, cause=None))

    assert lambda_handler(EVENT, context) == {"outcome": "recorded"}
    assert store.get(ORDER_ID).status is OrderStatus.FAILED


@pytest.mark.usefixtures("workflow")
def test_an_outage_fails_the_invocation_so_that_lambda_repeats_it(
    context: LambdaContext, fail_calls: FailCalls
) -> None:
    fail_calls(aws.sns(), "Publish", client_error("InternalError", 500))

    with pytest.raises(NotificationUnavailable):
        lambda_handler(EVENT, context)


def test_without_its_stage_it_does_not_start(
    context: LambdaContext, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("STAGE")

    with pytest.raises(ConfigurationError, match="STAGE"):
        lambda_handler(EVENT, context)
