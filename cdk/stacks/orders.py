"""What handles orders: functions, the state machine, its queue, the API and the webhook."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs import event_sources, order_functions
from cdk.constructs.api import GraphqlApi
from cdk.constructs.foundation import CodeFor, Foundation
from cdk.constructs.logs import log_group
from cdk.constructs.parameters import Parameters
from cdk.constructs.paystack_secret import PaystackSecret
from cdk.constructs.queues import DeadLetters, ParkedOrders
from cdk.constructs.workflow import OrderWorkflow
from cdk.settings import Settings
from cdk.stacks.data import DataStack

TOLD = (
    {
        "status": {
            "S": [
                "PAYMENT_DELAYED", "NEEDS_ATTENTION", "FAILED",
                "PAYMENT_COMPLETED", "EXPIRED", "CANCELLED",
            ]
        }
    },
    {"refundState": {"S": ["DUE"]}},
)  # fmt: skip
"""What send_status_emails hears of: orders that look like one of these after a change."""

LIVING = {"status": {"S": [{"exists": True}]}}
"""What publish_order_updates hears of: every change of an order that still exists. Filters can't
compare with the earlier item, so the function itself tells changes of status from others."""

UPDATES_BATCH = 40
"""Changes that one call of the function publishes, at most. Where the API gives no answer they wait
in turns of PARALLEL_ORDERS, and the last must have given up before the function's time is over."""

UPDATES_MAX_AGE = cdk.Duration.minutes(10)
"""Older updates are no news: clients that reconnect ask for the order itself."""


class OrdersStack(cdk.Stack):
    """From a submitted list to a paid order."""

    def __init__(
        self, scope: Construct, construct_id: str, data: DataStack, code_for: CodeFor, **kwargs: Any
    ) -> None:
        settings = data.settings
        super().__init__(scope, construct_id, termination_protection=settings.retain_data, **kwargs)
        foundation = Foundation(settings, data.key, code_for)
        operations = self._operations_topic(foundation)
        parked_orders = ParkedOrders(
            self, "Parked", foundation, operations, order_functions.RECOVERY_TIMEOUT_SECONDS
        )
        resources = order_functions.Resources(
            foundation=foundation,
            orders=data.orders,
            catalog=data.catalog,
            breakers=data.breakers,
            paystack=PaystackSecret(self, "Paystack", foundation),
            parameters=Parameters(self, "Parameters", settings),
            sender=self._sender_identity(settings),
            operations=operations,
        )
        workflow = OrderWorkflow(
            self,
            "Workflow",
            foundation,
            functions={
                "ParseOrderFunction": order_functions.parse_order(self, resources),
                "MatchProductsFunction": order_functions.match_products(self, resources),
                "CreatePaymentLinkFunction": order_functions.create_payment_link(self, resources),
                "NotifyCustomerFunction": order_functions.send_payment_link(self, resources),
                "VerifyPaymentFunction": order_functions.verify_payment(self, resources),
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
            customers=order_functions.api(self, resources, workflow),
            operations=order_functions.operations_api(self, resources, workflow),
        ).api
        webhook = order_functions.payment_webhook(self, resources, workflow)
        # Open to everybody, because PayStack can't sign for IAM. It signs the body instead, and
        # the function believes nothing before it has checked that.
        webhook_url = webhook.live.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)

        self._look_after_orders(data, resources, workflow, parked_orders)
        event_sources.read_stream(
            order_functions.publish_order_updates(self, resources, api),
            data.orders,
            self.dead_letters,
            LIVING,
            batch_size=UPDATES_BATCH,
            parallel_batches=event_sources.STREAM_PARALLELISM,
            max_age=UPDATES_MAX_AGE,
        )
        audit_log = log_group(self, "AuditLog", foundation, f"{settings.path}/audit")

        outputs = {
            "GraphqlApiUrl": api.graphql_url,
            "GraphqlApiId": api.api_id,
            "StateMachineArn": workflow.state_machine_arn,
            "WebhookUrl": webhook_url.url,
            "ParkedOrdersQueueUrl": parked_orders.queue.queue_url,
            "OperationsTopicArn": resources.operations.topic_arn,
            "PaystackSecretName": resources.paystack.name,
            "TunablesParameter": resources.parameters.tunables.parameter_name,
            "RecoveryParameter": resources.parameters.recovery.parameter_name,
            "WebhookParameter": resources.parameters.webhook.parameter_name,
            "BreakerParameterPrefix": resources.parameters.breaker_prefix,
            "AuditLogGroup": audit_log.log_group_name,
            "DeadLettersQueueUrl": self.dead_letters.queue_url,
            "ParkedOrdersDeadLettersQueueUrl": parked_orders.dead_letters.queue_url,
            "SenderEmail": settings.sender_email,
            "LogGroupPrefix": f"{settings.path}/",
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    def _look_after_orders(
        self,
        data: DataStack,
        resources: order_functions.Resources,
        workflow: sfn.StateMachine,
        parked_orders: ParkedOrders,
    ) -> None:
        """What keeps orders going when providers, workers or we ourselves fail."""
        self.dead_letters = DeadLetters(
            self, "DeadLetters", resources.foundation, resources.operations
        ).queue
        recover = order_functions.recover_orders(self, resources, workflow, parked_orders.queue)
        event_sources.read_queue(recover, parked_orders.queue)
        event_sources.read_stream(recover, data.breakers, self.dead_letters)

        tell = order_functions.send_status_emails(self, resources)
        event_sources.read_stream(tell, data.orders, self.dead_letters, *TOLD)

        failures = order_functions.record_failures(self, resources, workflow)
        event_sources.on_execution_end(self, failures, workflow, self.dead_letters)

        reconcile = order_functions.reconcile_orders(self, resources, workflow, parked_orders.queue)
        event_sources.every(
            self, "Reconciliation", reconcile, cdk.Duration.minutes(5), self.dead_letters
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
