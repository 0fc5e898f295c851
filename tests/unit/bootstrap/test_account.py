"""What the account must offer, with AWS's refusals played by stubs."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cdk.settings import Settings
from scripts.bootstrap.account import account_steps
from scripts.bootstrap.steps import State, run


def refused(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


class Aws:
    """Answers by service and operation; an exception is raised."""

    def __init__(self, **changes: Any) -> None:
        self.answers: dict[str, Any] = {
            "sts.get_caller_identity": {
                "Account": "123456789012",
                "Arn": "arn:aws:iam::1:user/ada",
            },
            "lambda.get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
            "sesv2.get_email_identity": {"VerifiedForSendingStatus": True},
            "sesv2.get_account": {"ProductionAccessEnabled": True},
            "bedrock-runtime.converse": {},
            "backup.describe_region_settings": {
                "ResourceTypeManagementPreference": {"DynamoDB": True}
            },
            "cloudformation.describe_stacks": {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]},
        } | {
            name.replace("__", ".").replace("bedrock_", "bedrock-"): v
            for name, v in changes.items()
        }
        self.bootstrapped: list[str] = []

    def client(self, service: str, _region: str | None = None) -> Any:
        answers = self.answers

        class Client:
            def __getattr__(self, operation: str) -> Any:
                def call(**_: Any) -> Any:
                    answer = answers[f"{service}.{operation}"]
                    if isinstance(answer, Exception):
                        raise answer
                    return answer

                return call

        return Client()

    def bootstrap(self, region: str) -> None:
        self.bootstrapped.append(region)
        self.answers["cloudformation.describe_stacks"] = {"Stacks": [{"StackStatus": "OK"}]}


def findings(aws: Aws, stage: str = "prod", *, plan: bool = True) -> dict[str, tuple[State, str]]:
    steps = account_steps(Settings.for_stage(stage, {}), aws.client, aws.bootstrap)
    results = run(steps, plan=plan, report=lambda _: None)
    return {each.name: (each.finding.state, each.finding.text) for each in results}


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_a_prepared_account_is_ready(stage: str) -> None:
    assert {state for state, _ in findings(Aws(), stage).values()} == {State.READY}


@pytest.mark.parametrize(
    ("answer", "step", "state", "words"),
    [
        (
            {"lambda__get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 10}}},
            "Lambda's concurrency", State.BLOCKED, "10 calls at once are allowed, 140 are needed",
        ),
        (
            {"sesv2__get_email_identity": refused("GetEmailIdentity", "NotFoundException")},
            "The domain of Cognito's e-mails", State.BLOCKED, "DKIM",
        ),
        (
            {"sesv2__get_account": {"ProductionAccessEnabled": False}},
            "The sender's sandbox", State.BY_HAND, "sandbox",
        ),
        (
            {"bedrock_runtime__converse": refused("Converse", "AccessDeniedException")},
            "The model", State.BY_HAND, "model access",
        ),
        (
            {"bedrock_runtime__converse": refused("Converse", "ThrottlingException")},
            "The model", State.REFUSED, "ThrottlingException",
        ),
        (
            {"backup__describe_region_settings": {"ResourceTypeManagementPreference": {}}},
            "Copies of backups", State.BLOCKED, "Advanced features",
        ),
        (
            {"sts__get_caller_identity": refused("GetCallerIdentity", "ExpiredToken")},
            "The account", State.REFUSED, "ExpiredToken",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_with_its_remedy(
    answer: dict[str, Any], step: str, state: State, words: str
) -> None:
    found, text = findings(Aws(**answer))[step]

    assert found is state
    assert words in text


def test_the_cdk_is_bootstrapped_once_in_each_region_of_production() -> None:
    aws = Aws(cloudformation__describe_stacks=refused("DescribeStacks", "ValidationError"))

    assert findings(aws, "dev")["The CDK in eu-west-1"][0] is State.MISSING
    assert aws.bootstrapped == []
    findings(aws, plan=False)
    findings(aws, plan=False)
    assert aws.bootstrapped == ["eu-west-1"]  # the stub knows one stack for all regions


def test_credentials_of_another_account_stop_everything() -> None:
    settings = Settings.for_stage("prod", {}).model_copy(update={"account": "999999999999"})
    aws = Aws()
    steps = account_steps(settings, aws.client, aws.bootstrap)

    (result,) = run(steps, plan=False, report=lambda _: None)

    assert result.finding.state is State.BLOCKED
    assert "999999999999" in result.finding.text
