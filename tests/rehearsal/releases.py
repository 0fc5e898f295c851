"""Releases of the local stack that differ from the present sources in their definition alone."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.local.stack import deploy
from scripts.local.stack.state import Home
from tests.support.shop import Shop

#: Changes a definition.
Change = Callable[[dict[str, Any]], None]

_TEMPLATE = "grocery-local-orders.template.json"


def broken(definition: dict[str, Any]) -> None:
    """Every new execution fails at its first state."""
    definition["States"]["ParseOrder"] = {
        "Type": "Fail",
        "Error": "Broken",
        "Cause": "This release can't read lists.",
    }


def improved(definition: dict[str, Any]) -> None:
    """Works like the present one."""
    definition["Comment"] += " The release after."


def deploy_release(shop: Shop, name: str, change: Change, folder: Path) -> None:
    """Deploys a release into the running stack.

    Raises:
        LocalStackError: CloudFormation rolled the deployment back; says why.
    """
    home = Home()
    made = folder / name
    _copy(deploy.build(home, shop.state.time_factor).app, made)
    _rewrite(made / _TEMPLATE, name, change)
    _rename_template(made)
    deploy.deploy(home, shop.state.urls, made)


def _copy(original: Path, copy: Path) -> None:
    """Copies an assembly; its assets, of some ten thousand files, by reference."""
    copy.mkdir(parents=True)
    for entry in original.iterdir():
        if entry.is_dir():
            (copy / entry.name).symlink_to(entry.absolute(), target_is_directory=True)
        else:
            shutil.copy(entry, copy)


def _rename_template(made: Path) -> None:
    """Gives the template another name in the bucket; the CDK does not upload a name twice."""
    digest = hashlib.sha256((made / _TEMPLATE).read_bytes()).hexdigest()
    assets = made / _TEMPLATE.replace(".template.", ".assets.")
    earlier = next(
        key
        for key, each in json.loads(assets.read_bytes())["files"].items()
        if each["source"]["path"] == _TEMPLATE
    )
    for path in (assets, made / "manifest.json"):
        text = path.read_text(encoding="utf-8")
        for old, new in {earlier: digest, earlier.partition("-")[0]: digest}.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


def _rewrite(path: Path, name: str, change: Change) -> None:
    template = json.loads(path.read_bytes())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            definition = json.loads(properties["DefinitionString"])
            change(definition)
            properties["DefinitionString"] = json.dumps(definition)
        if str(properties.get("Name", "")).endswith("/release"):
            text = json.dumps(properties["Value"])
            start = text.index('\\"release\\":\\"') + len('\\"release\\":\\"')
            end = text.index('\\"', start)
            properties["Value"] = json.loads(f"{text[:start]}{name}{text[end:]}")
    path.write_text(json.dumps(template), encoding="utf-8")
