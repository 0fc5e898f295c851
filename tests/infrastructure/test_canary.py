"""The canary: when it runs, what it may do, and where it stops before a payment link."""

from __future__ import annotations

from cdk.canary_times import PATIENCE_SECONDS, TIMEOUT_SECONDS
from cdk.settings import Stage
from orderflow.orders.access import CANARY_GROUP
from tests.support.templates import Templates, readable


def test_it_runs_every_five_minutes_and_locally_by_command(templates: Templates) -> None:
    rule = templates.schedule_of("CanaryRun")

    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert rule["State"] == ("ENABLED" if templates.on_aws else "DISABLED")


def test_a_run_that_fails_is_not_repeated_and_becomes_no_dead_letter(templates: Templates) -> None:
    (target,) = templates.schedule_of("CanaryRun")["Targets"]
    (config,) = [
        each
        for each in templates.properties("AWS::Lambda::EventInvokeConfig")
        if readable(each["FunctionName"]) == "<CanaryRunFunction>"
    ]

    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert "DeadLetterConfig" not in target
    assert config["MaximumRetryAttempts"] == 0
    assert "DestinationConfig" not in config


def test_in_prod_alone_it_stops_before_the_link(templates: Templates) -> None:
    variables = templates.function("run_canary")["Environment"]["Variables"]

    expected = "true" if templates.stage == Stage.PROD else "false"
    assert variables["CANARY_STOPS_BEFORE_LINK"] == expected


def test_its_account_is_a_secret_of_its_own_under_the_stage_s_key(templates: Templates) -> None:
    (secret,) = [
        each
        for each in templates.properties("AWS::SecretsManager::Secret")
        if each["Name"] == f"grocery/{templates.stage}/canary"
    ]

    assert "KmsKeyId" in secret
    # A placeholder is generated; the account is never in a template.
    assert secret["GenerateSecretString"]["GenerateStringKey"] == "password"
    assert "SecretString" not in secret


def test_its_group_is_one_that_operators_grant(templates: Templates) -> None:
    groups = {
        each["GroupName"]: each
        for each in (
            resource["Properties"]
            for resource in templates.data["Resources"].values()
            if resource["Type"] == "AWS::Cognito::UserPoolGroup"
        )
    }

    assert groups.keys() == {"ops", CANARY_GROUP}
    # A role would give its members AWS credentials.
    assert "RoleArn" not in groups[CANARY_GROUP]


def test_both_waits_fit_into_the_function_s_time() -> None:
    assert 2 * PATIENCE_SECONDS + 30 <= TIMEOUT_SECONDS


def test_its_second_factor_is_asked_for_as_of_any_customer(templates: Templates) -> None:
    """No flow, client or pool of its own that would do without."""
    clients = [
        each["Properties"]
        for each in templates.data["Resources"].values()
        if each["Type"] == "AWS::Cognito::UserPoolClient"
    ]
    (pool,) = [
        each["Properties"]
        for each in templates.data["Resources"].values()
        if each["Type"] == "AWS::Cognito::UserPool"
    ]

    assert [each["ExplicitAuthFlows"] for each in clients] == [["ALLOW_USER_SRP_AUTH"]]
    assert pool["MfaConfiguration"] == "ON"
