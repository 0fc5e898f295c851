"""Alarms about attacks on the API and on the webhook."""

from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.constructs.alarms.alarm import AlarmProps, OperationsAlarm, counted, function_metric
from cdk.constructs.alarms.incident import Incident
from cdk.settings import Settings

RUNBOOK = "security-alarms.md"


class SecurityAlarms(Construct):
    """Alarms about attacks on the API and on the webhook.

    Those of the audit are in :class:`~cdk.constructs.security.audit.Audit`, those of the account in
    :class:`~cdk.stacks.trail.TrailStack`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        operations: sns.ITopic,
        api: appsync.GraphqlApi,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        refused = counted("AWS/AppSync", "4XXError", GraphQLAPIId=api.api_id)
        self._alarm("RefusedTokens", refused, "Many requests to the API were refused.", 50)
        forged = function_metric("WebhooksForged", "payment_webhook")
        self._alarm("ForgedWebhooks", forged, "Webhooks came without PayStack's signature.", 5)
        probing = function_metric("CustomersProbing", "api")
        self._alarm("ProbingCustomers", probing, "A customer asks for orders of others.", 1)
        # An incident of its own: our key may have leaked.
        OperationsAlarm(
            self,
            settings,
            AlarmProps(
                "DeniedPayments",
                function_metric("PaymentsDenied", "verify_payment"),
                "PayStack denies a payment that was reported.",
                RUNBOOK,
                pages=operations,
            ),
        )

    def _alarm(self, name: str, metric: cloudwatch.Metric, what: str, threshold: float) -> None:
        OperationsAlarm(
            self,
            self._settings,
            AlarmProps(name, metric, what, RUNBOOK, incident=Incident.ATTACK, threshold=threshold),
        )
