"""Every path of events, and every call, is allowed by the policies of role, resource and key.

The paths are found in the templates; a simulator of IAM that is not ours decides. A statement that
no call needs is found, too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from cdk.settings import Stage
from tests.support.policies.paths import PROOFS
from tests.support.policies.proof import Proof
from tests.support.templates import Synthesize, Templates

Prove = Callable[[str], Proof]


@pytest.fixture(scope="session")
def prove(synthesize: Synthesize) -> Prove:
    """The proof of a stage, once."""
    return cache(lambda stage: Proof(synthesize(stage)))


@pytest.fixture(params=[stage.value for stage in Stage])
def proof(request: pytest.FixtureRequest, prove: Prove) -> Proof:
    return prove(request.param)


def test_every_kind_of_path_has_a_proof(proof: Proof) -> None:
    assert proof.unknown_kinds == []


def test_every_call_is_allowed(proof: Proof) -> None:
    assert proof.refused == []


#: Statements that no call needs, by a part of their text, and why they stand.
ACCEPTED = {
    "Allow lambda:GetProvisionedConcurrencyConfig": (
        "CodeDeploy reads it before it shifts an alias; the simulator can't tell whether an ARN is "
        "an alias's or a version's."
    ),
    "Allow kms:CreateGrant, kms:Decrypt": (
        "The CDK adds it to a secret's key, although the account's own statement says the same."
    ),
    "trail-Key961B73FD: Allow kms:*": (
        "Staff read the trail's files by policies of their own; none of our roles does."
    ),
}


def test_every_statement_is_needed(proof: Proof) -> None:
    """Without any one statement of any policy, a call is refused, or one without TLS allowed."""
    idle = [each for each in proof.idle if not any(text in each for text in ACCEPTED)]
    assert idle == []


def test_the_accepted_statements_are_there(prove: Prove) -> None:
    idle = prove("prod").idle
    assert [sum(text in each for each in idle) for text in ACCEPTED] == [1] * len(ACCEPTED)


@pytest.mark.parametrize("stage", [stage.value for stage in Stage if stage != Stage.LOCAL])
def test_topics_queues_and_buckets_refuse_calls_without_tls_and_other_trails(
    prove: Prove, stage: str
) -> None:
    proof = prove(stage)
    assert proof.unencrypted
    assert {each.action for each in proof.of_other_trails} == {"s3:GetBucketAcl", "s3:PutObject"}
    assert proof.not_denied == []


@pytest.mark.parametrize("kind", [*PROOFS, "a function's call"])
def test_a_path_is_refused_without_its_allow(prove: Prove, kind: str) -> None:
    effects = prove("prod").effects
    served = [
        statement
        for statement, calls in effects.items()
        if statement.content["Effect"] == "Allow" and any(call.kind == kind for call in calls)
    ]
    assert served


@pytest.fixture
def changed(synthesize: Synthesize) -> Templates:
    """The templates of production, for a test to change."""
    return copy.deepcopy(synthesize("prod"))


def test_a_new_alarm_is_proved_without_an_edit_here(changed: Templates) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "new"}}
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "New"}]}}
    changed.orders["Resources"] |= {"New": topic, "NewAlarm": alarm}
    (refusal,) = Proof(changed).refused
    assert refusal.startswith("NewAlarm AlarmActions -> New: cloudwatch.amazonaws.com sns:Publish")


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": {"Arn": "$queue"}}},
        {"Type": "AWS::Pipes::Pipe", "Properties": {"Source": "$queue"}},
        {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Arn": "$queue"}]}},
        {"Type": "AWS::SNS::Subscription", "Properties": {"Endpoint": "arn:aws:sqs:a:1:other"}},
    ],
    ids=lambda resource: str(resource["Type"]),
)
def test_a_path_of_an_unknown_kind_is_reported(
    changed: Templates, resource: dict[str, Any]
) -> None:
    queue = next(name for name, each in changed.resources("AWS::SQS::Queue").items())
    changed.orders["Resources"]["New"] = _filled(resource, {"Fn::GetAtt": [queue, "Arn"]})
    (report,) = Proof(changed).unknown_kinds
    assert "No proof for this kind of path: " in report
    assert resource["Type"] in report


def _filled(value: Any, reference: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(part, reference) for name, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, reference) for part in value]
    return reference if value == "$queue" else value


def test_a_rules_key_request_without_a_source_is_refused_where_the_key_asks_for_one(
    changed: Templates,
) -> None:
    """EventBridge sends none, so that dead letters would be lost."""
    (statement,) = [
        each
        for each in changed.only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
        if each.get("Sid") == "Rules"
    ]
    statement["Condition"] = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    refused = Proof(changed).refused
    assert refused
    assert all("Targets.DeadLetterConfig.Arn" in each and "kms:" in each for each in refused)


def test_a_statement_that_nothing_needs_is_found(changed: Templates) -> None:
    (policy,) = [
        each["Properties"]
        for name, each in changed.resources("AWS::IAM::Policy").items()
        if name.startswith("PaymentWebhook")
    ]
    idle = {"Effect": "Allow", "Action": "states:StopExecution", "Resource": "*"}
    policy["PolicyDocument"]["Statement"].append(idle)
    found = [each for each in Proof(changed).idle if "PaymentWebhook" in each]
    assert found == ["role/PaymentWebhookRoleB2DD5C1D: Allow states:StopExecution on *"]
