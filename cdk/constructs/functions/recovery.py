"""The functions that keep orders moving: each with everything that it may use."""

from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs.functions.capability import Capability
from cdk.constructs.functions.function import FunctionProps, OrdersFunction
from cdk.constructs.functions.resources import (
    DEAD_LETTERS,
    READ_AND_CHANGE,
    Resources,
    executions,
    messages_to,
    parked_orders_queue,
    state_machine,
    workflow_variable,
)
from cdk.constructs.messaging.queues import LETTER_SECONDS
from cdk.durations import in_decimals

RECOVERY_TIMEOUT_SECONDS = 60


def recover_orders(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine, parked: sqs.IQueue
) -> OrdersFunction:
    """Resumes parked orders when their timer fires or their provider recovers."""
    return OrdersFunction(
        scope,
        "RecoverOrders",
        resources.foundation,
        FunctionProps(
            name="recover_orders",
            description="Resumes parked orders when their timer fires or their provider recovers",
            timeout_seconds=RECOVERY_TIMEOUT_SECONDS,
            capabilities=[*_recovery(resources, workflow, parked), messages_to(parked)],
            # It resumes the orders of a provider in steps, and sends the message for the next step.
            may_trigger_itself=True,
        ),
    )


def reconcile_orders(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine, parked: sqs.IQueue
) -> OrdersFunction:
    """Finds stuck orders; repairs or reports them."""
    return OrdersFunction(
        scope,
        "ReconcileOrders",
        resources.foundation,
        FunctionProps(
            name="reconcile_orders",
            description="Finds stuck orders; repairs or reports them",
            timeout_seconds=120,
            capabilities=[
                *_recovery(resources, workflow, parked),
                *_failures(resources, workflow),
                workflow_variable(workflow),
                # It starts orders again that failed because AWS was busy.
                state_machine(
                    workflow,
                    "states:DescribeStateMachine",
                    "states:ListExecutions",
                    "states:StartExecution",
                ),
                executions(
                    workflow, "states:DescribeStateMachineForExecution", "states:RedriveExecution"
                ),
                # It asks PayStack about links that are not paid, refunds and disputes.
                *resources.paystack_api(),
                resources.link_times(),
                resources.session_check(),
                resources.reversal_times(),
                resources.orders_by("byLinkCheckShard"),
                resources.orders_by("byReversal"),
                DEAD_LETTERS,
            ],
        ),
    )


def record_failures(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine
) -> OrdersFunction:
    """Marks orders whose executions failed, and alerts operations."""
    return OrdersFunction(
        scope,
        "RecordFailures",
        resources.foundation,
        FunctionProps(
            name="record_failures",
            description="Marks orders whose executions failed, and alerts operations",
            timeout_seconds=30,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                *_failures(resources, workflow),
                resources.operations_topic(),
                DEAD_LETTERS,
            ],
        ),
    )


def send_status_emails(scope: Construct, resources: Resources) -> OrdersFunction:
    """E-mails customers about changes of their orders and refunds."""
    return OrdersFunction(
        scope,
        "SendStatusEmails",
        resources.foundation,
        FunctionProps(
            name="send_status_emails",
            description="E-mails customers about changes of their orders and refunds",
            timeout_seconds=120,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                *resources.customer_emails(),
                resources.receipts(),
                DEAD_LETTERS,
            ],
        ),
    )


def record_email_feedback(scope: Construct, resources: Resources) -> OrdersFunction:
    """Marks addresses whose mail bounced, or who complained."""
    return OrdersFunction(
        scope,
        "RecordEmailFeedback",
        resources.foundation,
        FunctionProps(
            name="record_email_feedback",
            description="Marks addresses whose mail bounced, or who complained",
            timeout_seconds=30,
            capabilities=[resources.email_addresses("dynamodb:PutItem"), DEAD_LETTERS],
        ),
    )


def handle_dead_letters(
    scope: Construct, resources: Resources, parked: sqs.IQueue, kept: sqs.IQueue
) -> OrdersFunction:
    """Tries dead letters again where that helps, and keeps the others."""
    delay = resources.foundation.settings.durations.parking_delay
    return OrdersFunction(
        scope,
        "HandleDeadLetters",
        resources.foundation,
        FunctionProps(
            name="handle_dead_letters",
            description="Tries dead letters again where that helps, and keeps the others",
            timeout_seconds=LETTER_SECONDS,
            environment={"DEAD_LETTER_DELAY_SECONDS": in_decimals(delay)},
            capabilities=[
                parked_orders_queue(parked),
                messages_to(parked),
                Capability({"KEPT_LETTERS_QUEUE_URL": kept.queue_url}),
                messages_to(kept),
            ],
        ),
    )


def _recovery(
    resources: Resources, workflow: sfn.StateMachine, parked: sqs.IQueue
) -> list[Capability]:
    """Finds parked orders, answers their tokens, alerts operations."""
    return [
        resources.orders_table(*READ_AND_CHANGE),
        resources.breakers_table(),
        *resources.orders_by_status(),
        resources.recovery_settings(),
        resources.task_tokens(workflow),
        resources.operations_topic(),
        parked_orders_queue(parked),
    ]


def _failures(resources: Resources, workflow: sfn.StateMachine) -> list[Capability]:
    """Reads executions and records their failures on orders."""
    return [
        resources.orders_table("dynamodb:PutItem"),
        executions(workflow, "states:DescribeExecution", "states:GetExecutionHistory"),
    ]
