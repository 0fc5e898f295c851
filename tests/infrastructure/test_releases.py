"""New versions get their share step by step, and alarms turn them back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.templates import Synthesize, Templates, readable

ON_AWS = ["dev", "staging", "prod"]
MINUTES = {"local": 5, "dev": 5, "staging": 5, "prod": 15}


def alias(templates: Templates) -> dict[str, Any]:
    return templates.only("AWS::StepFunctions::StateMachineAlias")


def stopping_alarms(templates: Templates) -> list[str]:
    names: list[str] = alias(templates)["DeploymentPreference"]["Alarms"]
    return names


def test_new_orders_come_to_a_new_version_by_a_canary(templates: Templates) -> None:
    preference = alias(templates)["DeploymentPreference"]

    assert alias(templates)["Name"] == "live"
    assert (preference["Type"], preference["Percentage"]) == ("CANARY", 10)
    assert preference["Interval"] == MINUTES[templates.stage]
    ((version, resource),) = templates.resources("AWS::StepFunctions::StateMachineVersion").items()
    assert preference["StateMachineVersionArn"] == {"Fn::GetAtt": [version, "Arn"]}
    # Without the revision, CloudFormation would publish the first version alone.
    assert "StateMachineRevisionId" in json.dumps(resource["Properties"])


def test_versions_of_executions_in_flight_stay(templates: Templates) -> None:
    (version,) = templates.resources("AWS::StepFunctions::StateMachineVersion").values()

    assert version["UpdateReplacePolicy"] == version["DeletionPolicy"] == "Retain"


def test_every_alarm_that_stops_a_deployment_exists_and_looks_at_each_minute(
    templates: Templates,
) -> None:
    alarms = {
        each.get("AlarmName"): each for each in templates.properties("AWS::CloudWatch::Alarm")
    }

    assert set(stopping_alarms(templates)) <= set(alarms)
    failed = alarms[stopping_alarms(templates)[0]]
    assert (failed["Namespace"], failed["MetricName"]) == ("AWS/States", "ExecutionsFailed")
    assert readable(failed["Dimensions"][0]["Value"]) == "<WorkflowStateMachine>"
    for name in stopping_alarms(templates):
        metrics = alarms[name].get("Metrics", [{"MetricStat": alarms[name]}])
        assert {each["MetricStat"]["Period"] for each in metrics if "MetricStat" in each} == {60}


@pytest.mark.parametrize("stage", ON_AWS)
def test_errors_of_every_function_stop_a_deployment(synthesize: Synthesize, stage: str) -> None:
    templates = synthesize(stage)
    names = stopping_alarms(templates)
    watched = [
        readable(metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"])
        for each in templates.properties("AWS::CloudWatch::Alarm")
        if each.get("AlarmName") in names
        for metric in each.get("Metrics", [])
        if "MetricStat" in metric
    ]

    functions = templates.resources("AWS::Lambda::Function")
    assert sorted(watched) == sorted(readable({"Ref": name}) for name in functions)


@pytest.mark.parametrize("stage", ON_AWS)
def test_every_function_is_shifted_and_turned_back_like_the_state_machine(
    synthesize: Synthesize, stage: str
) -> None:
    templates = synthesize(stage)
    groups = templates.resources("AWS::CodeDeploy::DeploymentGroup")
    used = [
        each["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]
        for each in templates.resources("AWS::Lambda::Alias").values()
    ]

    assert sorted(used) == sorted(groups)
    for group in groups.values():
        properties = group["Properties"]
        minutes = MINUTES[stage]
        assert properties["DeploymentConfigName"] == (
            f"CodeDeployDefault.LambdaCanary10Percent{minutes}Minutes"
        )
        alarms = properties["AlarmConfiguration"]
        assert alarms["Enabled"]
        assert [each["Name"] for each in alarms["Alarms"]] == stopping_alarms(templates)
        assert set(properties["AutoRollbackConfiguration"]["Events"]) == {
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
        }


def test_executions_are_started_with_the_alias_alone(templates: Templates) -> None:
    for function in templates.properties("AWS::Lambda::Function"):
        arn = function["Environment"]["Variables"].get("STATE_MACHINE_ARN")
        assert arn is None or readable(arn) == "<WorkflowStateMachine>:live"
