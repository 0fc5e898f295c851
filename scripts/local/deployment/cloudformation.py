"""Deploys the stacks of a synthesized CDK app into the emulator, as ``cdk deploy`` does.

The CDK's command line would take longer than the deployment: it loads 16 MB of JavaScript, and asks
every five seconds whether a stack is complete. The emulator completes one within a second.
"""

import io
import json
import time
import zipfile
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import takewhile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from scripts.local.errors import LocalStackError
from scripts.local.stack import aws

_STACK: Final = "aws:cloudformation:stack"
_CAPABILITIES: Final = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
_COMPLETE: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_TIMEOUT_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 0.05


class Deployment:
    """An assembly, and the emulator that its stacks are deployed into.

    Args:
        aws_url: the emulator.
        assembly: the folder that the CDK app was synthesized into.
    """

    def __init__(self, aws_url: str, assembly: Path) -> None:
        self._url = aws_url
        self._assembly = assembly
        self._stacks = dict(_stacks(assembly))
        self._cloudformation = aws.client("cloudformation", aws_url)
        self._s3 = aws.client("s3", aws_url)

    @property
    def stacks(self) -> list[str]:
        """The assembly's stacks; each comes after those that it depends on."""
        needed = {name: each.get("dependencies", ()) for name, each in self._stacks.items()}
        return [name for name in TopologicalSorter(needed).static_order() if name in self._stacks]

    def deploy(self, stack: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Creates or updates a stack, and returns its outputs by key.

        Args:
            stack: its name.
            parameters: values of parameters; the stack gets those that its template has.

        Raises:
            LocalStackError: CloudFormation rolled the stack back; says why.
            botocore.exceptions.ClientError: AWS refuses a request.
        """
        self._upload(stack)
        if self._change(stack, self._request(stack, parameters)):
            self._wait(stack)
        outputs = self._describe(stack).get("Outputs", ())
        return {each["OutputKey"]: each["OutputValue"] for each in outputs}

    def _upload(self, stack: str) -> None:
        """Puts the stack's files where its template expects them, unless they are there."""
        assets = json.loads((self._assembly / f"{stack}.assets.json").read_bytes())
        for asset in assets["files"].values():
            source = self._assembly / asset["source"]["path"]
            for target in asset["destinations"].values():
                if not self._exists(target["bucketName"], target["objectKey"]):
                    zipped = asset["source"]["packaging"] == "zip"
                    content = packed(source) if zipped else source.read_bytes()
                    self._s3.put_object(
                        Bucket=target["bucketName"], Key=target["objectKey"], Body=content
                    )

    def _exists(self, bucket: str, key: str) -> bool:
        return bool(self._s3.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"])

    def _request(self, stack: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        properties = self._stacks[stack]["properties"]
        template = json.loads((self._assembly / properties["templateFile"]).read_bytes())
        where = urlsplit(properties["stackTemplateAssetObjectUrl"])  # s3://BUCKET/KEY
        return {
            "StackName": stack,
            "TemplateURL": f"{self._url}/{where.netloc}{where.path}",
            "Capabilities": _CAPABILITIES,
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in parameters.items()
                if key in template.get("Parameters", {})
            ],
            "Tags": [
                {"Key": key, "Value": value} for key, value in properties.get("tags", {}).items()
            ],
        }

    def _change(self, stack: str, request: Mapping[str, Any]) -> bool:
        """Starts a creation or an update; whether there is anything to do."""
        try:
            if self._is_there(stack):
                self._cloudformation.update_stack(**request)
            else:
                self._cloudformation.create_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return False
            raise
        return True

    def _is_there(self, stack: str) -> bool:
        """Whether it can be updated. The emulator creates one anew whose creation has failed."""
        try:
            return bool(self._describe(stack)["StackStatus"] != "ROLLBACK_COMPLETE")
        except ClientError as error:
            if "does not exist" in str(error):
                return False
            raise

    def _wait(self, stack: str) -> None:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while (status := self._describe(stack)["StackStatus"]).endswith("_IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise LocalStackError(f"{stack} is {status} after {_TIMEOUT_SECONDS:.0f} s.")
            time.sleep(_POLL_SECONDS)
        if status not in _COMPLETE:
            reasons = "\n".join(self._failures(stack))
            raise LocalStackError(f"CloudFormation left {stack} in {status}:\n{reasons}")

    def _failures(self, stack: str) -> list[str]:
        """The resources that the last change failed at, the first of them first."""
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(
            StackName=stack
        )
        newest_first = (event for page in pages for event in page["StackEvents"])
        of_this_change = takewhile(
            lambda event: event.get("ResourceStatusReason") != "User Initiated", newest_first
        )
        failed = [each for each in of_this_change if each["ResourceStatus"].endswith("_FAILED")]
        return [
            f"{each['LogicalResourceId']} ({each['ResourceType']}): {each['ResourceStatusReason']}"
            for each in reversed(failed)
        ]

    def _describe(self, stack: str) -> dict[str, Any]:
        described: dict[str, Any] = self._cloudformation.describe_stacks(StackName=stack)
        found: dict[str, Any] = described["Stacks"][0]
        return found


def packed(folder: Path) -> bytes:
    """The folder as a zip file; files keep the permission to be executed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(folder))
    return buffer.getvalue()


def _stacks(assembly: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    artifacts = json.loads((assembly / "manifest.json").read_bytes())["artifacts"]
    return ((name, each) for name, each in artifacts.items() if each["type"] == _STACK)
