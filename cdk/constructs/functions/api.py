"""The functions that the API, PayStack and operators reach: each with all that it may use."""

from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs.functions.function import FunctionProps, OrdersFunction
from cdk.constructs.functions.resources import (
    DEAD_LETTERS,
    READ_AND_CHANGE,
    Resources,
    executions,
    state_machine,
    workflow_variable,
)
from cdk.constructs.workflow import workflow_name


def api(scope: Construct, resources: Resources, workflow: sfn.StateMachine) -> OrdersFunction:
    """Accepts grocery lists, shows customers their orders, changes and cancels them."""
    return OrdersFunction(
        scope,
        "CustomersApi",
        resources.foundation,
        FunctionProps(
            name="api",
            description="Accepts lists; shows, changes and cancels orders of customers",
            timeout_seconds=10,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE, "dynamodb:BatchGetItem"),
                resources.orders_by("byCustomerKeys"),
                *resources.submission_limit(),
                *resources.reviews(),
                resources.accounts(),
                workflow_variable(workflow),
                state_machine(workflow, "states:StartExecution"),
                executions(workflow, "states:DescribeExecution", "states:StopExecution"),
                # An order that has a link is cancelled by its execution, which waits; one that is
                # reviewed goes on by its confirmation.
                resources.task_tokens(workflow),
            ],
        ),
    )


def operations_api(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine
) -> OrdersFunction:
    """Shows all orders to operations staff, and replays them."""
    return OrdersFunction(
        scope,
        "OperationsApi",
        resources.foundation,
        FunctionProps(
            name="operations_api",
            description="Shows all orders to operations staff, and replays them",
            timeout_seconds=20,
            capabilities=[
                resources.orders_table("dynamodb:GetItem"),
                *resources.orders_by_status(),
                workflow_variable(workflow),
                state_machine(workflow, "states:DescribeStateMachine", "states:StartExecution"),
                executions(
                    workflow,
                    "states:DescribeExecution",
                    "states:DescribeStateMachineForExecution",
                    "states:RedriveExecution",
                ),
            ],
        ),
    )


def payment_webhook(
    scope: Construct, resources: Resources, workflow: sfn.IStateMachine
) -> OrdersFunction:
    """Receives PayStack's reports of payments, and resumes the executions of paid orders."""
    return OrdersFunction(
        scope,
        "PaymentWebhook",
        resources.foundation,
        FunctionProps(
            name="payment_webhook",
            description="Receives PayStack's reports of payments",
            timeout_seconds=10,
            # Its URL is open to everyone: a flood of requests takes no other function's share.
            reserved_concurrency=resources.foundation.settings.guard.webhook_concurrency,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                resources.paystack_secret(),
                resources.webhook_settings(),
                resources.reversal_times(),
                resources.task_tokens(workflow),
                resources.operations_topic(),
            ],
        ),
    )


def payment_return(scope: Construct, resources: Resources) -> OrdersFunction:
    """Receives customers from PayStack's checkout, and asks PayStack about their payments.

    The workflow calls a function that has this one's URL, so this one knows the workflow by its
    name alone.
    """
    settings = resources.foundation.settings
    workflow = sfn.StateMachine.from_state_machine_name(
        scope, "WorkflowOfReturns", workflow_name(settings)
    )
    return OrdersFunction(
        scope,
        "PaymentReturn",
        resources.foundation,
        FunctionProps(
            name="payment_return",
            description="Receives customers from PayStack's checkout",
            timeout_seconds=20,
            reserved_concurrency=settings.return_concurrency,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                *resources.paystack_api(),
                *resources.returns(),
                resources.task_tokens(workflow),
                resources.operations_topic(),
            ],
        ),
    )


def refund_payment(scope: Construct, resources: Resources) -> OrdersFunction:
    """Gives payments back through PayStack, for operators, whose machines have no key."""
    return OrdersFunction(
        scope,
        "RefundPayment",
        resources.foundation,
        FunctionProps(
            name="refund_payment",
            description="Gives payments back through PayStack, for operators",
            # Four calls of up to 13 s; callers wait for 60 s.
            timeout_seconds=55,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                *resources.paystack_api(),
                resources.reversal_times(),
                resources.operations_topic(),
            ],
        ),
    )


def publish_order_updates(
    scope: Construct, resources: Resources, graphql: appsync.GraphqlApi
) -> OrdersFunction:
    """Publishes changed orders to the API's subscribers."""
    return OrdersFunction(
        scope,
        "PublishOrderUpdates",
        resources.foundation,
        FunctionProps(
            name="publish_order_updates",
            description="Publishes changed orders to subscribers of the API",
            timeout_seconds=90,
            capabilities=[resources.order_updates(graphql), DEAD_LETTERS],
        ),
    )
