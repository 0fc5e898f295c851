"""What AWS's language service does not find in a definition, such as unassigned variables.

Each check returns its findings, a sentence each. Sources: the Amazon States Language specification,
https://states-language.net, and AWS's page on variables,
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from tests.support.judges import ask

#: Fields of the query language JSONPath, which a JSONata state refuses.
JSONPATH_FIELDS = {
    "InputPath", "OutputPath", "Parameters", "ResultPath", "ResultSelector", "SecondsPath",
    "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "ItemsPath", "ErrorPath",
    "CausePath", "MaxConcurrencyPath", "Variable",
}  # fmt: skip


@dataclass(frozen=True)
class Edge:
    """A way from one state to another, and the variables that it assigns."""

    target: str
    assigned: frozenset[str]


def missing_targets(definition: Mapping[str, Any]) -> list[str]:
    states = definition["States"]
    wanted = [("StartAt", definition["StartAt"])]
    wanted += [(name, edge.target) for name, state in states.items() for edge in edges(state)]
    return [f"{source} leads to {target}, which is no state." for source, target in wanted
            if target not in states]  # fmt: skip


def jsonpath_fields(definition: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} has the field {field}, which is JSONPath's."
        for name, state in definition["States"].items()
        for block in (state, *state.get("Choices", []), *state.get("Catch", []))
        for field in sorted({_plain(field) for field in block} & JSONPATH_FIELDS)
    ]


def _plain(field: str) -> str:
    return field.removesuffix(".$")


def unassigned_variables(definition: Mapping[str, Any]) -> list[str]:
    """Variables that a state reads although a way to it assigns them nowhere."""
    states = definition["States"]
    known = _assigned_on_every_way(definition)
    names = names_by_expression(definition)
    found = []
    for name, state in states.items():
        if name not in known:
            continue  # not reachable: the language service says so
        read = variables_read(state, names)
        found += [f"{name} reads ${each}, which is not assigned on every way to it."
                  for each in sorted(read - known[name])]  # fmt: skip
    return found


def edges(state: Mapping[str, Any]) -> Iterator[Edge]:
    """The ways out of a state. What is caught, or chosen, has assignments of its own."""
    own = frozenset(state.get("Assign", {}))
    for field in ("Next", "Default"):
        if field in state:
            yield Edge(state[field], own)
    for block in itertools.chain(state.get("Choices", []), state.get("Catch", [])):
        yield Edge(block["Next"], frozenset(block.get("Assign", {})))


def _assigned_on_every_way(definition: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """For each state that can be reached, the variables that each way to it has assigned."""
    states = definition["States"]
    known: dict[str, frozenset[str]] = {definition["StartAt"]: frozenset()}
    waiting = [definition["StartAt"]]
    while waiting:
        name = waiting.pop()
        for edge in edges(states[name]):
            if edge.target not in states:
                continue
            arriving = known[name] | edge.assigned
            before = known.get(edge.target)
            after = arriving if before is None else before & arriving
            if after != before:
                known[edge.target] = after
                waiting.append(edge.target)
    return known


def variables_read(state: Mapping[str, Any], names: Names) -> set[str]:
    """The variables that a state, or a part of it, reads."""
    read = itertools.chain.from_iterable(names[each] for each in expressions(state))
    return {name for name in read if not name.endswith("()")} - {"states"}


Names = Mapping[str, frozenset[str]]


def names_by_expression(definition: Mapping[str, Any]) -> Names:
    """For each expression its variables, and its functions with ``()`` behind their names."""
    found = [*dict.fromkeys(expressions(definition["States"]))]
    # A name that CloudFormation fills in stands for a number here.
    answers = ask("jsonata_variables.mjs", [re.sub(r"\$\{\w+\}", "1", each) for each in found])
    return dict(zip(found, map(frozenset, answers), strict=True))


def unknown_functions(definition: Mapping[str, Any]) -> list[str]:
    """Functions that neither JSONata 2.0.6 nor Step Functions has. ``$eval`` is left out on AWS."""
    names = itertools.chain.from_iterable(names_by_expression(definition).values())
    called = {name.removesuffix("()") for name in names if name.endswith("()")}
    return [f"${name} is no function of JSONata in Step Functions." for name in
            sorted(called - JSONATA_FUNCTIONS)]  # fmt: skip


#: https://docs.jsonata.org/ (2.0) less $eval, and the six of
#: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
JSONATA_FUNCTIONS = {
    "string", "length", "substring", "substringBefore", "substringAfter", "uppercase", "lowercase",
    "trim", "pad", "contains", "split", "join", "match", "replace", "base64encode", "base64decode",
    "encodeUrlComponent", "encodeUrl", "decodeUrlComponent", "decodeUrl", "number", "abs", "floor",
    "ceil", "round", "power", "sqrt", "random", "formatNumber", "formatBase", "formatInteger",
    "parseInteger", "sum", "max", "min", "average", "boolean", "not", "exists", "count", "append",
    "sort", "reverse", "shuffle", "distinct", "zip", "keys", "lookup", "spread", "merge", "sift",
    "each", "error", "assert", "type", "now", "millis", "fromMillis", "toMillis", "map", "filter",
    "single", "reduce", "partition", "range", "hash", "uuid", "parse",
}  # fmt: skip


def expressions(value: Any) -> Iterator[str]:
    """Every JSONata expression within a definition, or a part of it."""
    if isinstance(value, str):
        if value.startswith("{%") and value.endswith("%}"):
            yield value[2:-2].strip()
    elif isinstance(value, Mapping):
        yield from itertools.chain.from_iterable(map(expressions, value.values()))
    elif isinstance(value, Iterable):
        yield from itertools.chain.from_iterable(map(expressions, value))


#: What each kind of resource calls: botocore's service and operation.
OPERATIONS = {
    "arn:aws:states:::lambda:invoke": ("lambda", "Invoke"),
    "arn:aws:states:::dynamodb:updateItem": ("dynamodb", "UpdateItem"),
    "arn:aws:states:::aws-sdk:dynamodb:updateItem": ("dynamodb", "UpdateItem"),
    "arn:aws:states:::aws-sdk:dynamodb:batchGetItem": ("dynamodb", "BatchGetItem"),
    "arn:aws:states:::sqs:sendMessage": ("sqs", "SendMessage"),
}

#: These are JSON here and a text, or bytes, in the service's own API.
_JSON_ARGUMENTS = {("lambda", "Payload"), ("sqs", "MessageBody")}


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """botocore's model of one operation."""
    return botocore.session.Session().get_service_model(service).operation_model(operation)


