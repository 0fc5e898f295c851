"""The definition of a running local stack's state machine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from yaml import YAMLError

from cdk.definition import load_definition
from cdk.settings import Settings, Stage
from scripts.documentation.diagram import arrows
from scripts.local import time_factor
from scripts.local.hotswap.errors import SaveError
from scripts.local.stack import aws
from scripts.local.stack.deploy import PREFIX
from scripts.local.stack.state import Urls

_STACK: Final = f"{PREFIX}orders"
_MACHINE: Final = "AWS::StepFunctions::StateMachine"
# CloudFormation replaces these; other dollars belong to JSONata.
_PLACEHOLDER: Final = re.compile(r"\$\{(\w+)\}")
_FUNCTION_VERSION: Final = re.compile(r":function:([\w-]+):\d+$")


class Definition:
    """What new executions run.

    Args:
        urls: the stack's addresses.
        outputs: what the deployment put out.
        factor: what the stage's durations are divided by.
        live_version: the ARN of the version that a function's alias leads to, by the function's
            name.
    """

    def __init__(
        self,
        urls: Urls,
        outputs: Mapping[str, str],
        factor: float,
        live_version: Callable[[str], str],
    ) -> None:
        self._client = aws.client("stepfunctions", urls.aws)
        self._machine = outputs["StateMachineArn"]
        self._alias = outputs["LiveStateMachineArn"]
        self._live_version = live_version
        self._values = _substitutions(aws.client("cloudformation", urls.aws))
        scale = {time_factor.VARIABLE: str(factor)}
        self._durations = Settings.for_stage(Stage.LOCAL, scale).durations

    def sync(self) -> str | None:
        """Publishes the saved definition if it differs from what runs; returns its version.

        Raises:
            SaveError: it can't be read, or is incomplete; nothing is changed.
        """
        text = self._saved()
        deployed = self._client.describe_state_machine(stateMachineArn=self._machine)
        if json.loads(deployed["definition"]) == json.loads(text):
            return None
        answer = self._client.update_state_machine(
            stateMachineArn=self._machine, definition=text, publish=True
        )
        version: str = answer["stateMachineVersionArn"]
        self._client.update_state_machine_alias(
            stateMachineAliasArn=self._alias,
            routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}],
        )
        return version.rpartition(":")[2]

    def _saved(self) -> str:
        """The definition as CloudFormation fills it in, with the newest versions of functions."""
        try:
            definition = load_definition(durations=self._durations)
            _check_targets(definition)
            text = json.dumps(definition)
            return self._filled_in(text)
        except (YAMLError, LookupError, ValueError, AttributeError, TypeError) as error:
            raise SaveError(f"The definition can't be read: {error}") from error

    def _filled_in(self, text: str) -> str:
        values = {**self._values, **self._newest_versions()}
        if unknown := sorted({*_PLACEHOLDER.findall(text)} - {*values}):
            raise SaveError(
                f"The definition names ${{{unknown[0]}}}, which the stack does not know. If cdk/ "
                "gives it a value, `orders local up --redeploy` deploys that."
            )
        return _PLACEHOLDER.sub(lambda found: values[found[1]], text)

    def _newest_versions(self) -> dict[str, str]:
        named = {key: _FUNCTION_VERSION.search(value) for key, value in self._values.items()}
        return {key: self._live_version(match[1]) for key, match in named.items() if match}


def _check_targets(definition: Mapping[str, Any]) -> None:
    """Step Functions refuses transitions to nowhere; the emulator's validation finds none.

    Raises:
        SaveError: a transition leads to a state that does not exist.
    """
    wanted = [definition["StartAt"], *(each.target for each in arrows({**definition}))]
    missing = sorted({*wanted} - {*definition["States"]})
    if missing:
        raise SaveError(f"The definition has no state {', '.join(missing)}.")


def _substitutions(cloudformation: Any) -> dict[str, str]:
    """The values of the definition's names, as the deployed template has them."""
    resources = cloudformation.get_template(StackName=_STACK)["TemplateBody"]["Resources"]
    machine = next(each for each in resources.values() if each["Type"] == _MACHINE)
    described = cloudformation.describe_stack_resources(StackName=_STACK)["StackResources"]
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in described}
    pages = cloudformation.get_paginator("list_exports").paginate()
    exports = {each["Name"]: each["Value"] for page in pages for each in page["Exports"]}
    values: Mapping[str, Any] = machine["Properties"]["DefinitionSubstitutions"]
    return {key: _resolved(value, ids, exports) for key, value in values.items()}


def _resolved(value: Any, ids: Mapping[str, str], exports: Mapping[str, str]) -> str:
    match value:
        case {"Ref": str(name)}:
            return ids[name]
        case {"Fn::ImportValue": str(name)}:
            return exports[name]
        case str():
            return value
    raise ValueError(f"A substitution of another kind: {value}.")
