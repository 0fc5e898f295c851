"""The stacks of an assembly, deployed into an emulator that the test plays."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from scripts.local.deployment import cloudformation
from scripts.local.deployment.cloudformation import Deployment
from scripts.local.errors import LocalStackError

AWS = "http://127.0.0.1:4566"
BUCKET = "assets"


@dataclass
class Bucket:
    """S3, as far as assets go."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    uploads: int = 0

    def list_objects_v2(self, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803
        return {"KeyCount": int((Bucket, Prefix) in self.objects)}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        self.objects[Bucket, Key] = Body
        self.uploads += 1


@dataclass
class CloudFormation:
    """CloudFormation, whose stacks are complete when they have been looked at twice.

    Attributes:
        ends: what the next change of a stack ends with; it succeeds if it is not there.
    """

    bucket: Bucket
    stacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)

    def create_stack(self, **request: Any) -> None:
        name = request["StackName"]
        assert self.stacks.get(name, {}).get("StackStatus") in {None, "ROLLBACK_COMPLETE"}
        self._begin("CREATE", name, request)

    def update_stack(self, **request: Any) -> None:
        name = request["StackName"]
        before = self.stacks[name]
        assert before["StackStatus"] in {
            "CREATE_COMPLETE",
            "UPDATE_COMPLETE",
            "UPDATE_ROLLBACK_COMPLETE",
        }
        if before["template"] == self._template(request):
            raise refusal("No updates are to be performed.")
        self._begin("UPDATE", name, request)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        stack = self.stacks.get(StackName)
        if stack is None:
            raise refusal(f"Stack with id {StackName} does not exist")
        seen = {**stack}
        stack["StackStatus"] = stack["then"]
        return {"Stacks": [seen]}

    def get_paginator(self, operation: str) -> CloudFormation:
        assert operation == "describe_stack_events"
        return self

    def paginate(self, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        newest_first = self.events[StackName][::-1]
        return [{"StackEvents": newest_first[:2]}, {"StackEvents": newest_first[2:]}]

    def _begin(self, verb: str, name: str, request: dict[str, Any]) -> None:
        template = self._template(request)
        end = self.ends.pop(name, f"{verb}_COMPLETE")
        self.requests.append(request)
        self.stacks[name] = {
            "StackStatus": f"{verb}_IN_PROGRESS",
            "then": end,
            "template": template,
            "Outputs": [
                {"OutputKey": key, "OutputValue": value}
                for key, value in template.get("Outputs", {}).items()
            ],
        }
        began = event(name, f"{verb}_IN_PROGRESS", "User Initiated")
        self.events.setdefault(name, []).append(began)
        if "ROLLBACK" in end:
            self.events[name] += [
                event("Table", f"{verb}_FAILED", "The name is taken"),
                event("Queue", f"{verb}_FAILED", "Resource creation cancelled"),
                event(name, end, ""),
            ]

    def _template(self, request: dict[str, Any]) -> Any:
        path = urlsplit(request["TemplateURL"]).path
        _, bucket, key = path.split("/", 2)
        return json.loads(self.bucket.objects[bucket, key])


def event(name: str, status: str, reason: str) -> dict[str, str]:
    return {
        "LogicalResourceId": name,
        "ResourceType": "AWS::Some::Type",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def refusal(message: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "Operation")


@dataclass
class Emulator:
    bucket: Bucket
    cloudformation: CloudFormation


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Emulator:
    bucket = Bucket()
    played = Emulator(bucket, CloudFormation(bucket))
    clients = {"s3": played.bucket, "cloudformation": played.cloudformation}
    monkeypatch.setattr(cloudformation.aws, "client", lambda name, _: clients[name])
    monkeypatch.setattr(cloudformation, "_POLL_SECONDS", 0)
    return played


def assembly(folder: Path, data: dict[str, Any] | None = None) -> Path:
    """Two stacks, of which the first in the manifest depends on the second; one has a package."""
    code = folder / "asset.code"
    code.mkdir(parents=True, exist_ok=True)
    (code / "bootstrap").write_text("#!/bin/sh\n")
    (code / "bootstrap").chmod(0o755)
    orders = {"Parameters": {"AwsUrl": {"Type": "String"}}, "Outputs": {"Queue": "parked"}}
    templates = {"orders": orders, "data": data or {"Outputs": {"Table": "orders"}}}
    for name, template in templates.items():
        _write_stack(folder, name, template)
    artifacts = {
        "orders": _artifact("orders", templates["orders"], ["data", "orders.assets"]),
        "data": _artifact("data", templates["data"], ["data.assets"]),
        "Tree": {"type": "cdk:tree"},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def _write_stack(folder: Path, name: str, template: dict[str, Any]) -> None:
    (folder / f"{name}.template.json").write_text(json.dumps(template))
    files = {"t": _file(f"{name}.template.json", "file", _key(template))}
    if name == "orders":
        files["code"] = _file("asset.code", "zip", "code.zip")
    (folder / f"{name}.assets.json").write_text(json.dumps({"files": files}))


def _file(path: str, packaging: str, key: str) -> dict[str, Any]:
    return {
        "source": {"path": path, "packaging": packaging},
        "destinations": {"here": {"bucketName": BUCKET, "objectKey": key}},
    }


def _artifact(name: str, template: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    properties = {
        "templateFile": f"{name}.template.json",
        "stackTemplateAssetObjectUrl": f"s3://{BUCKET}/{_key(template)}",
        "tags": {"stage": "local"},
    }
    return {"type": "aws:cloudformation:stack", "properties": properties, "dependencies": needed}


def _key(template: dict[str, Any]) -> str:
    return f"{abs(hash(json.dumps(template)))}.json"


def test_a_stack_comes_after_those_that_it_depends_on(emulator: Emulator, tmp_path: Path) -> None:
    assert Deployment(AWS, assembly(tmp_path)).stacks == ["data", "orders"]


def test_a_new_stack_is_created_and_waited_for(emulator: Emulator, tmp_path: Path) -> None:
    outputs = Deployment(AWS, assembly(tmp_path)).deploy("data", {})

    assert outputs == {"Table": "orders"}
    assert emulator.cloudformation.stacks["data"]["StackStatus"] == "CREATE_COMPLETE"
    [request] = emulator.cloudformation.requests
    assert request["Tags"] == [{"Key": "stage", "Value": "local"}]
    assert request["TemplateURL"].startswith(f"{AWS}/{BUCKET}/")


def test_a_stack_gets_the_parameters_that_its_template_has(
    emulator: Emulator, tmp_path: Path
) -> None:
    deployment = Deployment(AWS, assembly(tmp_path))
    for stack in deployment.stacks:
        deployment.deploy(stack, {"AwsUrl": AWS})

    data, orders = (each["Parameters"] for each in emulator.cloudformation.requests)
    assert data == []
    assert orders == [{"ParameterKey": "AwsUrl", "ParameterValue": AWS}]


def test_packages_are_packed_and_uploaded_once(emulator: Emulator, tmp_path: Path) -> None:
    deployment = Deployment(AWS, assembly(tmp_path))
    deployment.deploy("orders", {})
    deployment.deploy("orders", {})

    assert emulator.bucket.uploads == 2  # the package and the template
    with zipfile.ZipFile(io.BytesIO(emulator.bucket.objects[BUCKET, "code.zip"])) as package:
        [bootstrap] = package.infolist()
    assert bootstrap.filename == "bootstrap"
    assert bootstrap.external_attr >> 16 & 0o111


def test_a_stack_that_is_there_is_updated_and_left_alone_when_nothing_changed(
    emulator: Emulator, tmp_path: Path
) -> None:
    Deployment(AWS, assembly(tmp_path / "first")).deploy("data", {})
    changed = assembly(tmp_path / "second", {"Outputs": {"Table": "more-orders"}})

    assert Deployment(AWS, changed).deploy("data", {}) == {"Table": "more-orders"}
    assert Deployment(AWS, changed).deploy("data", {}) == {"Table": "more-orders"}
    assert emulator.cloudformation.stacks["data"]["StackStatus"] == "UPDATE_COMPLETE"
    assert len(emulator.cloudformation.requests) == 2


def test_a_stack_that_is_rolled_back_says_which_resources_failed(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.cloudformation.ends["data"] = "ROLLBACK_COMPLETE"

    with pytest.raises(LocalStackError) as raised:
        Deployment(AWS, assembly(tmp_path)).deploy("data", {})

    assert str(raised.value).splitlines() == [
        "CloudFormation left data in ROLLBACK_COMPLETE:",
        "Table (AWS::Some::Type): The name is taken",
        "Queue (AWS::Some::Type): Resource creation cancelled",
    ]


def test_failures_of_earlier_changes_are_not_repeated(emulator: Emulator, tmp_path: Path) -> None:
    deployment = Deployment(AWS, assembly(tmp_path / "first"))
    emulator.cloudformation.ends["data"] = "ROLLBACK_COMPLETE"
    with pytest.raises(LocalStackError):
        deployment.deploy("data", {})
    deployment.deploy("data", {})  # a stack whose creation has failed is created anew
    emulator.cloudformation.ends["data"] = "UPDATE_ROLLBACK_COMPLETE"
    changed = assembly(tmp_path / "second", {"Outputs": {"Table": "more-orders"}})

    with pytest.raises(LocalStackError) as raised:
        Deployment(AWS, changed).deploy("data", {})

    assert str(raised.value).count("The name is taken") == 1


def test_a_stack_that_does_not_end_is_given_up(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudformation, "_TIMEOUT_SECONDS", -1.0)
    emulator.cloudformation.ends["data"] = "CREATE_IN_PROGRESS"

    with pytest.raises(LocalStackError, match="data is CREATE_IN_PROGRESS"):
        Deployment(AWS, assembly(tmp_path)).deploy("data", {})


def test_other_refusals_are_passed_on(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise refusal("Template format error")

    monkeypatch.setattr(emulator.cloudformation, "create_stack", refuse)

    with pytest.raises(ClientError, match="Template format error"):
        Deployment(AWS, assembly(tmp_path)).deploy("data", {})
