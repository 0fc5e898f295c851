"""IAM's decision on calls, by a simulator that is not ours; one process answers a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.support.judges import ask
from tests.support.policies.account import ACCOUNT, Account, resource_policies, role_policies
from tests.support.policies.calls import ANYBODY, Call
from tests.support.templates import as_list


@dataclass(frozen=True, eq=False)
class Statement:
    """What a policy says of one resource, by the positions of the policy and of this in it."""

    owner: str
    policy: int
    position: int
    content: dict[str, Any]

    def __str__(self) -> str:
        what = self.content.get("Sid") or ", ".join(as_list(self.content["Action"]))
        on = self.content.get("Resource", "it").rpartition(":")[2]
        return f"{self.owner}: {self.content['Effect']} {what} on {on}"


def _parts(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """A statement for each resource; together they say the same."""
    if "Resource" not in statement:
        return [statement]
    return [{**statement, "Resource": each} for each in as_list(statement["Resource"])]


class Judge:
    """Decides on an account's calls by all of its policies."""

    def __init__(self, account: Account) -> None:
        self._policies: list[dict[str, Any]] = []
        self._owners: list[str] = []
        self._roles = {
            arn: [self._add(arn, policy) for policy in policies]
            for arn, policies in role_policies(account).items()
        }
        self._resources = {
            arn: self._add(arn, policy) for arn, policy in resource_policies(account).items()
        }

    def _add(self, owner: str, policy: dict[str, Any]) -> int:
        parts = [part for whole in as_list(policy["Statement"]) for part in _parts(whole)]
        self._policies.append({**policy, "Statement": parts})
        self._owners.append(owner.rpartition(":")[2])
        return len(self._policies) - 1

    @cached_property
    def statements(self) -> list[Statement]:
        """Every statement of every policy, one for each of its resources."""
        return [
            Statement(self._owners[number], number, position, content)
            for number, policy in enumerate(self._policies)
            for position, content in enumerate(policy["Statement"])
        ]

    def decides_on(self, statement: Statement, call: Call) -> bool:
        """Whether the statement is in a policy of the caller or of what is called."""
        return statement.policy in self._of(call)

    def answers(self, questions: Iterable[tuple[Call, Statement | None]]) -> list[str]:
        """ "Allowed", or what IAM says instead; a statement is left out of the policies."""
        requests = [self._request(call, without) for call, without in questions]
        question = {"policies": self._policies, "requests": requests}
        answers: list[str] = ask("simulate_policies.mjs", question)
        return answers

    def _of(self, call: Call) -> list[int]:
        attached = self._resources.get(_owner(call.resource))
        of_role = self._roles.get(call.principal, [])
        return of_role if attached is None else [*of_role, attached]

    def _request(self, call: Call, without: Statement | None) -> dict[str, Any]:
        return {
            "principal": None if call.principal == ANYBODY else call.principal,
            "action": call.action,
            "resource": call.resource,
            "account": ACCOUNT,
            "context": dict(call.context),
            "identity": self._roles.get(call.principal, []),
            "attached": self._resources.get(_owner(call.resource)),
            "leftOut": without and f"{without.policy}.{without.position}",
        }


def _owner(arn: str) -> str:
    """The ARN of what has the policy: of an object its bucket, of a stream its log group."""
    if arn.startswith("arn:aws:s3:::"):
        return arn.partition("/")[0]
    return arn.partition(":log-stream:")[0] if arn.startswith("arn:aws:logs:") else arn
