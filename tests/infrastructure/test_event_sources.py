"""The triggers of functions, and the dead letters of events that can't be handled."""

import json
import math
from typing import Any

import pytest

from orderflow.api.publisher import PARALLEL_ORDERS
from orderflow.platform.aws import CONNECT_TIMEOUT, HTTP_READ_TIMEOUT
from tests.support.templates import Templates, as_list, readable

DEAD_LETTERS = "<DeadLettersQueue.Arn>"
FEEDBACK = "<EmailsFeedback>"
CANARY = "<CanaryRunFunction>"


def _mapping(templates: Templates, source: str, function: str) -> dict[str, Any]:
    (mapping,) = [
        each
        for each in templates.properties("AWS::Lambda::EventSourceMapping")
        if readable(each["EventSourceArn"]) == source
        and readable(each["FunctionName"]) == f"<{function}Live>:live"
    ]
    return mapping


def test_timers_of_parked_orders_trigger_recover_orders(templates: Templates) -> None:
    mapping = _mapping(templates, "<ParkedQueue.Arn>", "RecoverOrders")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_message_stays_hidden_while_it_is_handled(templates: Templates) -> None:
    (queue,) = [each for each in templates.properties("AWS::SQS::Queue") if "RedrivePolicy" in each]
    assert queue["VisibilityTimeout"] >= 6 * templates.function("recover_orders")["Timeout"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5


def test_changes_of_breakers_trigger_recover_orders_and_none_blocks_the_next(
    templates: Templates,
) -> None:
    mapping = _mapping(templates, "Breakers.StreamArn", "RecoverOrders")
    assert "FilterCriteria" not in mapping
    _assert_that_poison_messages_become_dead_letters(mapping)


def test_every_change_of_an_existing_order_is_published(templates: Templates) -> None:
    mapping = _mapping(templates, "Orders.StreamArn", "PublishOrderUpdates")
    (wanted,) = mapping["FilterCriteria"]["Filters"]
    assert json.loads(wanted["Pattern"]) == {
        "dynamodb": {"NewImage": {"status": {"S": [{"exists": True}]}}}
    }
    _assert_that_poison_messages_become_dead_letters(mapping)


def test_updates_are_published_in_parallel_and_none_misses_the_audit(
    templates: Templates,
) -> None:
    """Lambda keeps an item's changes in sequence even when batches run in parallel.

    The function itself leaves out updates that are old, after it has audited them.
    """
    mapping = _mapping(templates, "Orders.StreamArn", "PublishOrderUpdates")
    assert mapping["ParallelizationFactor"] == 10
    assert "MaximumRecordAgeInSeconds" not in mapping


def test_a_batch_of_updates_ends_in_time_if_the_api_does_not_answer(
    templates: Templates,
) -> None:
    mapping = _mapping(templates, "Orders.StreamArn", "PublishOrderUpdates")
    turns = math.ceil(mapping["BatchSize"] / PARALLEL_ORDERS)
    longest = turns * (CONNECT_TIMEOUT + HTTP_READ_TIMEOUT)
    assert longest < templates.function("publish_order_updates")["Timeout"]


def _assert_that_poison_messages_become_dead_letters(mapping: dict[str, Any]) -> None:
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["MaximumRetryAttempts"] == 10
    assert readable(mapping["DestinationConfig"]["OnFailure"]["Destination"]) == DEAD_LETTERS


def test_the_streams_contain_the_old_and_the_new_item(templates: Templates) -> None:
    streams = [
        table["StreamSpecification"]["StreamViewType"]
        for table in templates.properties("AWS::DynamoDB::Table")
        if "StreamSpecification" in table
    ]
    assert streams == ["NEW_AND_OLD_IMAGES"] * 2


def test_unsuccessful_executions_of_the_workflow_are_recorded(templates: Templates) -> None:
    (rule,) = [each for each in templates.properties("AWS::Events::Rule") if "EventPattern" in each]
    pattern = rule["EventPattern"]
    assert pattern["source"] == ["aws.states"]
    assert pattern["detail-type"] == ["Step Functions Execution Status Change"]
    assert pattern["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert [readable(arn) for arn in pattern["detail"]["stateMachineArn"]] == [
        "<WorkflowStateMachine>"
    ]
    (target,) = rule["Targets"]
    assert readable(target["Arn"]) == "<RecordFailuresLive>"
    assert readable(target["DeadLetterConfig"]["Arn"]) == DEAD_LETTERS


def test_orders_are_reconciled_every_five_minutes(templates: Templates) -> None:
    rule = templates.schedule_of("ReconcileOrders")
    assert rule["ScheduleExpression"] == "rate(5 minutes)"


def test_an_event_that_a_function_can_not_handle_becomes_a_dead_letter(
    templates: Templates,
) -> None:
    configs = [
        each
        for each in templates.properties("AWS::Lambda::EventInvokeConfig")
        if readable(each["FunctionName"]) != CANARY  # which is worth nothing later
    ]
    assert len(configs) == 4
    for config in configs:
        assert readable(config["DestinationConfig"]["OnFailure"]["Destination"]) == DEAD_LETTERS
        assert readable(config["Qualifier"]).endswith("Live>")


def test_every_dead_letter_triggers_an_alarm(templates: Templates) -> None:
    alarms = {
        readable(alarm["Dimensions"][0]["Value"]): alarm
        for alarm in templates.properties("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
    }
    periods = {queue: alarm["EvaluationPeriods"] for queue, alarm in alarms.items()}
    assert periods == {
        "<DeadLettersQueue.QueueName>": 5,
        "<ParkedDeadLettersQueue.QueueName>": 5,
        "<KeptLettersQueue.QueueName>": 1,
    }
    for alarm in alarms.values():
        assert alarm["Threshold"] == 1
        assert templates.pages_of(alarm) == ["DeadLetters"]


def test_alarms_of_this_account_may_publish_to_the_topic_of_operations(
    templates: Templates,
) -> None:
    """The policy that refuses unencrypted connections replaces the topic's default policy."""
    allowed = _publishers(templates, "<Operations>")
    assert allowed == [
        {
            "Sid": "AlarmsOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": allowed[0]["Resource"],
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        }
    ]


def test_ses_may_publish_to_the_topic_of_bounces_and_complaints(templates: Templates) -> None:
    (allowed,) = _publishers(templates, FEEDBACK)
    assert allowed["Principal"] == {"Service": "ses.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"
    conditions = allowed["Condition"]["StringEquals"]
    assert conditions["AWS:SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert "configuration-set/" in readable(conditions["AWS:SourceArn"])


def _publishers(templates: Templates, topic: str) -> list[dict[str, Any]]:
    """The statements that allow to publish to the topic."""
    return [
        each
        for policy in templates.properties("AWS::SNS::TopicPolicy")
        for each in policy["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow" and readable(each["Resource"]) == topic
    ]


def test_bounces_and_complaints_of_the_senders_mail_reach_their_function(
    templates: Templates,
) -> None:
    sender = templates.only("AWS::SES::EmailIdentity")
    destination = templates.only("AWS::SES::ConfigurationSetEventDestination")
    configuration = sender["ConfigurationSetAttributes"]["ConfigurationSetName"]
    assert destination["ConfigurationSetName"] == configuration
    event = destination["EventDestination"]
    assert event["Enabled"] is True
    assert set(event["MatchingEventTypes"]) == {"bounce", "complaint"}
    assert readable(event["SnsDestination"]["TopicARN"]) == FEEDBACK
    (subscription,) = templates.properties("AWS::SNS::Subscription")
    assert readable(subscription["TopicArn"]) == FEEDBACK
    assert subscription["Protocol"] == "lambda"
    assert readable(subscription["Endpoint"]) == "<RecordEmailFeedbackLive>"
    invokers = [
        each
        for each in templates.properties("AWS::Lambda::Permission")
        if each["Principal"] == "sns.amazonaws.com"
    ]
    assert [readable(each["SourceArn"]) for each in invokers] == [FEEDBACK]


@pytest.mark.parametrize(
    ("sid", "services", "condition"),
    [
        (
            "ServicesOfThisAccount",
            {"cloudwatch.amazonaws.com", "ses.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        ),
        # EventBridge's requests to a key do not carry their source.
        ("Rules", {"events.amazonaws.com"}, None),
    ],
)
def test_alarms_rules_and_ses_may_use_the_key_of_their_targets(
    templates: Templates, sid: str, services: set[str], condition: dict[str, Any] | None
) -> None:
    (statement,) = [
        each
        for each in templates.only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
        if each.get("Sid") == sid
    ]
    assert set(as_list(statement["Principal"]["Service"])) == services
    assert statement.get("Condition") == condition
