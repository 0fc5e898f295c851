"""The table of what each function may do, from the roles that are deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from scripts.documentation.sections import listed, table
from scripts.documentation.template import Function, Template

#: Of a resource's readable name, what to write for it; the first that matches all of it.
_NAMES: Final = (
    (r"(Orders|Catalog|Breakers|ReturnLimits|Submissions)", r"table \1"),
    (r"(Orders|Catalog|Breakers)/index/(\w+)", r"index \2 of \1"),
    (r"(Orders|Catalog|Breakers)\.StreamArn", r"stream of \1"),
    (r"Users", "user pool"),
    (r"<Operations>", "operations' topic"),
    (r"<PaystackSecret\.Id>", "PayStack's secret"),
    (r"<WorkflowStateMachine>|.*:stateMachine:grocery-\w+-order", "state machine"),
    (r".*:execution:<WorkflowStateMachine\.Name>:\*", "its executions"),
    (r".*:parameter<Parameters(\w+)>", r"parameter \1"),
    (r".*:identity/<Sender>", "the sender's identity"),
    (r".*:bedrock:.*", "the model"),
    (r"<ParkedQueue\.Arn>", "queue of parked orders"),
    (r"<DeadLettersQueue\.Arn>", "dead letters"),
    (r"<ParkedDeadLettersQueue\.Arn>", "dead letters of parked orders"),
    (r"<KeptLettersQueue\.Arn>", "kept letters"),
    (r"<Api\.Arn>/types/(\w+)/fields/(\w+)", r"field \1.\2"),
)

#: What every function may do, which the text beside the table says.
_COMMON: Final = re.compile(r"(logs|xray|kms):|dynamodb:ListStreams")


def permissions(template: Template) -> str:
    """A table of the functions, with the actions that each is allowed on each resource."""
    return table(
        ["function", "may"],
        ([f"`{each.name}`", "<br/>".join(_grants(each))] for each in template.functions()),
    )


def own_permissions(function: Function) -> Iterator[tuple[str, list[str]]]:
    """Resources and actions beyond what every function has."""
    for resource, actions in function.permissions.items():
        if own := [action for action in actions if not _COMMON.match(action)]:
            yield _name(resource), own


def _grants(function: Function) -> Iterator[str]:
    grants: dict[str, list[str]] = {}
    for name, actions in own_permissions(function):
        grants[name] = sorted({*grants.get(name, []), *actions})
    for name, actions in sorted(grants.items()):
        yield f"{name}: {listed(actions)}"


def _name(resource: str) -> str:
    for pattern, name in _NAMES:
        if found := re.fullmatch(pattern, resource):
            return found.expand(name)
    return f"`{resource}`"
