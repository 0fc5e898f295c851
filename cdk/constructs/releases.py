"""Deployments that shift step by step, and go back when an alarm rings.

Executions run the version of the state machine that they started with, to their end; a version pins
the versions of the functions that it calls. The alias ``live`` leads new executions to a version;
each function's alias ``live`` does the same for its callers.
"""

from collections.abc import Sequence
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.constructs.functions.bundling import ROOT
from cdk.constructs.functions.function import OrdersFunction
from cdk.constructs.nag import acknowledge
from cdk.constructs.security.alarms import alarm, counted
from cdk.settings import Settings

LIVE: Final = "live"
"""The alias of the state machine that executions are started with."""

CANARY_PERCENT: Final = 10
"""What the new version gets first, as long as the alarms are quiet."""

#: An alarm takes no more metrics.
_MOST_METRICS: Final = 10
_PERIOD: Final = cdk.Duration.minutes(1)
_RUNBOOK: Final = "See the runbook roll-back.md."


def alarm_names(settings: Settings) -> list[str]:
    """The names of the alarms that stop a deployment.

    By name, because the alarms are about functions that start executions with the alias. An alarm
    that does not exist yet, in the first deployment, counts as quiet.
    """
    functions = sum(1 for _ in ROOT.glob("functions/*/handler.py"))
    groups = 0 if settings.emulator else -(-functions // _MOST_METRICS)
    return [
        f"{settings.prefix}-release-executions-failed",
        *(f"{settings.prefix}-release-function-errors-{number + 1}" for number in range(groups)),
    ]


class LiveAlias(Construct):
    """A published version of the state machine, and the alias that is shifted to it.

    Attributes:
        version: changes with each deployment that changes the state machine; earlier ones stay.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        machine: sfn.StateMachine,
    ) -> None:
        super().__init__(scope, construct_id)
        self.version = sfn.CfnStateMachineVersion(
            self,
            "Version",
            state_machine_arn=machine.state_machine_arn,
            state_machine_revision_id=machine.state_machine_revision_id,
        )
        self.version.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        sfn.CfnStateMachineAlias(
            self,
            "Alias",
            name=LIVE,
            description="What new orders run.",
            deployment_preference=sfn.CfnStateMachineAlias.DeploymentPreferenceProperty(
                state_machine_version_arn=self.version.attr_arn,
                type="CANARY",
                percentage=CANARY_PERCENT,
                interval=settings.canary_minutes,
                alarms=alarm_names(settings),
            ),
        )


class ReleaseRecord(Construct):
    """A parameter that says which versions belong together; its history is that of the releases.

    Attributes:
        parameter: holds JSON: ``release``, ``stateMachine`` (the version's ARN) and ``functions``
            (versions by the functions' names).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        version: sfn.CfnStateMachineVersion,
        functions: Sequence[OrdersFunction],
    ) -> None:
        super().__init__(scope, construct_id)
        versions = {each.deployed_name: each.version.version for each in functions}
        self.parameter = ssm.StringParameter(
            self,
            "Parameter",
            parameter_name=f"{settings.path}/release",
            description="What is deployed; `orders deploy` reads it.",
            string_value=cdk.Stack.of(self).to_json_string(
                {
                    "release": settings.release,
                    "stateMachine": version.attr_arn,
                    "functions": versions,
                }
            ),
        )


class ReleaseAlarms(Construct):
    """The alarms that stop a deployment, and the functions' aliases that they turn back."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        *,
        machine: sfn.StateMachine,
        functions: Sequence[OrdersFunction],
        operations: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self._operations = operations
        names = alarm_names(settings)
        self._alarm(
            "ExecutionsFailed",
            names[0],
            cloudwatch.Metric(
                namespace="AWS/States",
                metric_name="ExecutionsFailed",
                dimensions_map={"StateMachineArn": machine.state_machine_arn},
                statistic="Sum",
                period=_PERIOD,
            ),
            "Executions fail.",
        )
        if settings.emulator:  # which has neither math of metrics nor CodeDeploy
            return
        for number, name in enumerate(names[1:]):
            group = functions[number * _MOST_METRICS : (number + 1) * _MOST_METRICS]
            self._alarm(f"FunctionErrors{number + 1}", name, _errors(group), "Functions fail.")
        self._shift_functions(settings, functions, names)

    def _alarm(self, construct_id: str, name: str, metric: cloudwatch.IMetric, what: str) -> None:
        made = alarm(self, construct_id, self._operations, metric, f"{what} {_RUNBOOK}")
        resource: Any = made.node.default_child
        resource.alarm_name = name

    def _shift_functions(
        self, settings: Settings, functions: Sequence[OrdersFunction], alarms: Sequence[str]
    ) -> None:
        application = codedeploy.CfnApplication(
            self, "Application", application_name=settings.prefix, compute_platform="Lambda"
        )
        role = self._role(functions)
        for function in functions:
            group = codedeploy.CfnDeploymentGroup(
                self,
                function.node.id,
                application_name=application.ref,
                service_role_arn=role.role_arn,
                deployment_config_name=(
                    f"CodeDeployDefault.LambdaCanary{CANARY_PERCENT}Percent"
                    f"{settings.canary_minutes}Minutes"
                ),
                deployment_style=codedeploy.CfnDeploymentGroup.DeploymentStyleProperty(
                    deployment_option="WITH_TRAFFIC_CONTROL", deployment_type="BLUE_GREEN"
                ),
                alarm_configuration=codedeploy.CfnDeploymentGroup.AlarmConfigurationProperty(
                    enabled=True,
                    alarms=[
                        codedeploy.CfnDeploymentGroup.AlarmProperty(name=name) for name in alarms
                    ],
                ),
                auto_rollback_configuration=(
                    codedeploy.CfnDeploymentGroup.AutoRollbackConfigurationProperty(
                        enabled=True,
                        events=["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
                    )
                ),
            )
            alias: Any = function.live.node.default_child
            alias.cfn_options.update_policy = cdk.CfnUpdatePolicy(
                code_deploy_lambda_alias_update=cdk.CfnCodeDeployLambdaAliasUpdate(
                    application_name=application.ref, deployment_group_name=group.ref
                )
            )

    def _role(self, functions: Sequence[OrdersFunction]) -> iam.Role:
        """What CodeDeploy needs to shift these aliases, which is less than AWS's own policy."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"))
        names = [function.function.function_name for function in functions]
        region, account = cdk.Aws.REGION, cdk.Aws.ACCOUNT_ID
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "lambda:GetAlias",
                    "lambda:GetProvisionedConcurrencyConfig",
                    "lambda:UpdateAlias",
                ],
                resources=[
                    f"arn:{cdk.Aws.PARTITION}:lambda:{region}:{account}:function:{name}{qualifier}"
                    for name in names
                    for qualifier in ("", f":{LIVE}")
                ],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"])
        )
        acknowledge(
            role,
            {"AwsSolutions-IAM5[Resource::*]": "DescribeAlarms has no resources to name."},
        )
        return role


def _errors(functions: Sequence[OrdersFunction]) -> cloudwatch.MathExpression:
    """The errors of some functions together, in a minute."""
    metrics = {
        f"errors{number}": counted(
            "AWS/Lambda", "Errors", FunctionName=function.function.function_name
        ).with_(period=_PERIOD)
        for number, function in enumerate(functions)
    }
    return cloudwatch.MathExpression(
        expression=" + ".join(metrics), using_metrics=metrics, period=_PERIOD
    )
