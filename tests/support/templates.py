"""Reads synthesized templates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scripts.documentation.template import as_list, readable

__all__ = ["Synthesize", "Templates", "as_list", "grants", "readable"]

Resource = dict[str, Any]
Statement = dict[str, Any]


@dataclass(frozen=True)
class Templates:
    """The templates of one stage, as CloudFormation receives them.

    The methods read those of the data, the orders and the operations, which every stage deploys.
    The local stage has no trail.
    """

    stage: str
    data: dict[str, Any]
    orders: dict[str, Any]
    guard: dict[str, Any] = field(default_factory=dict)
    trail: dict[str, Any] | None = None
    operations: dict[str, Any] = field(default_factory=lambda: {"Resources": {}})
    paging: dict[str, Any] = field(default_factory=dict)

    @property
    def on_aws(self) -> bool:
        return self.stage != "local"

    def resources(self, kind: str) -> dict[str, Resource]:
        """All resources of a type (``AWS::Lambda::Function``), by logical id."""
        deployed = {
            **self.data["Resources"],
            **self.orders["Resources"],
            **self.operations["Resources"],
        }
        return {name: resource for name, resource in deployed.items() if resource["Type"] == kind}

    def properties(self, kind: str) -> list[dict[str, Any]]:
        return [resource["Properties"] for resource in self.resources(kind).values()]

    def only(self, kind: str) -> dict[str, Any]:
        """The properties of the one resource of a type."""
        (properties,) = self.properties(kind)
        return properties

    def schedule_of(self, function: str) -> dict[str, Any]:
        """The rule that invokes a function, by its construct's name, at a fixed interval."""
        (rule,) = [
            each
            for each in self.properties("AWS::Events::Rule")
            if "ScheduleExpression" in each
            and readable(each["Targets"][0]["Arn"]) == f"<{function}Live>"
        ]
        return rule

    def function(self, name: str) -> dict[str, Any]:
        """The properties of the function in the folder ``name``."""
        (function,) = [
            each
            for each in self.properties("AWS::Lambda::Function")
            if each["Handler"] == f"{name}.handler.lambda_handler"
        ]
        return function

    def statements(self, role: str) -> list[Statement]:
        """The statements of the role with this logical id."""
        return [
            statement
            for policy in self.properties("AWS::IAM::Policy")
            if {"Ref": role} in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def pages_of(self, alarm: dict[str, Any]) -> list[str]:
        """What pages when an alarm begins: the titles of incidents, or the alarm itself."""
        itself = [alarm["AlarmName"]] if alarm.get("AlarmActions") else []
        prefix = f"grocery-{self.stage}-"
        return itself + [
            page["AlarmName"].removeprefix(prefix)
            for resource in self.paging["Resources"].values()
            for page in [resource["Properties"]]
            if page.get("AlarmActions") and f'"{alarm["AlarmName"]}"' in page["AlarmRule"]
        ]

    def function_statements(self, name: str) -> list[Statement]:
        return self.statements(self.function(name)["Role"]["Fn::GetAtt"][0])

    def all_statements(self) -> Iterator[Statement]:
        for policy in self.properties("AWS::IAM::Policy"):
            yield from policy["PolicyDocument"]["Statement"]


Synthesize = Callable[[str], Templates]
"""The templates of a stage."""


def grants(statements: list[Statement]) -> set[tuple[str, str]]:
    """Pairs of an action and the readable name of a resource that it is allowed on."""
    return {
        (action, readable(resource))
        for statement in statements
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }
