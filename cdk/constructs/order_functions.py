"""The functions: what each is told, and all that it may do."""

from dataclasses import dataclass, replace
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs.api import PUBLISH_FIELD
from cdk.constructs.bedrock import allow_model
from cdk.constructs.foundation import Foundation
from cdk.constructs.function import FunctionProps, OrdersFunction
from cdk.constructs.nag import acknowledge
from cdk.constructs.parameters import Parameters
from cdk.constructs.paystack_secret import PaystackSecret
from cdk.settings import Settings

READ_AND_CHANGE = ("dynamodb:GetItem", "dynamodb:UpdateItem")

RECOVERY_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Resources:
    """What the functions work with, one or the other."""

    foundation: Foundation
    orders: dynamodb.ITable
    catalog: dynamodb.ITable
    breakers: dynamodb.ITable
    paystack: PaystackSecret
    parameters: Parameters
    sender: ses.IEmailIdentity
    operations: sns.ITopic


def parse_order(scope: Construct, resources: Resources) -> OrdersFunction:
    """Writes the order with its parsed lines."""
    function = _function(
        scope,
        "ParseOrder",
        resources,
        FunctionProps(
            name="parse_order",
            description="Writes the order with its parsed lines",
            timeout_seconds=10,
            environment={"CATALOG_TABLE": resources.catalog.table_name},
        ),
    )
    function.allow([*READ_AND_CHANGE, "dynamodb:PutItem"], [resources.orders.table_arn])
    function.allow(["dynamodb:GetItem"], [resources.catalog.table_arn])
    function.allow_key_through("dynamodb")
    return function


def match_products(scope: Construct, resources: Resources) -> OrdersFunction:
    """Matches an order's lines to products, with Bedrock where names don't settle it."""
    function = _function(
        scope,
        "MatchProducts",
        resources,
        FunctionProps(
            name="match_products",
            description="Matches an order's lines to products of the catalog",
            timeout_seconds=30,
            memory_mb=1024,
            environment={
                "CATALOG_TABLE": resources.catalog.table_name,
                "TUNABLES_PARAMETER": resources.parameters.tunables.parameter_name,
                **_breaker_environment(resources, "bedrock"),
            },
        ),
    )
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    function.allow(
        [
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        ],
        [resources.catalog.table_arn],
    )
    function.allow(["ssm:GetParameter"], [resources.parameters.tunables.parameter_arn])
    _allow_breaker(function, resources, "bedrock")
    allow_model(function, resources.foundation.settings)
    function.allow_key_through("dynamodb")
    return function


def create_payment_link(scope: Construct, resources: Resources) -> OrdersFunction:
    """Asks PayStack for the order's payment link."""
    settings = resources.foundation.settings
    function = _function(
        scope,
        "CreatePaymentLink",
        resources,
        FunctionProps(
            name="create_payment_link",
            description="Asks PayStack for the order's payment link",
            timeout_seconds=20,
            environment={
                "PAYMENT_CALLBACK_URL": settings.payment_callback_url,
                **_paystack_environment(resources),
            },
        ),
    )
    _allow_paystack(function, resources)
    function.allow_key_through("dynamodb", "secretsmanager")
    return function


def verify_payment(scope: Construct, resources: Resources) -> OrdersFunction:
    """Asks PayStack whether a reported payment is real."""
    function = _function(
        scope,
        "VerifyPayment",
        resources,
        FunctionProps(
            name="verify_payment",
            description="Asks PayStack whether a reported payment is real",
            timeout_seconds=20,
            environment={
                "OPERATIONS_TOPIC_ARN": resources.operations.topic_arn,
                **_paystack_environment(resources),
            },
        ),
    )
    _allow_paystack(function, resources)
    function.allow(["sns:Publish"], [resources.operations.topic_arn])
    function.allow_key_through("dynamodb", "secretsmanager", "sns")
    return function


def send_payment_link(scope: Construct, resources: Resources) -> OrdersFunction:
    """E-mails the payment link to the customer."""
    settings = resources.foundation.settings
    function = _function(
        scope,
        "NotifyCustomer",
        resources,
        FunctionProps(
            name="send_payment_link",
            description="E-mails the payment link to the customer",
            timeout_seconds=15,
            environment={"SENDER_EMAIL": settings.sender_email},
        ),
    )
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    function.allow(
        ["ses:SendEmail"], [_where_checked(settings, resources.sender.email_identity_arn)]
    )
    function.allow_key_through("dynamodb")
    return function


def payment_webhook(
    scope: Construct, resources: Resources, workflow: sfn.IStateMachine
) -> OrdersFunction:
    """Hears from PayStack that an order is paid, and lets its execution go on."""
    function = _function(
        scope,
        "PaymentWebhook",
        resources,
        FunctionProps(
            name="payment_webhook",
            description="Hears from PayStack that an order is paid",
            timeout_seconds=10,
            environment={
                "PAYSTACK_SECRET_NAME": resources.paystack.name,
                "OPERATIONS_TOPIC_ARN": resources.operations.topic_arn,
                "WEBHOOK_PARAMETER": resources.parameters.webhook.parameter_name,
            },
        ),
    )
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    function.allow(["secretsmanager:GetSecretValue"], [resources.paystack.arn])
    function.allow(["ssm:GetParameter"], [resources.parameters.webhook.parameter_arn])
    settings = resources.foundation.settings
    function.allow(
        ["states:SendTaskSuccess"], [_where_checked(settings, workflow.state_machine_arn)]
    )
    function.allow(["sns:Publish"], [resources.operations.topic_arn])
    function.allow_key_through("dynamodb", "secretsmanager", "sns")
    return function


