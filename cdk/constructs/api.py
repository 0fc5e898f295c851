"""The GraphQL API of customers and operations staff."""

from typing import cast

from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from constructs import Construct
from graphql import (
    EnumValueDefinitionNode,
    InputValueDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from cdk.constructs.foundation import Foundation
from cdk.constructs.functions.bundling import ROOT
from cdk.constructs.functions.function import OrdersFunction
from cdk.constructs.nag import acknowledge
from cdk.constructs.telemetry.logs import log_group
from cdk.settings import Settings

API = ROOT / "functions" / "api"
SCHEMA = API / "schema.graphql"

CUSTOMERS_FIELDS = (
    ("Mutation", "submitGroceryList"),
    ("Mutation", "cancelOrder"),
    ("Mutation", "updateOrderLine"),
    ("Mutation", "removeOrderLine"),
    ("Mutation", "addOrderLine"),
    ("Mutation", "confirmOrder"),
    ("Mutation", "rateOrder"),
    ("Query", "getOrder"),
    ("Query", "myOrders"),
    ("Query", "getPaymentLink"),
    ("Query", "products"),
)
"""The fields that the api function resolves: type and field."""

OPERATIONS_FIELDS = (("Mutation", "replayOrder"), ("Query", "orders"))
"""The fields that the operations_api function resolves."""
PUBLISH_FIELD = "publishOrderUpdate"
"""The mutation that triggers the subscription; only publish_order_updates may call it."""

LOCAL_FIELDS = (
    ("Mutation", PUBLISH_FIELD, "publish_order_update.js"),
    ("Subscription", "onOrderUpdated", "on_order_updated.js"),
)
"""The fields that AppSync resolves without a function: type, field and resolver."""

MAX_DEPTH = 6
MAX_RESOLVERS = 10
"""Bounds of one request: the depth of an order's history, and few aliased mutations."""


class GraphqlApi(Construct):
    """AppSync with Cognito users by default and IAM for our own publishing.

    Attributes:
        api: it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        foundation: Foundation,
        *,
        users: cognito.IUserPool,
        customers: OrdersFunction,
        operations: OrdersFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.api = appsync.GraphqlApi(
            self,
            "Api",
            name=f"{foundation.settings.prefix}-orders",
            definition=appsync.Definition.from_file(str(SCHEMA)),
            authorization_config=_authorization(users),
            query_depth_limit=MAX_DEPTH,
            resolver_count_limit=MAX_RESOLVERS,
            introspection_config=_introspection(foundation.settings),
            xray_enabled=True,
        )
        schema = cast("appsync.CfnGraphQLSchema", self.api.node.find_child("Schema"))
        schema.definition = deployable(SCHEMA.read_text())
        self._log_errors(foundation)
        self._resolve_with(customers, "api", CUSTOMERS_FIELDS)
        self._resolve_with(operations, "operations_api", OPERATIONS_FIELDS)
        self._resolve_locally()

    def _resolve_with(
        self, function: OrdersFunction, name: str, fields: tuple[tuple[str, str], ...]
    ) -> None:
        construct_id = f"{name.title().replace('_', '')}Function"
        source = self.api.add_lambda_data_source(construct_id, function.live, name=name)
        code = appsync.Code.from_inline((API / "resolvers" / "lambda_resolver.js").read_text())
        for type_name, field in fields:
            source.create_resolver(
                f"{type_name}-{field}",
                type_name=type_name,
                field_name=field,
                runtime=appsync.FunctionRuntime.JS_1_0_0,
                code=code,
            )

    def _resolve_locally(self) -> None:
        nothing = self.api.add_none_data_source("Nothing", name="nothing")
        for type_name, field, resolver in LOCAL_FIELDS:
            nothing.create_resolver(
                f"{type_name}-{field}",
                type_name=type_name,
                field_name=field,
                runtime=appsync.FunctionRuntime.JS_1_0_0,
                code=appsync.Code.from_inline((API / "resolvers" / resolver).read_text()),
            )

    def _log_errors(self, foundation: Foundation) -> None:
        """Logs errors, without headers and answers, which hold tokens and personal data.

        The construct's own option would set the retention with a helper function whose role may
        change any log group.
        """
        group = log_group(self, "Log", foundation, f"/aws/appsync/apis/{self.api.api_id}")
        role = iam.Role(self, "LogRole", assumed_by=iam.ServicePrincipal("appsync.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[group.log_group_arn],
            )
        )
        api = cast("appsync.CfnGraphQLApi", self.api.node.default_child)
        acknowledge(
            api,
            {"AwsSolutions-ASC3": "Requests are logged, less the headers, variables and answers."},
        )
        api.log_config = appsync.CfnGraphQLApi.LogConfigProperty(
            cloud_watch_logs_role_arn=role.role_arn,
            field_log_level="ERROR",
            exclude_verbose_content=True,
        )


def deployable(schema: str) -> str:
    """The schema without the descriptions of arguments, enum values and input fields.

    AppSync has been reported to refuse them.
    """
    return print_ast(visit(parse(schema), _StripDescriptions()))


class _StripDescriptions(Visitor):
    """An argument and a field of an input are both input values."""

    def enter_input_value_definition(self, node: InputValueDefinitionNode, *_: object) -> None:
        node.description = None

    def enter_enum_value_definition(self, node: EnumValueDefinitionNode, *_: object) -> None:
        node.description = None


def _introspection(settings: Settings) -> appsync.IntrospectionConfig:
    """Off in production: the customers' apps are built with the schema."""
    if settings.stage == "prod":
        return appsync.IntrospectionConfig.DISABLED
    return appsync.IntrospectionConfig.ENABLED


def _authorization(users: cognito.IUserPool) -> appsync.AuthorizationConfig:
    return appsync.AuthorizationConfig(
        default_authorization=appsync.AuthorizationMode(
            authorization_type=appsync.AuthorizationType.USER_POOL,
            user_pool_config=appsync.UserPoolConfig(user_pool=users),
        ),
        additional_authorization_modes=[
            appsync.AuthorizationMode(authorization_type=appsync.AuthorizationType.IAM)
        ],
    )
