"""The functions: what each is told, and all that it may do."""

from dataclasses import dataclass, replace

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs.bedrock import allow_model
from cdk.constructs.foundation import Foundation
from cdk.constructs.function import FunctionProps, OrdersFunction
from cdk.constructs.paystack_secret import PaystackSecret
from cdk.settings import Settings

READ_AND_CHANGE = ("dynamodb:GetItem", "dynamodb:UpdateItem")


@dataclass(frozen=True)
class Resources:
    """What the functions work with, one or the other."""

    foundation: Foundation
    orders: dynamodb.ITable
    catalog: dynamodb.ITable
    paystack: PaystackSecret
    tunables: ssm.IStringParameter
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
        ),
    )
    function.allow([*READ_AND_CHANGE, "dynamodb:PutItem"], [resources.orders.table_arn])
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
                "TUNABLES_PARAMETER": resources.tunables.parameter_name,
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
    function.allow(["ssm:GetParameter"], [resources.tunables.parameter_arn])
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
                "PAYSTACK_SECRET_NAME": resources.paystack.name,
                "PAYSTACK_BASE_URL": settings.paystack_base_url,
                "PAYMENT_CALLBACK_URL": settings.payment_callback_url,
            },
        ),
    )
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    function.allow(["secretsmanager:GetSecretValue"], [resources.paystack.arn])
    function.allow_key_through("dynamodb", "secretsmanager")
    return function


def notify_customer(scope: Construct, resources: Resources) -> OrdersFunction:
    """E-mails the payment link to the customer."""
    settings = resources.foundation.settings
    function = _function(
        scope,
        "NotifyCustomer",
        resources,
        FunctionProps(
            name="notify_customer",
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
            },
        ),
    )
    function.allow(READ_AND_CHANGE, [resources.orders.table_arn])
    function.allow(["secretsmanager:GetSecretValue"], [resources.paystack.arn])
    settings = resources.foundation.settings
    function.allow(
        ["states:SendTaskSuccess"], [_where_checked(settings, workflow.state_machine_arn)]
    )
    function.allow(["sns:Publish"], [resources.operations.topic_arn])
    function.allow_key_through("dynamodb", "secretsmanager", "sns")
    return function


def api(scope: Construct, resources: Resources, workflow: sfn.IStateMachine) -> OrdersFunction:
    """Accepts grocery lists and shows customers their orders."""
    function = _function(
        scope,
        "CustomersApi",
        resources,
        FunctionProps(
            name="api",
            description="Accepts grocery lists and shows customers their orders",
            timeout_seconds=10,
            environment={"STATE_MACHINE_ARN": workflow.state_machine_arn},
        ),
    )
    function.allow(["dynamodb:GetItem"], [resources.orders.table_arn])
    function.allow(["states:StartExecution"], [workflow.state_machine_arn])
    function.allow_key_through("dynamodb")
    return function


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
