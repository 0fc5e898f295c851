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
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.alarm_names import (
    MOST_METRICS,
    RELEASE_EXECUTIONS,
    RELEASE_FUNCTIONS,
    release_alarm_names,
)
from cdk.constructs.alarms.alarm import AlarmProps, OperationsAlarm, counted
from cdk.constructs.functions.function import OrdersFunction
from cdk.constructs.nag import acknowledge
from cdk.definition import LIVE
from cdk.settings import Settings

"""The alias of the state machine that executions are started with."""

CANARY_PERCENT: Final = 10
"""What the new version gets first, as long as the alarms are quiet."""

_PERIOD: Final = cdk.Duration.minutes(1)
_RUNBOOK: Final = "roll-back.md"


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
                alarms=release_alarm_names(settings),
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
    """The alarms that stop a deployment, and the functions' aliases that they turn back.

    They do not page: what they look at, the alarms of failed executions and functions page, too.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        *,
        machine: sfn.StateMachine,
        functions: Sequence[OrdersFunction],
    ) -> None:
        super().__init__(scope, construct_id)
        self._alarm(
            settings,
            RELEASE_EXECUTIONS,
            counted(
                "AWS/States",
                "ExecutionsFailed",
                _PERIOD,
                StateMachineArn=machine.state_machine_arn,
            ),
            "Executions fail.",
        )
        if settings.emulator:  # which has neither math of metrics nor CodeDeploy
            return
        for start in range(0, len(functions), MOST_METRICS):
            errors = _errors(functions[start : start + MOST_METRICS])
            name = f"{RELEASE_FUNCTIONS}-{start // MOST_METRICS + 1}"
            # FILL fills the latest minute, too, as long as its values have not come.
            self._alarm(settings, name, errors, "Functions fail.", minutes=2)
        self._shift_functions(settings, functions, release_alarm_names(settings))

    def _alarm(
        self,
        settings: Settings,
        name: str,
        metric: cloudwatch.IMetric,
        what: str,
        *,
        minutes: int = 1,
    ) -> None:
        """One that begins with one error in so many minutes."""
        props = AlarmProps(name, metric, what, _RUNBOOK, periods=minutes, reached_in=1)
        OperationsAlarm(self, settings, props)

    def _shift_functions(
        self, settings: Settings, functions: Sequence[OrdersFunction], alarms: Sequence[str]
    ) -> None:
        application = codedeploy.CfnApplication(
            self, "Application", application_name=settings.prefix, compute_platform="Lambda"
        )
        role = self._role(settings, functions)
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

    def _role(self, settings: Settings, functions: Sequence[OrdersFunction]) -> iam.Role:
        """What CodeDeploy needs to shift these aliases, which is less than AWS's own policy."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"))
        names = [function.function.function_name for function in functions]
        functions_of = (
            f"arn:{cdk.Aws.PARTITION}:lambda:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:function"
        )
        any_alias = f"{settings.prefix}-*:{LIVE}"
        for actions, resources in (
            (
                ["lambda:GetAlias", "lambda:UpdateAlias"],
                [f"{functions_of}:{name}" for name in names],
            ),
            (["lambda:GetProvisionedConcurrencyConfig"], [f"{functions_of}:{any_alias}"]),
            (["cloudwatch:DescribeAlarms"], ["*"]),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::*]": "DescribeAlarms has no resources to name.",
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:"
                f"<AWS::AccountId>:function:{any_alias}]": "It reads the stage's aliases alone.",
            },
        )
        return role


def _errors(functions: Sequence[OrdersFunction]) -> cloudwatch.MathExpression:
    """The errors of some functions together, in a minute.

    A function that is not called has no values, which count as none here: a sum with a missing
    value has no value.
    """
    metrics = {
        f"errors{number}": counted(
            "AWS/Lambda", "Errors", _PERIOD, FunctionName=function.function.function_name
        )
        for number, function in enumerate(functions)
    }
    return cloudwatch.MathExpression(
        expression=" + ".join(f"FILL({name}, 0)" for name in metrics),
        using_metrics=metrics,
        period=_PERIOD,
    )
