"""Handles orders: the functions, the state machine, its queue, the API and the webhook."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs import event_sources
from cdk.constructs.api import GraphqlApi
from cdk.constructs.canary import Canary
from cdk.constructs.emails import CustomerEmails, emailed_changes
from cdk.constructs.foundation import CodeFor, Foundation
from cdk.constructs.functions import api as api_functions
from cdk.constructs.functions import recovery as recovery_functions
from cdk.constructs.functions.function import OrdersFunction
from cdk.constructs.functions.local_addresses import declare_local_addresses, local_address
from cdk.constructs.functions.resources import Resources, live_arn
from cdk.constructs.functions.workflow import workflow_functions
from cdk.constructs.guard.alarms import GuardAlarms
from cdk.constructs.messaging.queues import DeadLetters, KeptLetters, ParkedOrders
from cdk.constructs.messaging.topics import encrypted_topic
from cdk.constructs.parameters import Parameters
from cdk.constructs.releases import ReleaseAlarms, ReleaseRecord
from cdk.constructs.secret import paystack_secret
from cdk.constructs.security.alarms import SecurityAlarms
from cdk.constructs.security.audit import Audit
from cdk.constructs.telemetry.logs import log_group
from cdk.constructs.telemetry.sampling import TraceSampling
from cdk.constructs.workflow import OrderWorkflow
from cdk.durations import in_decimals
from cdk.local_stage import LocalAddress
from cdk.settings import Settings
from cdk.stacks.data import DataStack

EXISTING_ORDERS = {"status": {"S": [{"exists": True}]}}
"""Changes for publish_order_updates: every change of an order that still exists. Filters can't
compare with the earlier item, so the function itself selects the changes of status."""

UPDATES_BATCH = 40
"""The most changes that one call of the function publishes, PARALLEL_ORDERS at once. If the API
does not answer, the last request must time out before the function does."""


class OrdersStack(cdk.Stack):
    """From a submitted list to a paid order.

    Attributes:
        foundation: the stage's settings, key and code.
        api: the GraphQL API.
        operations: the topic that operations staff subscribe to.
        parked_orders: the queue of parked orders and its dead letters.
        dead_letters: the queue of what could not be handled.
        kept_letters, seen_letters: those of what is not tried again.
        paystack: the secret with PayStack's key.
    """

    def __init__(
        self, scope: Construct, construct_id: str, data: DataStack, code_for: CodeFor, **kwargs: Any
    ) -> None:
        settings = data.settings
        super().__init__(scope, construct_id, termination_protection=settings.retain_data, **kwargs)
        if settings.emulator:
            declare_local_addresses(self)
        self.foundation = foundation = Foundation(settings, data.key, code_for)
        self.operations = operations = self._operations_topic(foundation)
        self.paystack = paystack_secret(self, foundation)
        self.parked_orders = parked_orders = ParkedOrders(
            self, "Parked", foundation, recovery_functions.RECOVERY_TIMEOUT_SECONDS
        )
        resources = Resources(
            foundation=foundation,
            orders=data.orders,
            catalog=data.catalog,
            breakers=data.breakers,
            addresses=data.addresses,
            return_limits=data.return_limits,
            submissions=data.submissions,
            users=data.users,
            user_pool_client=data.user_pool_client,
            paystack=self.paystack,
            parameters=Parameters(self, "Parameters", settings),
            emails=CustomerEmails(self, "Emails", foundation),
            operations=operations,
        )
        # Without IAM authorization, because customers' browsers call it.
        returns = api_functions.payment_return(self, resources)
        return_url = returns.live.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)
        order_workflow = OrderWorkflow(
            self,
            "Workflow",
            foundation,
            functions=workflow_functions(self, resources, _reachable(return_url, settings)),
            orders=data.orders,
            breakers=data.breakers,
            parked_orders=parked_orders.queue,
        )
        workflow = order_workflow.state_machine
        self.api = api = GraphqlApi(
            self,
            "Api",
            foundation,
            users=data.users,
            customers=api_functions.api(self, resources, workflow),
            operations=api_functions.operations_api(self, resources, workflow),
        ).api
        sources = {"api": api.arn, "workflow": workflow.state_machine_arn}
        TraceSampling(self, "Sampling", settings, sources)
        webhook = api_functions.payment_webhook(self, resources, workflow)
        # Without IAM authorization, because PayStack can't sign for IAM. It signs the body, and the
        # function checks that signature first.
        webhook_url = webhook.live.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)

        refund = api_functions.refund_payment(self, resources)

        self._look_after_orders(data, resources, workflow, parked_orders)
        event_sources.read_stream(
            api_functions.publish_order_updates(self, resources, api),
            data.orders,
            self.dead_letters,
            EXISTING_ORDERS,
            batch_size=UPDATES_BATCH,
            parallel_batches=event_sources.STREAM_PARALLELISM,
        )
        canary = Canary(self, "Canary", resources, api)
        GuardAlarms(self, "GuardAlarms", settings, webhook, returns)
        SecurityAlarms(self, "SecurityAlarms", settings, operations, api)
        audit_log = log_group(self, "AuditLog", foundation, f"{settings.path}/audit")
        Audit(
            self,
            "Audit",
            resources,
            log=audit_log,
            functions=self.functions,
            archive=data.archive,
            dead_letters=self.dead_letters,
        )

        ReleaseAlarms(self, "Releases", settings, machine=workflow, functions=self.functions)
        record = ReleaseRecord(
            self, "Release", settings, order_workflow.live.version, self.functions
        )

        outputs = {
            "GraphqlApiUrl": api.graphql_url,
            "GraphqlApiId": api.api_id,
            "StateMachineArn": workflow.state_machine_arn,
            "LiveStateMachineArn": live_arn(workflow),
            "ReleaseParameter": record.parameter.parameter_name,
            "WebhookUrl": webhook_url.url,
            "ReturnUrl": return_url.url,
            "RefundFunction": refund.live.function_arn,
            "ParkedOrdersQueueUrl": parked_orders.queue.queue_url,
            "OperationsTopicArn": resources.operations.topic_arn,
            "PaystackSecretName": resources.paystack.name,
            "CanaryFunction": canary.function.live.function_arn,
            "CanarySecretName": canary.secret_name,
            "TunablesParameter": resources.parameters.tunables.parameter_name,
            "RecoveryParameter": resources.parameters.recovery.parameter_name,
            "SubmissionsParameter": resources.parameters.submissions.parameter_name,
            "WebhookParameter": resources.parameters.webhook.parameter_name,
            "BreakerParameterPrefix": resources.parameters.breaker_prefix,
            "AuditLogGroup": audit_log.log_group_name,
            "DeadLettersQueueUrl": self.dead_letters.queue_url,
            "ParkedOrdersDeadLettersQueueUrl": parked_orders.dead_letters.queue_url,
            "KeptLettersQueueUrl": self.kept_letters.queue_url,
            "SeenLettersQueueUrl": self.seen_letters.queue_url,
            "SenderEmail": settings.sender_email,
            "LinkValiditySeconds": in_decimals(settings.durations.link_validity),
            "LogGroupPrefix": f"{settings.path}/",
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    @property
    def functions(self) -> list[OrdersFunction]:
        """All functions of the stack."""
        return [each for each in self.node.find_all() if isinstance(each, OrdersFunction)]

    @property
    def secret_readers(self) -> list[iam.Role]:
        """The roles that may read PayStack's key."""
        return [each.role for each in self.functions if self.paystack.arn in each.resources]

    def _look_after_orders(
        self,
        data: DataStack,
        resources: Resources,
        workflow: sfn.StateMachine,
        parked_orders: ParkedOrders,
    ) -> None:
        """Recovery from failures of providers, workers and our own code."""
        self.dead_letters = DeadLetters(self, "DeadLetters", resources.foundation).queue
        kept = KeptLetters(self, "KeptLetters", resources.foundation)
        self.kept_letters, self.seen_letters = kept.queue, kept.seen
        letters = recovery_functions.handle_dead_letters(
            self, resources, parked_orders.queue, self.kept_letters
        )
        for queue in (self.dead_letters, parked_orders.dead_letters):
            event_sources.read_queue(letters, queue)
        recover = recovery_functions.recover_orders(self, resources, workflow, parked_orders.queue)
        event_sources.read_queue(recover, parked_orders.queue)
        event_sources.read_stream(recover, data.breakers, self.dead_letters)

        emails = recovery_functions.send_status_emails(self, resources)
        changes = emailed_changes(own_receipts=resources.foundation.settings.own_receipts)
        event_sources.read_stream(emails, data.orders, self.dead_letters, *changes)

        event_sources.on_email_feedback(
            recovery_functions.record_email_feedback(self, resources),
            resources.emails.feedback,
            self.dead_letters,
        )

        failures = recovery_functions.record_failures(self, resources, workflow)
        event_sources.on_execution_end(self, failures, workflow, self.dead_letters)

        reconcile = recovery_functions.reconcile_orders(
            self, resources, workflow, parked_orders.queue
        )
        pause = resources.foundation.settings.durations.reconciliation
        event_sources.every(
            self, "Reconciliation", reconcile, cdk.Duration.seconds(pause), self.dead_letters
        )

    def _operations_topic(self, foundation: Foundation) -> sns.Topic:
        topic = encrypted_topic(
            self,
            "Operations",
            foundation,
            name="operations",
            display_name="Grocery orders that need a human",
        )
        # A topic's policy replaces the default one, which lets the account's alarms publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        return topic


def _reachable(url: lambda_.FunctionUrl, settings: Settings) -> str:
    """The function URL; on the local stage, the address at which the emulator serves it."""
    if settings.emulator is None:
        return url.url
    host = cdk.Fn.select(2, cdk.Fn.split("/", url.url))
    url_id = cdk.Fn.select(0, cdk.Fn.split(".", host))
    return f"{local_address(LocalAddress.AWS)}/_aws/lambda-url/{url_id}/"
