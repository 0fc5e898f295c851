"""The functions that the API and PayStack reach: each with everything that it may use."""

from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs.function import FunctionProps, OrdersFunction
from cdk.constructs.resources import (
    DEAD_LETTERS,
    READ_AND_CHANGE,
    Resources,
    executions,
    state_machine,
    workflow_variable,
)


def api(scope: Construct, resources: Resources, workflow: sfn.StateMachine) -> OrdersFunction:
    """Accepts grocery lists, shows customers their orders and cancels them."""
    return OrdersFunction(
        scope,
        "CustomersApi",
        resources.foundation,
        FunctionProps(
            name="api",
            description="Accepts grocery lists, shows customers their orders and cancels them",
            timeout_seconds=10,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                resources.orders_by("byCustomer"),
                workflow_variable(workflow),
                state_machine(workflow, "states:StartExecution"),
                executions(workflow, "states:StopExecution"),
            ],
        ),
    )


def operations_api(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine
) -> OrdersFunction:
    """Shows operations staff everybody's orders, and replays them."""
    return OrdersFunction(
        scope,
        "OperationsApi",
        resources.foundation,
        FunctionProps(
            name="operations_api",
            description="Shows operations staff everybody's orders, and replays them",
            timeout_seconds=20,
            capabilities=[
                resources.orders_table("dynamodb:GetItem"),
                resources.orders_by("byStatus"),
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
    """Hears from PayStack that an order is paid, and lets its execution go on."""
    return OrdersFunction(
        scope,
        "PaymentWebhook",
        resources.foundation,
        FunctionProps(
            name="payment_webhook",
            description="Hears from PayStack that an order is paid",
            timeout_seconds=10,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                resources.paystack_secret(),
                resources.webhook_settings(),
                resources.task_tokens(workflow),
                resources.operations_topic(),
            ],
        ),
    )


def publish_order_updates(
    scope: Construct, resources: Resources, graphql: appsync.GraphqlApi
) -> OrdersFunction:
    """Tells the API's subscribers of changed orders."""
    return OrdersFunction(
        scope,
        "PublishOrderUpdates",
        resources.foundation,
        FunctionProps(
            name="publish_order_updates",
            description="Tells subscribers of the API of changed orders",
            timeout_seconds=90,
            capabilities=[resources.order_updates(graphql), DEAD_LETTERS],
        ),
    )
