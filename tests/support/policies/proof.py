"""What is proved of one stage's templates: which calls IAM allows, and what it needs for that."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from tests.support.policies.account import ACCOUNT, REGION, Account, Resource
from tests.support.policies.calls import Call
from tests.support.policies.function_calls import function_calls
from tests.support.policies.judge import Judge, Statement
from tests.support.policies.paths import calls_of, of_trail, paths
from tests.support.templates import Templates

#: What IAM answers to a request that a Deny refuses.
_DENIED = "ExplicitlyDenied"

_ROOT = f"arn:aws:iam::{ACCOUNT}:root"

_ACTIONS = {
    "AWS::S3::Bucket": ["s3:ListBucket", "s3:GetObject"],
    "AWS::SNS::Topic": ["sns:Publish"],
    "AWS::SQS::Queue": ["sqs:SendMessage", "sqs:ReceiveMessage"],
}


class Proof:
    """The calls of a stage before IAM."""

    def __init__(self, templates: Templates) -> None:
        self._account = Account(templates)
        self._paths = [*paths(self._account)]
        self._judge = Judge(self._account)

    @property
    def unknown_kinds(self) -> list[str]:
        """Paths of kinds that have neither a proof nor a reason to need none."""
        return [
            f"No proof for this kind of path: {each.kind} ({each})"
            for each in self._paths
            if calls_of(self._account, each) is None
        ]

    @cached_property
    def calls(self) -> list[Call]:
        """Everything that services and functions call."""
        on_paths = [call for path in self._paths for call in calls_of(self._account, path) or []]
        return [*on_paths, *function_calls(self._account)]

    @property
    def refused(self) -> list[str]:
        """The calls that are not allowed, with what IAM says."""
        return _differing(self.calls, self._judge.answers((c, None) for c in self.calls), "Allowed")

    @cached_property
    def unencrypted(self) -> list[Call]:
        """Calls of each topic, queue and bucket by an administrator, without TLS."""
        plain = {"aws:SecureTransport": "false"}
        targets = self._account.all("AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::S3::Bucket")
        return [
            Call(
                "an administrator without TLS", "", _ROOT, action, self._part(target, action), plain
            )
            for target in targets
            for action in _ACTIONS[target.type]
        ]

    @cached_property
    def of_other_trails(self) -> list[Call]:
        """What CloudTrail would do with each trail's bucket for a trail of another account."""
        other = f"arn:aws:cloudtrail:{REGION}:999999999999:trail/other"
        return [
            call
            for path in self._paths
            if path.source.type == "AWS::CloudTrail::Trail" and path.by == "S3BucketName"
            for call in of_trail(self._account, path, other)
        ]

    def _part(self, target: Resource, action: str) -> str:
        """What the action is called on: the resource, or an object in it."""
        return self._account.arn(target) + ("/an-object" if action == "s3:GetObject" else "")

    @property
    def not_denied(self) -> list[str]:
        """Calls without TLS, or of other trails, that no policy denies."""
        answers = self._judge.answers((each, None) for each in self._forbidden)
        return _differing(self._forbidden, answers, _DENIED)

    @property
    def _forbidden(self) -> list[Call]:
        return [*self.unencrypted, *self.of_other_trails]

    @cached_property
    def effects(self) -> dict[Statement, list[Call]]:
        """For each statement of any policy, the calls whose answer its absence changes."""
        wanted = [(each, "Allowed") for each in self.calls]
        wanted += [(each, _DENIED) for each in self._forbidden]
        questions = [
            (call, statement, answer)
            for statement in self._judge.statements
            for call, answer in wanted
            if self._judge.decides_on(statement, call)
        ]
        answers = self._judge.answers((call, statement) for call, statement, _ in questions)
        found: dict[Statement, list[Call]] = {each: [] for each in self._judge.statements}
        for (call, statement, right), answer in zip(questions, answers, strict=True):
            if answer != right:
                found[statement].append(call)
        return found

    @property
    def idle(self) -> list[str]:
        """The statements without which every call is answered the same."""
        return [str(statement) for statement, calls in self.effects.items() if not calls]


def _differing(calls: Sequence[Call], answers: Sequence[str], right: str) -> list[str]:
    return [
        f"{call}: {answer}" for call, answer in zip(calls, answers, strict=True) if answer != right
    ]
