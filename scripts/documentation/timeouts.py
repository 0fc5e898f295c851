"""The table of timeouts: calls, the functions that make them, and the states that call those."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, Final

from orderflow.breakers.settings import BreakerPolicy
from orderflow.orders.model import LinkTimes
from orderflow.payments import paystack
from orderflow.platform import aws
from scripts.documentation.permissions import own_permissions
from scripts.documentation.sections import table
from scripts.documentation.template import Function, Template

#: The clients of services, by the prefix of IAM actions: their name and how they are made.
_CLIENTS: Final[dict[str, tuple[str, Any]]] = {
    "bedrock": ("Bedrock", aws.bedrock_runtime),
    "cognito-idp": ("Cognito", aws.cognito),
    "logs": ("CloudWatch Logs", aws.logs),
    "s3": ("S3", aws.s3),
    "dynamodb": ("DynamoDB", lambda: aws.table("orders").meta.client),
    "secretsmanager": ("Secrets Manager", lambda: aws.secrets().client),
    "ses": ("SES", aws.ses),
    "sns": ("SNS", aws.sns),
    "sqs": ("SQS", aws.sqs),
    "ssm": ("Parameter Store", lambda: aws.ssm_parameters().client),
    "states": ("Step Functions", aws.step_functions),
}

#: Lambda itself reads streams and sends dead letters, on behalf of the function.
_LAMBDAS: Final = ("stream of", "dead letters")

_PLACEHOLDER: Final = re.compile(r"\$\{(\w+)\}")


def timeouts(definition: dict[str, Any], template: Template) -> str:
    """A table of the functions, the direct calls, and other spans of time, in seconds."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")  # clients need one; none is called
    states = _states_by_function(definition, template)
    rows = [
        [
            f"`{each.name}`",
            _calls(each),
            str(each.timeout),
            ", ".join(f"{name} {seconds}" for name, seconds in states.pop(each.name, [])) or "-",
        ]
        for each in template.functions()
    ]
    rows += [
        ["(direct call)", "-", "-", f"{name} {seconds}"] for name, seconds in states.pop("", [])
    ]
    return table(["function", "its calls: connect + read", "function", "state"], [*rows, *_spans()])


def _spans() -> Iterator[list[str]]:
    lease = BreakerPolicy.model_fields["lease_seconds"].default
    yield ["(a probe's lease on its breaker, at first)", "-", f"{lease:g}", "-"]
    yield ["(a payment link)", "-", f"{LinkTimes().validity.total_seconds():g}", "-"]


def _states_by_function(
    definition: dict[str, Any], template: Template
) -> dict[str, list[tuple[str, int]]]:
    """The states with their timeouts, by the function that they call; "" for direct calls."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name, state in definition["States"].items():
        if "TimeoutSeconds" in state:
            called = _PLACEHOLDER.match(str(state.get("Arguments", {}).get("FunctionName", "")))
            function = template.function_of(called[1]) if called else ""
            found.setdefault(function, []).append((name, state["TimeoutSeconds"]))
    return found


def _calls(function: Function) -> str:
    calls = dict(_service_calls(function))
    if "PAYSTACK_BASE_URL" in function.variables:
        calls["PayStack"] = f"{paystack.CONNECT_TIMEOUT:g} + {paystack.READ_TIMEOUT:g}"
    grouped: dict[str, list[str]] = {}
    for service, seconds in sorted(calls.items()):
        grouped.setdefault(seconds, []).append(service)
    return "; ".join(f"{', '.join(services)} {seconds}" for seconds, services in grouped.items())


def _service_calls(function: Function) -> Iterator[tuple[str, str]]:
    for resource, actions in own_permissions(function):
        if not resource.startswith(_LAMBDAS):
            for service in {action.partition(":")[0] for action in actions}:
                yield _timeout(service)


def _timeout(service: str) -> tuple[str, str]:
    if service == "appsync":  # through HTTP, without a client of AWS's own
        return "AppSync", f"{aws.CONNECT_TIMEOUT:g} + {aws.HTTP_READ_TIMEOUT:g}"
    name, client = _CLIENTS[service]
    config = client().meta.config
    return name, f"{config.connect_timeout:g} + {config.read_timeout:g}"
