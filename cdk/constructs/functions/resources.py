"""The resources that functions use, and the capabilities to use them."""

from dataclasses import dataclass, replace
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn

from cdk.constructs.api import PUBLISH_FIELD
from cdk.constructs.emails import CustomerEmails
from cdk.constructs.foundation import Foundation
from cdk.constructs.functions.capability import Capability, Permission
from cdk.constructs.functions.local_addresses import local_address
from cdk.constructs.parameters import Parameters
from cdk.constructs.secret import StageSecret
from cdk.definition import LIVE
from cdk.durations import in_decimals
from cdk.local_stage import LocalAddress
from orderflow.breakers.providers import ProviderName

READ_AND_CHANGE = ("dynamodb:GetItem", "dynamodb:UpdateItem")

DEAD_LETTERS = Capability(key_services=["sqs"])
"""Event sources and destinations grant the queue itself."""


@dataclass(frozen=True)
class Resources:
    """The stage's resources; the methods are the capabilities that functions have on them."""

    foundation: Foundation
    orders: dynamodb.ITable
    catalog: dynamodb.ITable
    breakers: dynamodb.ITable
    addresses: dynamodb.ITable
    return_limits: dynamodb.ITable
    submissions: dynamodb.ITable
    users: cognito.IUserPool
    user_pool_client: cognito.IUserPoolClient
    paystack: StageSecret
    parameters: Parameters
    emails: CustomerEmails
    operations: sns.ITopic

    def orders_table(self, *actions: str) -> Capability:
        """These actions on orders."""
        table = _table("ORDERS_TABLE", self.orders, *actions)
        shards = {"ORDERS_INDEX_SHARDS": str(self.foundation.settings.index_shards)}
        return replace(table, environment={**table.environment, **shards})

    def orders_by(self, index: str) -> Capability:
        """Queries of an index of the orders table."""
        arn = f"{self.orders.table_arn}/index/{index}"
        return Capability(permissions=[Permission(["dynamodb:Query"], [arn])])

    def orders_by_status(self) -> list[Capability]:
        """Queries of orders by their status; the index holds the keys, the table the orders."""
        return [self.orders_by("byStatusShard"), self.orders_table("dynamodb:BatchGetItem")]

    def catalog_table(self, *actions: str) -> Capability:
        """These actions on the catalog."""
        return _table("CATALOG_TABLE", self.catalog, *actions)

    def breakers_table(self) -> Capability:
        """Breakers are read and changed."""
        return _table("BREAKERS_TABLE", self.breakers, *READ_AND_CHANGE)

    def breaker(self, provider: ProviderName) -> list[Capability]:
        """Calls of a provider go through its breaker."""
        parameter = self.parameters.breakers[provider]
        return [self.breakers_table(), _parameter("BREAKER_PARAMETER", parameter)]

    def paystack_secret(self) -> Capability:
        """PayStack's API key, which also checks the signatures of its webhooks."""
        return Capability(
            {"PAYSTACK_SECRET_NAME": self.paystack.name},
            [Permission(["secretsmanager:GetSecretValue"], [self.paystack.arn])],
            ["secretsmanager"],
        )

    def paystack_api(self) -> list[Capability]:
        """Calls of PayStack behind its breaker."""
        settings = self.foundation.settings
        url = (
            local_address(LocalAddress.PAYSTACK)
            if settings.emulator
            else settings.paystack_base_url
        )
        base_url = Capability({"PAYSTACK_BASE_URL": url})
        return [base_url, *self.breaker(ProviderName.PAYSTACK), self.paystack_secret()]

    def link_times(self) -> Capability:
        """When links end, and when those that are not paid are asked about."""
        durations = self.foundation.settings.durations
        return Capability(
            {
                "LINK_VALIDITY_SECONDS": in_decimals(durations.link_validity),
                "LINK_REUSE_MARGIN_SECONDS": in_decimals(durations.link_reuse_margin),
                "LINK_CHECK_AFTER_SECONDS": in_decimals(durations.link_check_after),
                "LINK_CHECKED_AFTER_END_SECONDS": in_decimals(durations.link_checked_after_end),
            }
        )

    def session_check(self) -> Capability:
        """How often PayStack's session timeout is read."""
        every = self.foundation.settings.durations.session_check
        return Capability({"SESSION_CHECK_SECONDS": in_decimals(every)})

    def returns(self) -> list[Capability]:
        """What customers come back to, and how often each address may."""
        settings = self.foundation.settings
        # The local front door leads on to the demo shop, wherever that is open.
        page = (
            f"{local_address(LocalAddress.FRONT_DOOR)}/shop"
            if settings.emulator
            else settings.shop_page_url
        )
        limits = _table("RETURN_LIMITS_TABLE", self.return_limits, "dynamodb:UpdateItem")
        return [Capability({"SHOP_PAGE_URL": page}), limits]

    def reversal_times(self) -> Capability:
        """When refunds and disputes are looked after."""
        durations = self.foundation.settings.durations
        return Capability(
            {
                "REVERSAL_CHECK_AFTER_SECONDS": in_decimals(durations.reversal_check_after),
                "DISPUTE_REMINDER_SECONDS": in_decimals(durations.dispute_reminder),
            }
        )

    def tunables(self) -> Capability:
        """The matcher's settings."""
        return _parameter("TUNABLES_PARAMETER", self.parameters.tunables)

    def webhook_settings(self) -> Capability:
        """The networks that may call the webhook."""
        return _parameter("WEBHOOK_PARAMETER", self.parameters.webhook)

    def recovery_settings(self) -> Capability:
        """How parked and stuck orders are looked after."""
        return _parameter("RECOVERY_PARAMETER", self.parameters.recovery)

    def submission_limit(self) -> list[Capability]:
        """The lists of each customer are counted."""
        return [
            _table("SUBMISSIONS_TABLE", self.submissions, "dynamodb:UpdateItem"),
            _parameter("SUBMISSION_LIMIT_PARAMETER", self.parameters.submissions),
        ]

    def reviews(self) -> list[Capability]:
        """Customers look at their products, and choose others, before they pay."""
        by_default = str(self.foundation.settings.review_before_payment).lower()
        return [
            Capability({"REVIEW_BEFORE_PAYMENT": by_default}),
            self.catalog_table("dynamodb:BatchGetItem", "dynamodb:Query"),
        ]

    def accounts(self) -> Capability:
        """The e-mail address of a customer's account is looked up."""
        return Capability(
            {"USER_POOL_ID": self.users.user_pool_id},
            [Permission(["cognito-idp:AdminGetUser"], [self.users.user_pool_arn])],
        )

    def operations_topic(self) -> Capability:
        """Alerts to operations."""
        return Capability(
            {"OPERATIONS_TOPIC_ARN": self.operations.topic_arn},
            [Permission(["sns:Publish"], [self.operations.topic_arn])],
            ["sns"],
        )

    def customer_emails(self) -> list[Capability]:
        """E-mails from the stage's sender, and alerts where SES refuses them."""
        arns = dict.fromkeys(map(self._where_checked, self.emails.sending_arns))
        sending = Capability(
            {"SENDER_EMAIL": self.foundation.settings.sender_email},
            [Permission(["ses:SendEmail"], [*arns])],
        )
        return [
            sending,
            self.email_addresses("dynamodb:GetItem"),
            self.breakers_table(),
            self.operations_topic(),
        ]

    def receipts(self) -> Capability:
        """Whether each payment gets an e-mail of ours, beside PayStack's receipt."""
        return Capability({"OWN_RECEIPTS": str(self.foundation.settings.own_receipts).lower()})

    def email_addresses(self, *actions: str) -> Capability:
        """These actions on the addresses that bounced or complained."""
        return _table("EMAIL_ADDRESSES_TABLE", self.addresses, *actions)

    def order_updates(self, graphql: appsync.GraphqlApi) -> Capability:
        """Publishes changed orders, read from the orders table's stream, to subscribers."""
        field = f"{graphql.arn}/types/Mutation/fields/{PUBLISH_FIELD}"
        return Capability(
            self._api_environment(graphql), [Permission(["appsync:GraphQL"], [field])], ["dynamodb"]
        )

    def _api_environment(self, graphql: appsync.GraphqlApi) -> dict[str, str]:
        settings = self.foundation.settings
        if settings.emulator is None:
            return {"GRAPHQL_API_URL": graphql.graphql_url}
        # The local front door has the subscribers; requests are signed for the API behind it.
        return {
            "GRAPHQL_API_URL": f"{local_address(LocalAddress.FRONT_DOOR)}/graphql",
            "GRAPHQL_API_HOST": f"{graphql.api_id}.appsync-api.{settings.region}.amazonaws.com",
        }

    def task_tokens(self, workflow: sfn.IStateMachine) -> Capability:
        """Answers to the task tokens of waiting executions."""
        arn = self._where_checked(workflow.state_machine_arn)
        return Capability(permissions=[Permission(["states:SendTaskSuccess"], [arn])])

    def _where_checked(self, arn: str) -> str:
        """The resource, for actions that the emulator does not check by resource."""
        return "*" if self.foundation.settings.emulator else arn