def api(scope: Construct, resources: Resources, workflow: sfn.StateMachine) -> OrdersFunction:
    """Accepts grocery lists, shows customers their orders and cancels them."""
    function = _function(
        scope,
        "CustomersApi",
        resources,
        FunctionProps(
            name="api",
            description="Accepts grocery lists, shows customers their orders and cancels them",
            timeout_seconds=10,
            environment={"STATE_MACHINE_ARN": workflow.state_machine_arn},
        ),
    )
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    function.allow(["dynamodb:Query"], [f"{resources.orders.table_arn}/index/byCustomer"])
    function.allow(["states:StartExecution"], [workflow.state_machine_arn])
    function.allow(["states:StopExecution"], [_executions_of(workflow)])
    function.allow_key_through("dynamodb")
    _acknowledge_executions(function, workflow)
    return function


def operations_api(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine
) -> OrdersFunction:
    """Shows operations staff everybody's orders, and replays them."""
    function = _function(
        scope,
        "OperationsApi",
        resources,
        FunctionProps(
            name="operations_api",
            description="Shows operations staff everybody's orders, and replays them",
            timeout_seconds=20,
            environment={"STATE_MACHINE_ARN": workflow.state_machine_arn},
        ),
    )
    function.allow(["dynamodb:GetItem"], [resources.orders.table_arn])
    function.allow(["dynamodb:Query"], [f"{resources.orders.table_arn}/index/byStatus"])
    function.allow(
        ["states:DescribeStateMachine", "states:StartExecution"], [workflow.state_machine_arn]
    )
    function.allow(
        [
            "states:DescribeExecution",
            "states:DescribeStateMachineForExecution",
            "states:RedriveExecution",
        ],
        [_executions_of(workflow)],
    )
    function.allow_key_through("dynamodb")
    _acknowledge_executions(function, workflow)
    return function


def recover_orders(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine, parked: sqs.IQueue
) -> OrdersFunction:
    """Wakes parked orders: when their alarm clock rings, and when their provider is back."""
    function = _function(
        scope,
        "RecoverOrders",
        resources,
        FunctionProps(
            name="recover_orders",
            description="Wakes parked orders when it is time, or when their provider is back",
            timeout_seconds=RECOVERY_TIMEOUT_SECONDS,
            environment=_recovery_environment(resources, parked),
        ),
    )
    _allow_recovery(function, resources, workflow)
    function.allow(["sqs:SendMessage"], [parked.queue_arn])
    return function


def reconcile_orders(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine, parked: sqs.IQueue
) -> OrdersFunction:
    """Finds orders that should be moving and are not; repairs or reports them."""
    function = _function(
        scope,
        "ReconcileOrders",
        resources,
        FunctionProps(
            name="reconcile_orders",
            description="Finds orders that should be moving and are not",
            timeout_seconds=120,
            environment={
                "STATE_MACHINE_ARN": workflow.state_machine_arn,
                **_recovery_environment(resources, parked),
            },
        ),
    )
    _allow_recovery(function, resources, workflow)
    _allow_failures(function, resources, workflow)
    function.allow(["states:ListExecutions"], [workflow.state_machine_arn])
    return function


def record_failures(
    scope: Construct, resources: Resources, workflow: sfn.StateMachine
) -> OrdersFunction:
    """Marks orders whose executions ended badly, and tells operations."""
    function = _function(
        scope,
        "RecordFailures",
        resources,
        FunctionProps(
            name="record_failures",
            description="Marks orders whose executions ended badly, and tells operations",
            timeout_seconds=30,
            environment={"OPERATIONS_TOPIC_ARN": resources.operations.topic_arn},
        ),
    )
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    _allow_failures(function, resources, workflow)
    function.allow_key_through("dynamodb", "sns", "sqs")
    return function


def send_status_emails(scope: Construct, resources: Resources) -> OrdersFunction:
    """E-mails customers about what became of their orders, and of their money."""
    settings = resources.foundation.settings
    function = _function(
        scope,
        "SendStatusEmails",
        resources,
        FunctionProps(
            name="send_status_emails",
            description="E-mails customers about what became of their orders",
            timeout_seconds=120,
            environment={"SENDER_EMAIL": settings.sender_email},
        ),
    )
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    function.allow(
        ["ses:SendEmail"], [_where_checked(settings, resources.sender.email_identity_arn)]
    )
    function.allow_key_through("dynamodb", "sqs")
    return function


