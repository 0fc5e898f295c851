"""Alerts reach operations' topic, whatever their subject holds."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderflow.errors import NotificationUnavailable
from orderflow.platform import aws
from orderflow.platform.alerts import SnsAlerts
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls, RecordCalls


@pytest.fixture
def published(record_calls: RecordCalls) -> list[dict[str, Any]]:
    return record_calls(aws.sns(), "Publish")


def test_an_alert_is_published_as_it_is(topic_arn: str, published: list[dict[str, Any]]) -> None:
    SnsAlerts(aws.sns(), topic_arn).publish("Grocery orders: 3 orders", "Naira: ₦5\n\nLook.\n")

    assert published == [
        {
            "TopicArn": topic_arn,
            "Subject": "Grocery orders: 3 orders",
            "Message": "Naira: ₦5\n\nLook.\n",
        }
    ]


@given(subject=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_subject_is_made_to_fit(
    topic_arn: str, published: list[dict[str, Any]], subject: str
) -> None:
    SnsAlerts(aws.sns(), topic_arn).publish(f"Orders {subject}", "A message.")

    sent = published.pop()["Subject"]
    assert len(sent) < 100
    assert sent.isascii()
    assert sent.isprintable()


def test_line_breaks_become_spaces_and_the_end_is_cut_off(
    topic_arn: str, published: list[dict[str, Any]]
) -> None:
    SnsAlerts(aws.sns(), topic_arn).publish(f"One\r\ntwo\tthrée {'x' * 200}", "A message.")

    assert published[0]["Subject"] == f"One two thr?e {'x' * 85}"


@pytest.mark.parametrize(
    "error",
    [
        client_error("Throttled", 429),
        client_error("InternalError", 500),
        EndpointConnectionError(endpoint_url="http://sns"),
    ],
)
def test_an_outage_can_be_retried(topic_arn: str, fail_calls: FailCalls, error: Exception) -> None:
    fail_calls(aws.sns(), "Publish", error)

    with pytest.raises(NotificationUnavailable, match="SNS"):
        SnsAlerts(aws.sns(), topic_arn).publish("A subject", "A message.")


def test_a_missing_topic_is_not_an_outage(topic_arn: str) -> None:
    with pytest.raises(ClientError, match="NotFound"):
        SnsAlerts(aws.sns(), f"{topic_arn}-that-is-missing").publish("A subject", "A message.")
