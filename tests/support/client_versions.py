"""Clients of others that the API is tried with: their versions, and the code for their users."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from tests.support.paths import PROJECT, TESTS

AMPLIFY = TESTS / "integration" / "amplify"
GQL = TESTS / "integration" / "gql_client"
API_PAGE = PROJECT / "docs" / "api.md"

#: A block of code, with its name if it has one.
_BLOCK = re.compile(
    r"(?:<!-- snippet: (?P<name>\S+) -->\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def snippets() -> dict[str, str]:
    """The code for apps in docs/api.md, by its name; by its first line where it has none."""
    blocks = _BLOCK.finditer(API_PAGE.read_text("utf-8"))
    return {
        each["name"] or each["code"].partition("\n")[0]: each["code"]
        for each in blocks
        if each["language"] in {"js", "javascript", "ts", "py", "python"}
    }


def snippet(name: str) -> str:
    """The code block of docs/api.md with this name."""
    return snippets()[name]


def pinned_gql() -> str:
    """The newer release of gql, which has an environment of its own."""
    text = (GQL / "requirements.txt").read_text("utf-8")
    [found] = re.findall(r"^gql(?:\[\w+\])?==(\S+)$", text, re.MULTILINE)
    return str(found)


def locked_gql() -> str:
    """The release of gql in this project's own environment."""
    lock = tomllib.loads((PROJECT / "uv.lock").read_text("utf-8"))
    [found] = [each["version"] for each in lock["package"] if each["name"] == "gql"]
    return str(found)


def amplify_package() -> dict[str, Any]:
    """What tests/integration/amplify/package.json says."""
    package: dict[str, Any] = json.loads((AMPLIFY / "package.json").read_text("utf-8"))
    return package


def locked_amplify() -> dict[str, str]:
    """The versions of Amplify's parts that npm installs."""
    lock = json.loads((AMPLIFY / "package-lock.json").read_text("utf-8"))["packages"]
    return {name: lock[f"node_modules/{name}"]["version"] for name in lock[""]["devDependencies"]}
