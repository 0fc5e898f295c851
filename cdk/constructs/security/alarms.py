"""Alarms for operations."""

import aws_cdk as cdk
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.constructs.functions.function import METRICS_NAMESPACE

PERIOD = cdk.Duration.minutes(5)


def alarm(
    scope: Construct,
    construct_id: str,
    operations: sns.ITopic,
    metric: cloudwatch.IMetric,
    description: str,
    *,
    threshold: float = 1,
) -> cloudwatch.Alarm:
    """An alarm to ``operations`` when the metric reaches the threshold in one of its periods."""
    made = cloudwatch.Alarm(
        scope,
        construct_id,
        alarm_description=description,
        metric=metric,
        threshold=threshold,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    made.add_alarm_action(actions.SnsAction(operations))
    return made


def counted(namespace: str, name: str, **dimensions: str) -> cloudwatch.Metric:
    """What is counted under a name with these dimensions, summed over five minutes."""
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic="Sum",
        period=PERIOD,
    )


def function_metric(name: str, function: str) -> cloudwatch.Metric:
    """What a function counts, summed over five minutes.

    Args:
        name: the metric's.
        function: the function's folder.
    """
    return counted(METRICS_NAMESPACE, name, service=function)


class SecurityAlarms(Construct):
    """Alarms about attacks on the API and on the webhook.

    Those of the audit are in :class:`~cdk.constructs.security.audit.Audit`, those of the account in
    :class:`~cdk.stacks.trail.TrailStack`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        operations: sns.ITopic,
        api: appsync.GraphqlApi,
    ) -> None:
        super().__init__(scope, construct_id)
        self._operations = operations
        refused = counted("AWS/AppSync", "4XXError", GraphQLAPIId=api.api_id)
        self._alarm("RefusedTokens", refused, "Many requests to the API were refused.", 50)
        forged = function_metric("WebhooksForged", "payment_webhook")
        self._alarm("ForgedWebhooks", forged, "Webhooks came without PayStack's signature.", 5)
        denied = function_metric("PaymentsDenied", "verify_payment")
        self._alarm("DeniedPayments", denied, "PayStack denies a payment that was reported.", 1)
        probing = function_metric("CustomersProbing", "api")
        self._alarm("ProbingCustomers", probing, "A customer asks for orders of others.", 1)

    def _alarm(self, name: str, metric: cloudwatch.Metric, what: str, threshold: float) -> None:
        text = f"{what} See the runbook security-alarms.md."
        alarm(self, name, self._operations, metric, text, threshold=threshold)
