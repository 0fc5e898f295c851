"""The saved definition, as CloudFormation would fill it in."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cdk import definition as cdk_definition
from scripts.local.hotswap import definition
from scripts.local.hotswap.definition import Definition
from scripts.local.hotswap.errors import SaveError

URLS: Any = SimpleNamespace(aws="http://aws")
MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:order"
FUNCTION = "arn:aws:lambda:eu-west-1:000000000000:function:parse"
OUTPUTS = {"StateMachineArn": MACHINE, "LiveStateMachineArn": f"{MACHINE}:live"}
SAVED = """\
StartAt: Parse
States:
  Parse:
    {Type: Task, Resource: "${ParseFunction}", Arguments: {Payload: "{% $x %}"}, Next: Write}
  Write: {Type: Task, Resource: "${OrdersTable}", Next: Send}
  Send: {Type: Task, Resource: "${Seconds} ${Queue}", End: true}
"""
TEMPLATE = {
    "Resources": {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "DefinitionSubstitutions": {
                    "ParseFunction": {"Ref": "ParseVersion"},
                    "OrdersTable": {"Fn::ImportValue": "data:Orders"},
                    "Queue": {"Ref": "Queue"},
                    "Seconds": "1440",
                }
            },
        }
    }
}


class Aws:
    """CloudFormation and Step Functions, as far as they are asked."""

    def __init__(self) -> None:
        self.deployed = "{}"
        self.published: list[Any] = []

    def get_template(self, **_: Any) -> Any:
        return {"TemplateBody": TEMPLATE}

    def describe_stack_resources(self, **_: Any) -> Any:
        ids = {"ParseVersion": f"{FUNCTION}:1", "Queue": "http://queue"}
        return {
            "StackResources": [
                {"LogicalResourceId": name, "PhysicalResourceId": ids[name]} for name in ids
            ]
        }

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self) -> Any:
        return [{"Exports": [{"Name": "data:Orders", "Value": "orders-1"}]}]

    def describe_state_machine(self, **_: Any) -> Any:
        return {"definition": self.deployed}

    def update_state_machine(self, **asked: Any) -> Any:
        self.deployed = asked["definition"]
        return {"stateMachineVersionArn": f"{MACHINE}:3"}

    def update_state_machine_alias(self, **asked: Any) -> None:
        self.published.append(asked)


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "order.asl.yaml"
    file.write_text(SAVED)
    load = cdk_definition.load_definition
    monkeypatch.setattr(definition, "load_definition", lambda **named: load(file, **named))
    return file


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    played = Aws()
    monkeypatch.setattr(definition.aws, "client", lambda *_: played)
    return played


@pytest.fixture
def deployed(aws: Aws) -> Definition:
    assert aws.published == []
    return Definition(URLS, OUTPUTS, 60, lambda name: f"{FUNCTION}:5 of {name}")


@pytest.mark.usefixtures("saved")
def test_a_saved_definition_gets_its_values_and_the_newest_versions(
    aws: Aws, deployed: Definition
) -> None:
    assert deployed.sync() == "3"

    states = json.loads(aws.deployed)["States"]
    assert states["Parse"]["Resource"] == f"{FUNCTION}:5 of parse"
    assert states["Parse"]["Arguments"] == {"Payload": "{% $x %}"}
    assert states["Write"]["Resource"] == "orders-1"
    assert states["Send"]["Resource"] == "1440 http://queue"
    assert aws.published == [
        {
            "stateMachineAliasArn": f"{MACHINE}:live",
            "routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:3", "weight": 100}],
        }
    ]


@pytest.mark.usefixtures("saved")
def test_an_unchanged_definition_is_not_published_again(aws: Aws, deployed: Definition) -> None:
    deployed.sync()

    assert deployed.sync() is None
    assert len(aws.published) == 1


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("StartAt: Parse", "StartAt: [", "can't be read"),
        ("States:\n", "States: nothing\nOthers:\n", "can't be read"),
        ("${Queue}", "${Brand_new}", r"\$\{Brand_new\}.*orders local up --redeploy"),
        ("End: true", "TimeoutSeconds: duration(lunch), End: true", "can't be read.*lunch"),
        ("StartAt: Parse", "StartAt: Pase", "no state Pase"),
        ("Next: Send", "Next: Sent", "no state Sent"),
        (
            "End: true",
            "Catch: [{ErrorEquals: [Broken], Next: Rescue}], End: true",
            "no state Rescue",
        ),
    ],
)
def test_a_broken_definition_is_not_published(
    saved: Path, aws: Aws, deployed: Definition, old: str, new: str, problem: str
) -> None:
    saved.write_text(SAVED.replace(old, new))

    with pytest.raises(SaveError, match=problem):
        deployed.sync()

    assert aws.published == []
    assert aws.deployed == "{}"
