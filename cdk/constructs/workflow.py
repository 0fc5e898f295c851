"""The state machine: ``workflows/order.asl.yaml`` with its log, its role and its substitutions."""

import json
from collections.abc import Iterable, Mapping
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs.foundation import Foundation
from cdk.constructs.functions.function import OrdersFunction, key_use
from cdk.constructs.nag import acknowledge
from cdk.constructs.releases import LiveAlias
from cdk.constructs.telemetry.logs import log_group
from cdk.definition import load_definition
from cdk.durations import in_decimals
from cdk.settings import Settings

ANY_VERSION_REASON = (
    "Executions in flight call the versions that they started with, so the role may call them all."
)


def workflow_name(settings: Settings) -> str:
    """The state machine's name."""
    return f"{settings.prefix}-order"


class OrderWorkflow(Construct):
    """The standard workflow; each order is one execution.

    Attributes:
        state_machine: the state machine. Its role may use the given functions, tables and queue
            and nothing else.
        live: its published version, and the alias for new executions.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        foundation: Foundation,
        *,
        functions: Mapping[str, OrdersFunction],
        orders: dynamodb.ITable,
        breakers: dynamodb.ITable,
        parked_orders: sqs.IQueue,
    ) -> None:
        """``functions`` by their name in the definition, such as ParseOrderFunction."""
        super().__init__(scope, construct_id)
        name = workflow_name(foundation.settings)
        durations = foundation.settings.durations
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        for statement in (
            _invoke_any_version(functions.values()),
            iam.PolicyStatement(actions=["dynamodb:BatchGetItem"], resources=[breakers.table_arn]),
            iam.PolicyStatement(actions=["dynamodb:UpdateItem"], resources=[orders.table_arn]),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[parked_orders.queue_arn]),
            key_use(foundation, "dynamodb", "sqs"),
        ):
            role.add_to_policy(statement)
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=name,
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_string(
                json.dumps(load_definition(durations=durations))
            ),
            definition_substitutions={
                **{key: each.version.function_arn for key, each in functions.items()},
                "OrdersTable": orders.table_name,
                "BreakersTable": breakers.table_name,
                "ParkedOrdersQueueUrl": parked_orders.queue_url,
                "ParkingDelaySeconds": in_decimals(durations.parking_delay),
                "ReviewSeconds": in_decimals(durations.review),
            },
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                # With this prefix AWS grants the delivery once for all logs, which keeps
                # CloudWatch's resource policy short.
                destination=log_group(
                    self,
                    "Log",
                    foundation,
                    f"/aws/vendedlogs/states/{name}",
                ),
                level=sfn.LogLevel.ERROR,
                # Customers' names and lists are stored in the orders table alone.
                include_execution_data=False,
            ),
        )
        self.live = LiveAlias(self, "Live", foundation.settings, self.state_machine)
        acknowledge(
            self,
            {
                "AwsSolutions-SF1": "Step Functions keeps every execution's events itself; the "
                "log holds errors, and no personal data.",
                **{_any_version_finding(each): ANY_VERSION_REASON for each in functions.values()},
                "AwsSolutions-IAM5[Resource::*]": "X-Ray and the delivery of vended logs have no "
                "resources to name.",
            },
        )


def _invoke_any_version(functions: Iterable[OrdersFunction]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["lambda:InvokeFunction"],
        resources=[f"{each.function.function_arn}:*" for each in functions],
    )


def _any_version_finding(function: OrdersFunction) -> str:
    """cdk-nag's name for that permission."""
    resource = cast("lambda_.CfnFunction", function.function.node.default_child)
    logical_id = cdk.Stack.of(function).get_logical_id(resource)
    return f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>:*]"
