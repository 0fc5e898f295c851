"""A web ACL: its rules, what it protects, and its log."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from cdk.constructs.foundation import Foundation
from cdk.constructs.guard.rules import Addresses, Match, Rules
from cdk.constructs.guard.statements import Statement
from cdk.constructs.telemetry.logs import arn_of_groups, log_group
from cdk.guard_settings import GuardRule, GuardSettings, Networks

_ACL = waf.CfnWebACL

REDACTED_HEADERS = ("authorization", "sec-websocket-protocol", "x-amz-security-token")
"""Headers with tokens: of customers, of subscribers, and of our own roles."""


def addresses(scope: Construct, prefix: str, settings: GuardSettings) -> Addresses:
    """The sets of the stage's denied and allowed networks."""
    return Addresses(
        denied=_ip_sets(scope, f"{prefix}-denied", "Denied", settings.denied_addresses),
        allowed=_ip_sets(scope, f"{prefix}-allowed", "Allowed", settings.allowed_addresses),
    )


def _ip_sets(
    scope: Construct, name: str, construct_id: str, networks: Networks
) -> Sequence[waf.CfnIPSet]:
    """One set for each version of IP, as WAF asks for; it may be empty."""
    return [
        waf.CfnIPSet(
            scope,
            f"{construct_id}{version}",
            name=f"{name}-{version.lower()}",
            scope="REGIONAL",
            ip_address_version=version,
            addresses=[str(each) for each in networks if isinstance(each, kind)],
        )
        for version, kind in (("IPV4", IPv4Network), ("IPV6", IPv6Network))
    ]


class WebAcl(Construct):
    """A web ACL that lets through what none of its rules stops.

    WAF keeps no samples of requests: its samples would show tokens, and its log has every request
    without them.

    Attributes:
        acl: the web ACL.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        foundation: Foundation,
        *,
        name: str,
        rules: Rules,
        protects: str,
    ) -> None:
        """``protects``: the ARN of an AppSync API or a user pool; a resource has one web ACL."""
        super().__init__(scope, construct_id)
        settings = foundation.settings
        full_name = f"{settings.prefix}-{name}"
        self.acl = _ACL(
            self,
            "Acl",
            name=full_name,
            scope="REGIONAL",
            default_action=_ACL.DefaultActionProperty(allow={}),
            rules=[
                _rule(priority, *rule, counts=rule[0] in settings.guard.counting)
                for priority, rule in enumerate(rules)
            ],
            visibility_config=_visibility(full_name),
        )
        waf.CfnWebACLAssociation(
            self, "Association", resource_arn=protects, web_acl_arn=self.acl.attr_arn
        )
        # WAF accepts log groups of this name alone.
        self._log(log_group(self, "Log", foundation, f"aws-waf-logs-{full_name}"))

    def _log(self, group: logs.LogGroup) -> None:
        stack = cdk.Stack.of(self)
        policy = logs.ResourcePolicy(
            self,
            "LogPolicy",
            resource_policy_name=f"{group.node.path.replace('/', '-')}-delivery",
            policy_statements=[
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[group.log_group_arn],
                    conditions={
                        "StringEquals": {"aws:SourceAccount": stack.account},
                        "ArnLike": {
                            "aws:SourceArn": stack.format_arn(
                                service="logs",
                                resource="*",
                                arn_format=cdk.ArnFormat.NO_RESOURCE_NAME,
                            )
                        },
                    },
                )
            ],
        )
        headers: list[Any] = [{"singleHeader": {"Name": each}} for each in REDACTED_HEADERS]
        logging = waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.acl.attr_arn,
            # CloudFormation's ``Arn`` of a log group ends in ``:*``, which WAF does not take.
            log_destination_configs=[arn_of_groups(self, group.log_group_name)],
            # A subscriber's token may stand in the query.
            redacted_fields=[*headers, {"queryString": {}}],
        )
        logging.node.add_dependency(policy)


def _rule(
    priority: int, name: GuardRule, statement: Statement, match: Match, *, counts: bool
) -> waf.CfnWebACL.RuleProperty:
    return _ACL.RuleProperty(
        name=name,
        priority=priority,
        statement=statement,
        visibility_config=_visibility(name),
        **_action(match, counts=counts),
    )


def _action(match: Match, *, counts: bool) -> dict[str, Any]:
    if match is Match.GROUP:
        override = "count" if counts else "none"
        return {"override_action": _ACL.OverrideActionProperty(**{override: {}})}
    if match is Match.ALLOW:
        return {"action": _ACL.RuleActionProperty(allow={})}
    return {"action": _ACL.RuleActionProperty(**{"count" if counts else "block": {}})}


def _visibility(metric: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return _ACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )
