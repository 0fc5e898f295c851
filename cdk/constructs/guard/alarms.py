"""Alarms about what the web ACLs, the webhook and the return from PayStack's checkout refuse.

They name metrics, not resources, and so belong to the stack with the topic: the emulator has
alarms, and no web ACL.
"""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk.constructs.alarms.alarm import (
    PERIOD,
    AlarmProps,
    OperationsAlarm,
    counted,
    function_metric,
)
from cdk.constructs.alarms.incident import Incident
from cdk.constructs.functions.function import OrdersFunction
from cdk.guard_settings import API_ACL, SIGN_IN_ACL, GuardRule
from cdk.settings import Settings

_RUNBOOK = "waf.md"

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


LIMITED_RETURNS = 20
"""Returns in five minutes beyond their address's limit: a customer comes back once or twice."""


class GuardAlarms(Construct):
    """Alarms for each rule that may block, a jump of the rate rule, and the public functions."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        webhook: OrdersFunction,
        returns: OrdersFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._prefix = settings.prefix
        for acl, rules in _RULES.items():
            for rule in rules:
                self._alarm(
                    f"{acl.title().replace('-', '')}{rule}",
                    self._blocked(acl, rule),
                    BLOCKED,
                    f"The rule {rule} of the web ACL {self._prefix}-{acl} blocks requests.",
                )
        if settings.emulator is None:  # which has no math of metrics
            self._on_jump()
        self._on_webhook(webhook)
        self._on_returns(returns)

    def _on_jump(self) -> None:
        jump = cloudwatch.MathExpression(
            expression="DIFF(FILL(blocked, 0))",
            using_metrics={"blocked": self._blocked(API_ACL, GuardRule.RATE)},
            period=PERIOD,
        )
        OperationsAlarm(
            self,
            self._settings,
            AlarmProps(
                "RateJump",
                jump,
                "The rate rule blocks many more requests than before.",
                _RUNBOOK,
                incident=Incident.ATTACK,
                threshold=JUMP,
                # FILL fills the latest period, too, as long as its value has not come.
                periods=2,
                reached_in=1,
            ),
        )

    def _on_webhook(self, webhook: OrdersFunction) -> None:
        name = webhook.deployed_name
        refused = counted("AWS/Lambda", "Url4xxCount", FunctionName=name)
        self._alarm(
            "WebhookRefusals", refused, WEBHOOK_REFUSALS, "The webhook refuses many requests."
        )
        self._on_throttles("WebhookThrottles", webhook, "The webhook")

    def _on_returns(self, returns: OrdersFunction) -> None:
        self._alarm(
            "LimitedReturns",
            function_metric("ReturnsLimited", "payment_return"),
            LIMITED_RETURNS,
            "An address comes back from PayStack's checkout too often.",
        )
        self._on_throttles("ReturnThrottles", returns, "The return from PayStack's checkout")

    def _on_throttles(self, name: str, function: OrdersFunction, what: str) -> None:
        throttled = counted("AWS/Lambda", "Throttles", FunctionName=function.deployed_name)
        self._alarm(name, throttled, 1, f"{what} has used up its reserved concurrency.")

    def _blocked(self, acl: str, rule: GuardRule) -> cloudwatch.Metric:
        return counted(
            "AWS/WAFV2",
            "BlockedRequests",
            WebACL=f"{self._prefix}-{acl}",
            Rule=rule,
            Region=self._settings.region,
        )

    def _alarm(self, name: str, metric: cloudwatch.IMetric, threshold: int, what: str) -> None:
        OperationsAlarm(
            self,
            self._settings,
            AlarmProps(name, metric, what, _RUNBOOK, incident=Incident.ATTACK, threshold=threshold),
        )
