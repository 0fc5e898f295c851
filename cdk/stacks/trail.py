"""CloudTrail: a record of who did what to the stage's account, and alarms about it.

Not on the local stage: the emulator keeps no trails. It records calls itself (``orders audit
--trail``).
"""

from dataclasses import replace
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk.alarm_names import METRICS_NAMESPACE
from cdk.constructs.alarms.alarm import AlarmProps, OperationsAlarm, counted
from cdk.constructs.foundation import removal_policy
from cdk.constructs.security.alarms import RUNBOOK
from cdk.constructs.security.archive import archive_bucket
from cdk.constructs.security.trail_filters import TrailFilter, trail_filters
from cdk.constructs.telemetry.logs import log_group, use_by_logs
from cdk.settings import Settings
from cdk.stacks.data import DataStack
from cdk.stacks.orders import OrdersStack

NAMESPACE = f"{METRICS_NAMESPACE}/Trail"


class TrailStack(cdk.Stack):
    """The trail with a key, a bucket and a log of its own, and the alarms on its events."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        data: DataStack,
        orders: OrdersStack,
        **kwargs: Any,
    ) -> None:
        settings = data.settings
        super().__init__(scope, construct_id, termination_protection=settings.retain_data, **kwargs)
        self._name = f"{settings.prefix}-trail"
        self._arn = self.format_arn(
            service="cloudtrail", resource="trail", resource_name=self._name
        )
        key = self._key(settings)
        log = log_group(self, "Log", replace(orders.foundation, key=key), f"{settings.path}/trail")
        self._trail(settings, key, log, data)
        for each in trail_filters(
            orders.paystack.name, [role.role_name for role in orders.secret_readers]
        ):
            self._alarm(each, log, orders)

    def _trail(self, settings: Settings, key: kms.Key, log: logs.LogGroup, data: DataStack) -> None:
        bucket = archive_bucket(
            self,
            "Bucket",
            settings,
            key,
            "CloudTrail signs digests of its files, so that a changed or missing one is found; "
            "an access log would need a bucket without one itself.",
        )
        # The construct's own statements let CloudTrail in for the trails of any account.
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OtherTrails",
                effect=iam.Effect.DENY,
                principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
                actions=["s3:GetBucketAcl", "s3:PutObject"],
                resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
                conditions={"StringNotEquals": {"aws:SourceArn": self._arn}},
            )
        )
        trail = cloudtrail.Trail(
            self,
            "Trail",
            trail_name=self._name,
            bucket=bucket,
            encryption_key=key,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_file_validation=True,
            send_to_cloud_watch_logs=True,
            cloud_watch_log_group=log,
        )
        resource = cast("cloudtrail.CfnTrail", trail.node.default_child)
        # Reads of secrets are management events, which the trail has all of.
        resource.event_selectors = [
            cloudtrail.CfnTrail.EventSelectorProperty(
                include_management_events=True,
                read_write_type="All",
                data_resources=[
                    _data_of("AWS::DynamoDB::Table", data.orders.table_arn),
                    _data_of("AWS::S3::Object", data.archive.arn_for_objects("")),
                ],
            )
        ]

    def _key(self, settings: Settings) -> kms.Key:
        """A key of the trail's own: the use of the stage's key does not open the trail."""
        key = kms.Key(
            self,
            "Key",
            alias=f"alias/{self._name}",
            description="Encrypts CloudTrail's files and log.",
            enable_key_rotation=True,
            removal_policy=removal_policy(settings),
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ThisTrail",
                principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
                actions=["kms:GenerateDataKey*", "kms:DescribeKey"],
                resources=["*"],  # In a key's own policy: this key.
                conditions={"StringEquals": {"aws:SourceArn": self._arn}},
            )
        )
        key.add_to_resource_policy(use_by_logs(self, "LogOfThisTrail", f"{settings.path}/trail"))
        return key

    def _alarm(self, what: TrailFilter, log: logs.LogGroup, orders: OrdersStack) -> None:
        logs.MetricFilter(
            self,
            f"{what.name}Filter",
            log_group=log,
            filter_pattern=logs.FilterPattern.literal(what.pattern),
            metric_namespace=NAMESPACE,
            metric_name=what.name,
            metric_value="1",
        )
        events = counted(NAMESPACE, what.name)
        OperationsAlarm(
            self,
            orders.foundation.settings,
            AlarmProps(what.name, events, what.description, RUNBOOK, pages=orders.operations),
        )


def _data_of(kind: str, arn: str) -> cloudtrail.CfnTrail.DataResourceProperty:
    return cloudtrail.CfnTrail.DataResourceProperty(type=kind, values=[arn])
