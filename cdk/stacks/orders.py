"""What handles orders: functions, the state machine, its queue, the API and the webhook."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk.constructs import order_functions
from cdk.constructs.api import GraphqlApi
from cdk.constructs.foundation import CodeFor, Foundation
from cdk.constructs.parked_orders import ParkedOrders
from cdk.constructs.paystack_secret import PaystackSecret
from cdk.constructs.workflow import OrderWorkflow
from cdk.settings import Settings
from cdk.stacks.data import DataStack
from orderflow.config import Tunables


class OrdersStack(cdk.Stack):
    """From a submitted list to a paid order."""

    def __init__(
        self, scope: Construct, construct_id: str, data: DataStack, code_for: CodeFor, **kwargs: Any
    ) -> None:
        settings = data.settings
        super().__init__(scope, construct_id, termination_protection=settings.retain_data, **kwargs)
        foundation = Foundation(settings, data.key, code_for)
        parked_orders = ParkedOrders(self, "Parked", settings, data.key)
        resources = order_functions.Resources(
            foundation=foundation,
            orders=data.orders,
            catalog=data.catalog,
            paystack=PaystackSecret(self, "Paystack", foundation),
            tunables=self._matcher_tunables(settings),
            sender=self._sender_identity(settings),
            operations=self._operations_topic(foundation),
        )
        workflow = OrderWorkflow(
            self,
            "Workflow",
            foundation,
            functions={
                "ParseOrderFunction": order_functions.parse_order(self, resources),
                "MatchProductsFunction": order_functions.match_products(self, resources),
                "CreatePaymentLinkFunction": order_functions.create_payment_link(self, resources),
                "NotifyCustomerFunction": order_functions.notify_customer(self, resources),
            },
            orders=data.orders,
            breakers=data.breakers,
            parked_orders=parked_orders.queue,
        ).state_machine
        api = GraphqlApi(
            self,
            "Api",
            foundation,
            users=data.users,
            function=order_functions.api(self, resources, workflow),
        ).api
        webhook = order_functions.payment_webhook(self, resources, workflow)
        # Open to everybody, because PayStack can't sign for IAM. It signs the body instead, and
        # the function believes nothing before it has checked that.
        webhook_url = webhook.live.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)

        outputs = {
            "GraphqlApiUrl": api.graphql_url,
            "GraphqlApiId": api.api_id,
            "StateMachineArn": workflow.state_machine_arn,
            "WebhookUrl": webhook_url.url,
            "ParkedOrdersQueueUrl": parked_orders.queue.queue_url,
            "OperationsTopicArn": resources.operations.topic_arn,
            "PaystackSecretName": resources.paystack.name,
            "TunablesParameter": resources.tunables.parameter_name,
            "SenderEmail": settings.sender_email,
            "LogGroupPrefix": f"{settings.path}/",
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    def _matcher_tunables(self, settings: Settings) -> ssm.StringParameter:
        tunables = Tunables(
            model_id=settings.model_id,
            guardrail_id=settings.guardrail_id,
            guardrail_version=settings.guardrail_version,
        )
        return ssm.StringParameter(
            self,
            "MatcherTunables",
            parameter_name=f"{settings.path}/tunables",
            description="Settings of the matcher; functions notice a change within a minute.",
            string_value=tunables.model_dump_json(by_alias=True),
        )

    def _sender_identity(self, settings: Settings) -> ses.EmailIdentity:
        return ses.EmailIdentity(self, "Sender", identity=ses.Identity.email(settings.sender_email))

    def _operations_topic(self, foundation: Foundation) -> sns.Topic:
        return sns.Topic(
            self,
            "Operations",
            topic_name=f"{foundation.settings.prefix}-operations",
            display_name="Grocery orders that need a human",
            master_key=foundation.key,
            enforce_ssl=foundation.settings.speaks_tls,
        )
