"""Alarms about what the web ACLs and the webhook refuse.

They name metrics, not resources, and so belong to the stack with the topic: the emulator has
alarms, and no web ACL.
"""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.constructs.foundation import Foundation
from cdk.constructs.functions.function import OrdersFunction
from cdk.guard_settings import API_ACL, SIGN_IN_ACL, GuardRule

_PERIOD = cdk.Duration.minutes(5)
_RUNBOOK = "See the runbook waf.md."

_SHARED = (GuardRule.DENIED_ADDRESSES, GuardRule.AWS_IP_REPUTATION)
_RULES = {
    SIGN_IN_ACL: (*_SHARED, GuardRule.SIGN_IN_RATE),
    API_ACL: tuple(
        rule
        for rule in GuardRule
        if rule not in {GuardRule.ALLOWED_ADDRESSES, GuardRule.SIGN_IN_RATE}
    ),
}

BLOCKED = 10
"""Blocked requests of one rule in five minutes that operations hear of. A customer who mistypes
makes none: the page and the command line keep to the limits."""

JUMP = 500
"""More blocked requests of the rate rule than in the five minutes before: a flood begins, or a rule
meets many customers behind one address."""

WEBHOOK_REFUSALS = 5
"""Answers 4xx of the webhook in five minutes: forged, oversized, or from elsewhere. PayStack's own
requests make none."""


class GuardAlarms(Construct):
    """An alarm for each rule that may block, for a jump of the rate rule, and for the webhook."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        foundation: Foundation,
        operations: sns.ITopic,
        webhook: OrdersFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix = foundation.settings.prefix
        self._region = foundation.settings.region
        self._action = actions.SnsAction(operations)
        for acl, rules in _RULES.items():
            for rule in rules:
                self._alarm(
                    f"{acl.title().replace('-', '')}{rule}",
                    self._blocked(acl, rule),
                    BLOCKED,
                    f"The rule {rule} of the web ACL {self._prefix}-{acl} blocks requests.",
                )
        if foundation.settings.emulator is None:  # which has no math of metrics
            self._on_jump()
        self._on_webhook(webhook)

    def _on_jump(self) -> None:
        jump = cloudwatch.MathExpression(
            expression="DIFF(FILL(blocked, 0))",
            using_metrics={"blocked": self._blocked(API_ACL, GuardRule.RATE)},
            period=_PERIOD,
        )
        self._alarm("RateJump", jump, JUMP, "The rate rule blocks many more requests than before.")

    def _on_webhook(self, webhook: OrdersFunction) -> None:
        name = {"FunctionName": webhook.function.function_name}
        refused = _lambda_metric("Url4xxCount", name)
        self._alarm(
            "WebhookRefusals", refused, WEBHOOK_REFUSALS, "The webhook refuses many requests."
        )
        throttled = _lambda_metric("Throttles", name)
        self._alarm(
            "WebhookThrottles", throttled, 1, "The webhook has used up its reserved concurrency."
        )

    def _blocked(self, acl: str, rule: GuardRule) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/WAFV2",
            metric_name="BlockedRequests",
            dimensions_map={
                "WebACL": f"{self._prefix}-{acl}",
                "Rule": rule,
                "Region": self._region,
            },
            statistic="Sum",
            period=_PERIOD,
        )

    def _alarm(
        self, construct_id: str, metric: cloudwatch.IMetric, threshold: int, what: str
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_description=f"{what} {_RUNBOOK}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)


def _lambda_metric(name: str, dimensions: dict[str, str]) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name=name,
        dimensions_map=dimensions,
        statistic="Sum",
        period=_PERIOD,
    )