def _paystack_environment(resources: Resources) -> dict[str, str]:
    return {
        "PAYSTACK_SECRET_NAME": resources.paystack.name,
        "PAYSTACK_BASE_URL": resources.foundation.settings.paystack_base_url,
        **_breaker_environment(resources, "paystack"),
    }


def _allow_paystack(function: OrdersFunction, resources: Resources) -> None:
    """To call PayStack behind its breaker, and write down what it says."""
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    _allow_breaker(function, resources, "paystack")
    function.allow(["secretsmanager:GetSecretValue"], [resources.paystack.arn])


def publish_order_updates(
    scope: Construct, resources: Resources, graphql: appsync.GraphqlApi
) -> OrdersFunction:
    """Tells the API's subscribers of changed orders."""
    function = OrdersFunction(
        scope,
        "PublishOrderUpdates",
        resources.foundation,
        FunctionProps(
            name="publish_order_updates",
            description="Tells subscribers of the API of changed orders",
            timeout_seconds=90,
            environment=_api_environment(resources.foundation.settings, graphql),
        ),
    )
    function.allow(["appsync:GraphQL"], [f"{graphql.arn}/types/Mutation/fields/{PUBLISH_FIELD}"])
    function.allow_key_through("dynamodb", "sqs")
    return function


def _api_environment(settings: Settings, graphql: appsync.GraphqlApi) -> dict[str, str]:
    if settings.emulator is None:
        return {"GRAPHQL_API_URL": graphql.graphql_url}
    # Through the front door, which has the subscribers; signed for the API behind it.
    return {
        "GRAPHQL_API_URL": f"{settings.emulator.front_door_url}/graphql",
        "GRAPHQL_API_HOST": f"{graphql.api_id}.appsync-api.{settings.region}.amazonaws.com",
    }


def _breaker_environment(resources: Resources, provider: str) -> dict[str, str]:
    return {
        "BREAKERS_TABLE": resources.breakers.table_name,
        "BREAKER_PARAMETER": resources.parameters.breakers[provider].parameter_name,
    }


def _allow_breaker(function: OrdersFunction, resources: Resources, provider: str) -> None:
    function.allow(READ_AND_CHANGE, [resources.breakers.table_arn])
    function.allow(["ssm:GetParameter"], [resources.parameters.breakers[provider].parameter_arn])


def _recovery_environment(resources: Resources, parked: sqs.IQueue) -> dict[str, str]:
    return {
        "BREAKERS_TABLE": resources.breakers.table_name,
        "PARKED_ORDERS_QUEUE_URL": parked.queue_url,
        "RECOVERY_PARAMETER": resources.parameters.recovery.parameter_name,
        "OPERATIONS_TOPIC_ARN": resources.operations.topic_arn,
    }


def _allow_recovery(
    function: OrdersFunction, resources: Resources, workflow: sfn.StateMachine
) -> None:
    """To find parked orders, answer their tokens, and tell operations."""
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn, resources.breakers.table_arn])
    function.allow(["dynamodb:Query"], [f"{resources.orders.table_arn}/index/byStatus"])
    function.allow(["ssm:GetParameter"], [resources.parameters.recovery.parameter_arn])
    function.allow(
        ["states:SendTaskSuccess"],
        [_where_checked(resources.foundation.settings, workflow.state_machine_arn)],
    )
    function.allow(["sns:Publish"], [resources.operations.topic_arn])
    function.allow_key_through("dynamodb", "sns", "sqs")


def _allow_failures(
    function: OrdersFunction, resources: Resources, workflow: sfn.StateMachine
) -> None:
    """To look into executions, and write down what became of them."""
    function.allow(["dynamodb:PutItem"], [resources.orders.table_arn])
    function.allow(
        ["states:DescribeExecution", "states:GetExecutionHistory"],
        [_executions_of(workflow)],
    )
    function.allow(["sns:Publish"], [resources.operations.topic_arn])
    _acknowledge_executions(function, workflow)


def _executions_of(workflow: sfn.StateMachine) -> str:
    """The ARN of every execution of the workflow."""
    return (
        f"arn:{cdk.Aws.PARTITION}:states:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:"
        f"execution:{workflow.state_machine_name}:*"
    )


def _acknowledge_executions(function: OrdersFunction, workflow: sfn.StateMachine) -> None:
    resource = cast("sfn.CfnStateMachine", workflow.node.default_child)
    logical_id = cdk.Stack.of(workflow).get_logical_id(resource)
    executions = (
        "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:"
        f"execution:<{logical_id}.Name>:*"
    )
    acknowledge(
        function,
        {f"AwsSolutions-IAM5[Resource::{executions}]": "Executions are named after their orders."},
    )


def _function(
    scope: Construct, construct_id: str, resources: Resources, props: FunctionProps
) -> OrdersFunction:
    """All of them work on orders."""
    environment = {"ORDERS_TABLE": resources.orders.table_name, **props.environment}
    return OrdersFunction(
        scope, construct_id, resources.foundation, replace(props, environment=environment)
    )


def _where_checked(settings: Settings, arn: str) -> str:
    """The resource, for actions that the emulator does not check by resource."""
    return "*" if settings.emulator else arn
