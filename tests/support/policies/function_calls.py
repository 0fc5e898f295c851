"""What each function calls, as its handler's tests have recorded it, on a stage's resources.

The table names what is called by the variable that names it to the function: a call of
``$ORDERS_TABLE`` is proved for the table that the deployed function gets in ``ORDERS_TABLE``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from cdk.definition import LIVE
from tests.support.paths import TESTS
from tests.support.policies.account import ACCOUNT, REGION, Account, Resource
from tests.support.policies.calls import Call, requests

TABLE = TESTS / "data" / "function_calls.json"

#: A cross-region inference profile: its area, and the model behind it.
_PROFILE = re.compile(r"^(?:eu|us|apac|global)\.(.+)$")

#: A region that the profile may hand a call to.
_OTHER_REGION = "eu-central-1"


def read_table() -> dict[str, list[str]]:
    """The calls, by the function's folder: an action and what it is called on."""
    table: dict[str, list[str]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def function_calls(account: Account) -> Iterator[Call]:
    """The calls of every function, as its role."""
    for name, calls in read_table().items():
        function = _function(account, name)
        (role,) = account.referred(function.raw["Role"])
        for text in calls:
            action, _, target = text.partition(" ")
            for arn, context in _targets(account, function, target):
                path = f"{name} calls {target}"
                yield from requests(
                    account, path, account.arn(role), action, arn, context, "a function's call"
                )


def _function(account: Account, name: str) -> Resource:
    (function,) = [
        each
        for each in account.all("AWS::Lambda::Function")
        if each.raw["Handler"] == f"{name}.handler.lambda_handler"
    ]
    return function


def _targets(
    account: Account, function: Resource, target: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """The ARNs that one call needs permission on, with context of its own."""
    kind, _, detail = target.partition(" ")
    if kind.startswith("$"):
        yield from _named_by_variable(account, function, kind[1:])
    elif kind == "execution":
        machine = account.one("AWS::StepFunctions::StateMachine")
        yield account.arn(machine).replace(":stateMachine:", ":execution:") + ":an-order", {}
    elif kind == "workflow":
        yield account.arn(account.one("AWS::StepFunctions::StateMachine")), {}
    elif kind == "field":
        api = account.arn(account.one("AWS::AppSync::GraphQLApi"))
        yield "{}/types/{}/fields/{}".format(api, *detail.split(".")), {}
    elif kind == "model":
        yield from _model(account, function)
    else:
        raise ValueError(f"{function.id} calls {target}, which is not understood here.")


def _named_by_variable(
    account: Account, function: Resource, variable: str
) -> Iterator[tuple[str, dict[str, str]]]:
    name, _, index = variable.partition("/")
    # IAM checks the state machine where a request names its alias.
    value = _variable(account, function, name).removesuffix(f":{LIVE}")
    named = account.by_name[value]
    arn = account.arn(named)
    yield f"{arn}/{index}" if index else f"{arn}{_PARTS.get(named.type, '')}", {}
    if named.type == "AWS::SES::EmailIdentity":
        # SES checks the configuration set of the sender, too.
        (configuration,) = account.all("AWS::SES::ConfigurationSet")
        yield account.arn(configuration), {}


#: The part of a resource that is called, in the place of the resource.
_PARTS = {"AWS::Logs::LogGroup": ":log-stream:a-stream", "AWS::S3::Bucket": "/audit/an-object"}


def _variable(account: Account, function: Resource, name: str) -> str:
    variables = account.resolve(function.raw["Environment"]["Variables"])
    if name not in variables:
        raise ValueError(f"{function.id} does not get the variable {name}, which it uses.")
    return str(variables[name])


def _model(account: Account, function: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    parameter = account.by_name[_variable(account, function, "TUNABLES_PARAMETER")]
    model = json.loads(account.resolve(parameter.raw["Value"]))["modelId"]
    profile = _PROFILE.match(model)
    if profile is None:
        yield f"arn:aws:bedrock:{REGION}::foundation-model/{model}", {}
        return
    arn = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{model}"
    yield arn, {}
    for region in (REGION, _OTHER_REGION):
        by_profile = {"bedrock:InferenceProfileArn": arn}
        yield f"arn:aws:bedrock:{region}::foundation-model/{profile[1]}", by_profile
