"""The bills of materials list what the functions' packages hold."""

from __future__ import annotations

import re

import pytest

from cdk.constructs.functions.bundling import PROVIDED, locked_requirements
from scripts.security.sboms import bill, functions, problem


def locked(function: str) -> set[tuple[str, str]]:
    """Name and version of what the package is installed from."""
    text = locked_requirements(
        function.replace("_", "-"), *(f"--prune={package}" for package in PROVIDED)
    )
    return {*re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, re.MULTILINE)}


@pytest.mark.parametrize("function", functions())
def test_a_bill_lists_exactly_what_is_installed(function: str) -> None:
    content = bill(function)

    assert problem(content) is None
    assert content["metadata"]["component"]["name"] == function
    assert {(each["name"], each["version"]) for each in content["components"]} == locked(function)
    assert all(
        source["hashes"] for each in content["components"] for source in each["externalReferences"]
    )


def test_what_is_no_bill_is_found() -> None:
    content = bill("parse_order")
    del content["components"][0]["name"]
    assert problem(content) is not None