def refused_arguments(resource: str, arguments: Mapping[str, Any]) -> str | None:
    """What botocore's own validation says against a Task's arguments; None if nothing."""
    service, operation = OPERATIONS[resource.removesuffix(".waitForTaskToken")]
    given = {name: "" if (service, name) in _JSON_ARGUMENTS else value
             for name, value in arguments.items()}  # fmt: skip
    model = operation_model(service, operation)
    report = ParamValidator().validate(given, model.input_shape)
    return str(report.generate_report()) if report.has_errors() else None


#: The prefix of the error names of each integration, and the names of errors that no service model
#: holds. Sources:
#: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html, and for the
#: classes of unmodelled errors the AWS SDKs for Java (1 for optimized integrations, 2 for aws-sdk
#: ones).
_INTEGRATIONS = {
    "arn:aws:states:::lambda:": (
        "Lambda",
        {"AWSLambdaException", "SdkClientException", "ClientExecutionTimeoutException", "Unknown"},
    ),
    "arn:aws:states:::dynamodb:": ("DynamoDB", {"AmazonDynamoDBException", "SdkClientException"}),
    "arn:aws:states:::aws-sdk:dynamodb:": ("DynamoDb", {"DynamoDbException", "SdkClientException"}),
    "arn:aws:states:::sqs:": ("SQS", {"AmazonSQSException", "SdkClientException"}),
}

#: What a function's runtime reports when it, not the handler, is the trouble.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
_RUNTIME_ERRORS = {"Runtime.ExitError", "Runtime.Unknown", "Sandbox.Timedout"}


def unknown_errors(definition: Mapping[str, Any], ours: Iterable[str]) -> list[str]:
    """Error names in Retry and Catch that the state's service can't report.

    Args:
        ours: the names of the errors that our functions raise.
    """
    return [
        f"{name} names {error}, which {state['Resource']} does not report."
        for name, state in definition["States"].items()
        if state["Type"] == "Task"
        for error in sorted(_errors_named(state) - errors_reported(state["Resource"], ours))
    ]


def _errors_named(state: Mapping[str, Any]) -> set[str]:
    blocks = (*state.get("Retry", []), *state.get("Catch", []))
    return {error for block in blocks for error in block["ErrorEquals"]}


def errors_reported(resource: str, ours: Iterable[str]) -> set[str]:
    """The names of all errors that a Task of this resource can report.

    Args:
        resource: the Task's resource.
        ours: the names of the errors that our functions raise.
    """
    service, operation = OPERATIONS[resource.removesuffix(".waitForTaskToken")]
    prefix, unmodelled = next(v for k, v in _INTEGRATIONS.items() if resource.startswith(k))
    shapes = {shape.name for shape in operation_model(service, operation).error_shapes}
    # Java's SDKs call every error's class an exception.
    classes = {shape if shape.endswith("Exception") else f"{shape}Exception" for shape in shapes}
    reported = {f"{prefix}.{each}" for each in classes | unmodelled} | {"States.Timeout"}
    return reported | {*ours} | _RUNTIME_ERRORS if service == "lambda" else reported
