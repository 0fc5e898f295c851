"""The audit: from the functions' logs into a log of its own, and from there into the archive.

Subscriptions deliver the audit lines of every function's log to ``collect_audit``, and the lines of
the audit log to the same function, which archives those.
"""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct, IConstruct

from cdk.constructs import event_sources
from cdk.constructs.alarms.alarm import AlarmProps, OperationsAlarm, counted, function_metric
from cdk.constructs.alarms.incident import Incident
from cdk.constructs.foundation import Foundation
from cdk.constructs.functions.capability import Capability, Permission
from cdk.constructs.functions.function import FunctionProps, OrdersFunction
from cdk.constructs.functions.resources import DEAD_LETTERS, Resources
from cdk.constructs.security.alarms import RUNBOOK
from cdk.constructs.telemetry.logs import arn_of_groups
from cdk.settings import Settings
from orderflow.platform.audit import MESSAGE

AUDIT_LINES = f'{{ $.message = "{MESSAGE}" }}'
"""Matches the audit lines in a function's log."""

EVERY_LINE = ""


class Audit(Construct):
    """What fills the audit log and archives it, and the alarms of an incomplete audit."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        resources: Resources,
        *,
        log: logs.ILogGroup,
        functions: Sequence[OrdersFunction],
        archive: s3.IBucket,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._log = log
        foundation = resources.foundation
        collector = self._collector(foundation, archive)
        event_sources.keep_failures(collector, dead_letters)
        allowed = self._let_logs_invoke(collector, foundation)
        for function in functions:
            self._subscribe(function.node.id, function.log, collector, AUDIT_LINES, allowed)
        self._subscribe("Archive", self._log, collector, EVERY_LINE, allowed)
        self._alarms(foundation.settings, collector)

    def _collector(self, foundation: Foundation, archive: s3.IBucket) -> OrdersFunction:
        objects = archive.arn_for_objects("audit/*")
        return OrdersFunction(
            self,
            "Collect",
            foundation,
            FunctionProps(
                name="collect_audit",
                description="Collects the functions' audit lines and archives them",
                timeout_seconds=30,
                capabilities=[
                    Capability(
                        {"AUDIT_LOG_GROUP": self._log.log_group_name},
                        [
                            Permission(
                                ["logs:CreateLogStream", "logs:PutLogEvents"],
                                [self._streams(foundation)],
                            )
                        ],
                    ),
                    Capability(
                        {"AUDIT_ARCHIVE": archive.bucket_name},
                        [Permission(["s3:PutObject"], [objects])],
                        ["s3"],
                        {_objects_finding(archive): "Objects are named after their content."},
                    ),
                    DEAD_LETTERS,
                ],
            ),
        )

    def _streams(self, foundation: Foundation) -> str:
        """The streams of the audit log; for the emulator, which checks the group, that too."""
        if foundation.settings.emulator is None:
            return self._log.log_group_arn
        return arn_of_groups(self, f"{foundation.settings.path}/audit*")

    def _let_logs_invoke(self, collector: OrdersFunction, foundation: Foundation) -> IConstruct:
        """One permission for all logs of the stage: a function's policy has room for few."""
        collector.live.add_permission(
            "Logs",
            principal=iam.ServicePrincipal("logs.amazonaws.com"),
            source_arn=arn_of_groups(self, f"{foundation.settings.path}/*"),
            source_account=cdk.Stack.of(self).account,
        )
        return collector.live.node.find_child("Logs")

    def _subscribe(
        self,
        name: str,
        log: logs.ILogGroup,
        collector: OrdersFunction,
        pattern: str,
        allowed: IConstruct,
    ) -> None:
        subscription = logs.CfnSubscriptionFilter(
            self,
            f"{name}Lines",
            log_group_name=log.log_group_name,
            destination_arn=collector.live.function_arn,
            filter_pattern=pattern,
        )
        # CloudWatch Logs tests the destination when it is subscribed.
        subscription.node.add_dependency(allowed)

    def _alarms(self, settings: Settings, collector: OrdersFunction) -> None:
        lost = function_metric("AuditLinesLost", "collect_audit")
        self._alarm(settings, "LinesLost", lost, "Audit lines can't be read.")
        errors = counted("AWS/Lambda", "Errors", FunctionName=collector.deployed_name)
        self._alarm(settings, "CollectorFails", errors, "Audit lines are not collected.")

    def _alarm(self, settings: Settings, name: str, metric: cloudwatch.Metric, what: str) -> None:
        OperationsAlarm(
            self,
            settings,
            AlarmProps(name, metric, what, RUNBOOK, incident=Incident.AUDIT_INCOMPLETE),
        )


def _objects_finding(archive: s3.IBucket) -> str:
    """cdk-nag's name for the permission on all objects: it has the bucket's export in it."""
    stack = cdk.Stack.of(archive)
    imported = stack.resolve(stack.export_value(archive.bucket_arn))
    return f"AwsSolutions-IAM5[Resource::{imported['Fn::ImportValue']}/audit/*]"
