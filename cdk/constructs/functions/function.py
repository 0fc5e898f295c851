"""A Lambda function as this project deploys all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk.alarm_names import METRICS_NAMESPACE
from cdk.constructs.foundation import Foundation
from cdk.constructs.functions.capability import Capability
from cdk.constructs.functions.local_addresses import local_address
from cdk.constructs.nag import acknowledge
from cdk.constructs.telemetry.logs import log_group
from cdk.local_stage import LocalAddress
from cdk.settings import Settings

_LOG_LEVELS = {
    "DEBUG": lambda_.ApplicationLogLevel.DEBUG,
    "INFO": lambda_.ApplicationLogLevel.INFO,
    "WARNING": lambda_.ApplicationLogLevel.WARN,
}


@dataclass(frozen=True)
class FunctionProps:
    """One function.

    Attributes:
        name: the folder below ``functions/``; also the service name in logs, metrics and traces.
        environment: settings, beyond what every function gets (STAGE, POWERTOOLS_*).
        capabilities: what it may use; their variables are added to the environment.
        reserved_concurrency: calls at once, kept for this function out of the account's, and its
            most; None shares the account's with all others.
        may_trigger_itself: Lambda does not stop the function after 16 calls in one chain.
    """

    name: str
    description: str
    timeout_seconds: int
    environment: Mapping[str, str] = field(default_factory=dict)
    capabilities: Sequence[Capability] = ()
    memory_mb: int = 512
    reserved_concurrency: int | None = None
    may_trigger_itself: bool = False


class OrdersFunction(Construct):
    """A function with its log group, its own role, a published version and the alias ``live``.

    Its role may write its log and its traces, and what its capabilities and event sources need.

    Attributes:
        deployed_name: its name on AWS.
        function: the function itself; callers use a version or the alias instead.
        role: its own role.
        log: its log group.
        resources: the ARNs that its capabilities name.
        key_services: the services that use the stage's key for it (``dynamodb`` ...).
        version: the version that this deployment publishes; a state machine pins it.
        live: the alias of the newest version.
        folder: its folder below ``functions/``.
        deployed_name: its name on AWS.
        timeout_seconds: its timeout.
    """

    def __init__(
        self, scope: Construct, construct_id: str, foundation: Foundation, props: FunctionProps
    ) -> None:
        super().__init__(scope, construct_id)
        self._foundation = foundation
        self.deployed_name = f"{foundation.settings.prefix}-{_deployed_name(props.name)}"
        self.folder = props.name
        self.timeout_seconds = props.timeout_seconds
        self.log = log_group(self, "Log", foundation, f"{foundation.settings.path}/{props.name}")
        self.role = self._own_role(self.log)
        self.function = self._function(props, self.log)
        acknowledge(
            self.function,
            {
                "@aws-cdk/aws-lambda:snapStartRequirePublish": "The version below is published.",
                "AwsSolutions-L1": "Python 3.13 with SnapStart is chosen on purpose.",
            },
        )
        self._grant(props.capabilities)
        self.version = self.function.current_version
        self.live = lambda_.Alias(self, "Live", alias_name="live", version=self.version)

    def _grant(self, capabilities: Sequence[Capability]) -> None:
        """The permissions, and the use of the key by way of the services that need it."""
        granted = [each for capability in capabilities for each in capability.permissions]
        self.resources = {arn for permission in granted for arn in permission.resources}
        for capability in capabilities:
            for permission in capability.permissions:
                self.role.add_to_policy(
                    iam.PolicyStatement(
                        actions=[*permission.actions],
                        resources=[*permission.resources],
                        conditions=permission.conditions,
                    )
                )
            if capability.accepted_findings:
                acknowledge(self, capability.accepted_findings)
        self.key_services = {service for each in capabilities for service in each.key_services}
        self.role.add_to_policy(key_use(self._foundation, *sorted(self.key_services)))

    def _function(self, props: FunctionProps, own_log: logs.ILogGroup) -> lambda_.Function:
        settings = self._foundation.settings
        return lambda_.Function(
            self,
            "Function",
            function_name=self.deployed_name,
            description=props.description,
            code=self._foundation.code_for(props.name),
            handler=f"{props.name}.handler.lambda_handler",
            timeout=cdk.Duration.seconds(props.timeout_seconds),
            memory_size=props.memory_mb,
            reserved_concurrent_executions=props.reserved_concurrency,
            environment=_environment(settings, props),
            role=self.role,
            log_group=own_log,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=_LOG_LEVELS[settings.log_level],
            recursive_loop=lambda_.RecursiveLoop.ALLOW if props.may_trigger_itself else None,
            tracing=lambda_.Tracing.ACTIVE,
            # Orders in flight continue with the version that they started with.
            current_version_options=lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN),
            **_runtime(settings),
        )

    def _own_role(self, own_log: logs.ILogGroup) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[own_log.log_group_arn],
            )
        )
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::*]": "X-Ray has no resources to name: its two write "
                "actions can be granted on all of them only.",
            },
        )
        return role


#: Folders with a newer name than the function on AWS. Another name there would replace the function
#: and delete the versions that executions in flight call.
_DEPLOYED_NAMES = {"send_payment_link": "notify_customer"}


def _deployed_name(folder: str) -> str:
    return _DEPLOYED_NAMES.get(folder, folder).replace("_", "-")


def _runtime(settings: Settings) -> dict[str, Any]:
    if settings.emulator:
        # The local machine runs the function with the bootstrap file of its package.
        return {"runtime": lambda_.Runtime.PROVIDED_AL2023}
    return {
        "runtime": lambda_.Runtime.PYTHON_3_13,
        "architecture": lambda_.Architecture.ARM_64,
        "snap_start": lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS,
    }


def key_use(foundation: Foundation, *services: str) -> iam.PolicyStatement:
    """Permission to encrypt and decrypt with the key by way of ``services`` (``dynamodb`` ...)."""
    region = foundation.settings.region
    return iam.PolicyStatement(
        actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        resources=[foundation.key.key_arn],
        conditions={
            "StringEquals": {
                "kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in services]
            }
        },
    )


def _environment(settings: Settings, props: FunctionProps) -> dict[str, str]:
    environment = {**_common_environment(settings, props.name), **props.environment}
    for capability in props.capabilities:
        environment |= capability.environment
    return environment


def _common_environment(settings: Settings, name: str) -> dict[str, str]:
    common = {
        "STAGE": settings.stage.value,
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": settings.log_level,
    }
    if settings.emulator is None:
        return common
    return common | {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": local_address(LocalAddress.BEDROCK),
        "AWS_ENDPOINT_URL_DYNAMODB": local_address(LocalAddress.DYNAMODB),
        "ORDERS_LOCAL_PYTHON": str(settings.emulator.python),
        "ORDERS_LOCAL_RUNTIME_DIR": str(settings.emulator.runtime_dir),
    }
