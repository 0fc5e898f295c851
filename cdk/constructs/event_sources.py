"""The triggers of functions that no customer calls: streams, the queue, events, schedules."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs.functions.function import OrdersFunction
from cdk.constructs.nag import acknowledge

#: Attempts for a record of a stream before it goes to the dead letters, to free its shard.
STREAM_ATTEMPTS = 10

#: Batches of one shard that are handled at once, where only the changes of one item must stay in
#: sequence. Lambda allows 10 at most.
STREAM_PARALLELISM = 10

#: How long the delivery of an event is retried; Lambda allows 6 hours at most.
EVENT_AGE = cdk.Duration.hours(6)


def read_queue(function: OrdersFunction, queue: sqs.IQueue) -> None:
    """Sends the queue's messages to the function; failed ones are delivered again."""
    keyless = _keyless_queue(function, queue)
    function.live.add_event_source(
        sources.SqsEventSource(keyless, batch_size=10, report_batch_item_failures=True)
    )


def read_stream(
    function: OrdersFunction,
    table: dynamodb.ITable,
    dead_letters: sqs.IQueue,
    *new_images: dict[str, Any],
    batch_size: int = 10,
    parallel_batches: int = 1,
) -> None:
    """Sends the table's changes to the function; the changes of one key stay in sequence.

    Args:
        new_images: patterns of Lambda's filters; the changed item must match one of them. Without
            patterns, every change is sent.
        batch_size: the most changes in one call.
        parallel_batches: batches of one shard that are handled at the same time.
    """
    wanted = [
        lambda_.FilterCriteria.filter({"dynamodb": {"NewImage": image}}) for image in new_images
    ]
    keyless = dynamodb.Table.from_table_attributes(
        function, "Table", table_arn=table.table_arn, table_stream_arn=table.table_stream_arn
    )
    function.live.add_event_source(
        sources.DynamoEventSource(
            keyless,
            # Includes changes from before the deployment; repetitions are harmless.
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=batch_size,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            retry_attempts=STREAM_ATTEMPTS,
            parallelization_factor=parallel_batches,
            on_failure=sources.SqsDlq(_keyless_queue(function, dead_letters)),
            filters=wanted or None,
        )
    )


def on_execution_end(
    scope: Construct,
    function: OrdersFunction,
    state_machine: sfn.IStateMachine,
    dead_letters: sqs.IQueue,
) -> None:
    """Invokes the function for every execution that ended without success."""
    rule = events.Rule(
        scope,
        "ExecutionEndedBadly",
        description="Executions of the order workflow that failed, timed out or were aborted",
        event_pattern=events.EventPattern(
            source=["aws.states"],
            detail_type=["Step Functions Execution Status Change"],
            detail={
                "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                "stateMachineArn": [state_machine.state_machine_arn],
            },
        ),
    )
    _invoke(rule, function, dead_letters)


def every(
    scope: Construct,
    construct_id: str,
    function: OrdersFunction,
    interval: cdk.Duration,
    dead_letters: sqs.IQueue,
) -> None:
    """Invokes the function at a fixed interval."""
    rule = events.Rule(scope, construct_id, schedule=events.Schedule.rate(interval))
    _invoke(rule, function, dead_letters)


def every_without_repetition(
    scope: Construct,
    construct_id: str,
    function: OrdersFunction,
    interval: cdk.Duration,
    *,
    enabled: bool,
) -> None:
    """As :func:`every`, for what is worth nothing later: a call that fails is the last of its kind.

    Args:
        scope: the stack.
        construct_id: the rule's.
        function: what is invoked.
        interval: the pause.
        enabled: whether the rule is on.
    """
    rule = events.Rule(
        scope, construct_id, schedule=events.Schedule.rate(interval), enabled=enabled
    )
    rule.add_target(targets.LambdaFunction(function.live, max_event_age=interval, retry_attempts=0))
    function.live.configure_async_invoke(retry_attempts=0, max_event_age=interval)


def on_email_feedback(function: OrdersFunction, topic: sns.Topic, dead_letters: sqs.IQueue) -> None:
    """Invokes the function for every bounce and complaint that SES reports."""
    subscription = topic.add_subscription(subscriptions.LambdaSubscription(function.live))
    acknowledge(
        subscription,
        {"CloudFormation-Validate::W3694": "An alias is a function, too, for a subscription."},
    )
    keep_failures(function, dead_letters)


def _invoke(rule: events.Rule, function: OrdersFunction, dead_letters: sqs.IQueue) -> None:
    """Events that the rule can't deliver, or the function can't handle, become dead letters."""
    rule.add_target(
        targets.LambdaFunction(
            function.live, dead_letter_queue=dead_letters, max_event_age=EVENT_AGE
        )
    )
    keep_failures(function, dead_letters)


def keep_failures(function: OrdersFunction, dead_letters: sqs.IQueue) -> None:
    """Events that the function can't handle become dead letters."""
    function.live.configure_async_invoke(
        on_failure=destinations.SqsDestination(_keyless_queue(function, dead_letters)),
        retry_attempts=2,
        max_event_age=EVENT_AGE,
    )


def _keyless_queue(function: OrdersFunction, queue: sqs.IQueue) -> sqs.IQueue:
    """The queue without its key, so that the CDK grants nothing on the key.

    Its grants on keys have wildcards and no ``kms:ViaService``; capabilities grant the key instead.
    """
    return sqs.Queue.from_queue_arn(function, f"Keyless{queue.node.addr}", queue.queue_arn)
