"""The synthesized stacks of the stage ``prod``: functions, their timeouts and permissions."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scripts.documentation.sections import ROOT

STAGE: Final = "prod"


def readable(value: Any) -> str:
    """An ARN or name with its references spelled out, less the CDK's hashes."""
    text = re.sub(
        # A stack's export: "Orders" for the ARN or name of a table, "Orders.StreamArn" for more.
        r"[\w-]+:ExportsOutput(?:FnGetAtt|Ref)(\w+?)[0-9A-F]{8}(\w*?)[0-9A-F]{8}(?=\W|$)",
        lambda export: export[1] + (f".{export[2]}" if export[2] not in {"", "Arn"} else ""),
        _spelled_out(value),
    )
    return re.sub(r"(\w)[0-9A-F]{8}(?=\W|$)", r"\1", text)


def _spelled_out(value: Any) -> str:  # noqa: PLR0911 - one per form
    match value:
        case str():
            return value
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case {"Ref": str(name)}:
            return f"<{name}>"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"<{name}.{attribute}>"
        case {"Fn::ImportValue": inner}:
            return _spelled_out(inner)
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_spelled_out(part) for part in parts)
        case {"Fn::Select": [_, {"Fn::Split": [_, inner]}]}:
            return _spelled_out(inner)
        case _:
            raise ValueError(f"Not a name: {value}")


def as_list(value: Any) -> list[Any]:
    """What IAM writes as a list, or alone where there is one."""
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Function:
    """A deployed function: its folder, its timeout in seconds, and what its role allows.

    ``permissions`` holds the actions by the readable name of the resource.
    """

    name: str
    timeout: int
    variables: frozenset[str]
    permissions: dict[str, list[str]]


class Template:
    """A template of the stack of functions, as CloudFormation receives it."""

    def __init__(self, template: dict[str, Any]) -> None:
        self._resources: dict[str, dict[str, Any]] = template["Resources"]

    def functions(self) -> Iterator[Function]:
        """Those of this project, in the template's order."""
        for properties in self._properties("AWS::Lambda::Function").values():
            if (name := _folder(properties)) is not None:
                yield Function(
                    name,
                    properties["Timeout"],
                    frozenset(properties["Environment"]["Variables"]),
                    self._permissions(properties["Role"]["Fn::GetAtt"][0]),
                )

    def function_of(self, placeholder: str) -> str:
        """The function that a placeholder of the definition (``${...}``) stands for."""
        (machine,) = self._properties("AWS::StepFunctions::StateMachine").values()
        version = machine["DefinitionSubstitutions"][placeholder]["Ref"]
        function = self._resources[version]["Properties"]["FunctionName"]["Ref"]
        return _folder(self._resources[function]["Properties"]) or function

    def _properties(self, kind: str) -> dict[str, dict[str, Any]]:
        return {
            name: resource["Properties"]
            for name, resource in self._resources.items()
            if resource["Type"] == kind
        }

    def _permissions(self, role: str) -> dict[str, list[str]]:
        found: dict[str, set[str]] = {}
        for policy in self._properties("AWS::IAM::Policy").values():
            if {"Ref": role} in policy["Roles"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    for resource in as_list(statement["Resource"]):
                        found.setdefault(readable(resource), set()).update(
                            as_list(statement["Action"])
                        )
        return {resource: sorted(actions) for resource, actions in sorted(found.items())}


def _folder(properties: dict[str, Any]) -> str | None:
    name, _, rest = properties.get("Handler", "").partition(".")
    return name if rest == "handler.lambda_handler" else None


def synthesize() -> Template:
    """The template of the stage, with a stand-in for the functions' code. Takes some seconds."""
    import cdk  # noqa: F401, PLC0415 - first of all: it tells jsii where Node is

    # isort: split
    import aws_cdk  # noqa: PLC0415 - takes a second, and a process of Node
    from aws_cdk import aws_lambda  # noqa: PLC0415

    from cdk.app import add_stacks  # noqa: PLC0415
    from cdk.settings import Settings  # noqa: PLC0415

    context = json.loads((ROOT / "cdk" / "cdk.json").read_text(encoding="utf-8"))["context"]
    settings = Settings.for_stage(STAGE, {})
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder, "code")
        code.mkdir()
        (code / "handler.py").touch()
        app = aws_cdk.App(outdir=str(Path(folder, "out")), context=context)
        add_stacks(app, settings, lambda _: aws_lambda.Code.from_asset(str(code)))
        out = Path(app.synth().directory)
        text = (out / f"{settings.prefix}-orders.template.json").read_text(encoding="utf-8")
    return Template(json.loads(text))
