"""A web ACL: evaluates its rules in the order of their priorities.

A rule blocks or allows, which ends the evaluation, or counts and goes on. What no rule ends gets
the default action. https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rule-actions.html
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from scripts.local.waf.fields import NotEvaluatedError
from scripts.local.waf.request import WebRequest
from scripts.local.waf.statements import IpSets, Statement, compiled


class Action(StrEnum):
    """What a rule, or the web ACL by default, does with a request."""

    ALLOW = "ALLOW"
    BLOCK = "BLOCK"
    COUNT = "COUNT"


class WebAclNotFoundError(Exception):
    """The template has no web ACL of that name."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        statement: None if it is not evaluated.
        not_evaluated: why not; "" if it is.
    """

    name: str
    action: Action
    statement: Statement | None
    not_evaluated: str = ""


@dataclass(frozen=True)
class Verdict:
    """The decision on a request.

    Attributes:
        action: ALLOW or BLOCK.
        rule: the rule that decided; None for the default action.
        counted: the rules that matched and count only.
    """

    action: Action
    rule: str | None = None
    counted: tuple[str, ...] = ()


@dataclass
class WebAcl:
    """One web ACL.

    Attributes:
        name: its name.
        rules: by priority.
        default: what happens to requests that no rule decides on.
        counts: requests so far, by action and rule; the default action's rule is "".
    """

    name: str
    rules: list[Rule]
    default: Action
    counts: Counter[tuple[Action, str]] = field(default_factory=Counter)

    @classmethod
    def from_template(cls, template: Mapping[str, Any], name: str) -> Self:
        """The web ACL of this name in a CloudFormation template, with the template's IP sets.

        Raises:
            WebAclNotFoundError: there is none.
        """
        resources: Mapping[str, Any] = template["Resources"]
        ip_sets = {
            logical_id: each["Properties"]["Addresses"]
            for logical_id, each in resources.items()
            if each["Type"] == "AWS::WAFv2::IPSet"
        }
        for each in resources.values():
            if each["Type"] == "AWS::WAFv2::WebACL" and each["Properties"]["Name"] == name:
                return cls.read(each["Properties"], ip_sets)
        raise WebAclNotFoundError(f"The template has no web ACL {name}.")

    @classmethod
    def read(cls, content: Mapping[str, Any], ip_sets: IpSets) -> Self:
        """A web ACL as templates and WAF's API write it."""
        rules = sorted(content["Rules"], key=lambda each: each["Priority"])
        return cls(
            name=content["Name"],
            rules=[_rule(each, ip_sets) for each in rules],
            default=_action(content["DefaultAction"]),
        )

    def evaluate(self, request: WebRequest) -> Verdict:
        """Decides on a request, and counts it."""
        verdict = self.decide(request)
        self.counts[verdict.action, verdict.rule or ""] += 1
        self.counts.update((Action.COUNT, each) for each in verdict.counted)
        return verdict

    def matches(self, request: WebRequest) -> dict[str, bool | None]:
        """Whether each rule matches a request, by the rule's name; None if it is not evaluated."""
        return {
            rule.name: rule.statement(request) if rule.statement else None for rule in self.rules
        }

    def decide(self, request: WebRequest) -> Verdict:
        """Decides on a request; only the rates of addresses remember it."""
        counted: list[str] = []
        for rule in self.rules:
            if rule.statement is None or not rule.statement(request):
                continue
            if rule.action is not Action.COUNT:
                return Verdict(rule.action, rule.name, tuple(counted))
            counted.append(rule.name)
        return Verdict(self.default, None, tuple(counted))


def _rule(content: Mapping[str, Any], ip_sets: IpSets) -> Rule:
    name, action = content["Name"], _action(content.get("Action") or content["OverrideAction"])
    try:
        return Rule(name, action, compiled(content["Statement"], ip_sets))
    except NotEvaluatedError as reason:
        return Rule(name, action, None, str(reason))


def _action(content: Mapping[str, Any]) -> Action:
    """An action; a group without an override does what its rules say, which is to block."""
    (kind,) = content
    return Action.BLOCK if kind == "None" else Action(kind.upper())