def workflow_variable(workflow: sfn.IStateMachine) -> Capability:
    """What executions are started with: the state machine's alias.

    Permissions name the state machine: IAM checks that, whichever alias a request names.
    """
    return Capability({"STATE_MACHINE_ARN": live_arn(workflow)})


def live_arn(workflow: sfn.IStateMachine) -> str:
    """The ARN of the state machine's alias for new executions."""
    return f"{workflow.state_machine_arn}:{LIVE}"


def state_machine(workflow: sfn.IStateMachine, *actions: str) -> Capability:
    """These actions on the state machine itself."""
    return Capability(permissions=[Permission(actions, [workflow.state_machine_arn])])


def executions(workflow: sfn.StateMachine, *actions: str) -> Capability:
    """These actions on every execution of the workflow."""
    resource = cast("sfn.CfnStateMachine", workflow.node.default_child)
    logical_id = cdk.Stack.of(workflow).get_logical_id(resource)
    finding = (
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:"
        f"execution:<{logical_id}.Name>:*]"
    )
    arn = (
        f"arn:{cdk.Aws.PARTITION}:states:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:"
        f"execution:{workflow.state_machine_name}:*"
    )
    return Capability(
        permissions=[Permission(actions, [arn])],
        accepted_findings={finding: "Executions are named after their orders."},
    )


def parked_orders_queue(queue: sqs.IQueue) -> Capability:
    """The URL of the parked-orders queue, and its encryption."""
    return Capability({"PARKED_ORDERS_QUEUE_URL": queue.queue_url}, key_services=["sqs"])


def messages_to(queue: sqs.IQueue) -> Capability:
    """Messages to a queue."""
    return Capability(permissions=[Permission(["sqs:SendMessage"], [queue.queue_arn])])


def _table(variable: str, table: dynamodb.ITable, *actions: str) -> Capability:
    return Capability(
        {variable: table.table_name}, [Permission(actions, [table.table_arn])], ["dynamodb"]
    )


def _parameter(variable: str, parameter: ssm.IStringParameter) -> Capability:
    return Capability(
        {variable: parameter.parameter_name},
        [Permission(["ssm:GetParameter"], [parameter.parameter_arn])],
    )
