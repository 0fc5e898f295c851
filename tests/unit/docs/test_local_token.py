"""docs/api.md's way to a token for the local API."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from scripts.auth import Tokens
from scripts.local.stack.state import Home
from tests.support.command_line import parsed
from tests.support.paths import PROJECT

PAGE = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
SCALARS = (
    "scalar AWSDateTime scalar AWSEmail scalar AWSURL scalar AWSJSON scalar AWSTimestamp "
    "directive @aws_cognito_user_pools(cognito_groups: [String]) on FIELD_DEFINITION | OBJECT "
    "directive @aws_iam on FIELD_DEFINITION | OBJECT "
    "directive @aws_subscribe(mutations: [String]) on FIELD_DEFINITION\n"
)


@pytest.fixture
def steps() -> list[str]:
    """The commands, each on one line."""
    (block,) = re.findall(r"```sh\n(orders submit .*?)```", PAGE, re.DOTALL)
    return str(block).replace("\\\n", "").splitlines()


def test_the_token_is_read_from_where_the_command_line_keeps_it(
    steps: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ORDERS_LOCAL_DIR", "ORDERS_LOCAL_NAME"):
        monkeypatch.delenv(name, raising=False)
    kept = tmp_path / Home().tokens.relative_to(PROJECT)
    kept.parent.mkdir(parents=True)
    Tokens(id_token="the-id", access_token="the-other", expires_at=datetime.now(UTC)).save(kept)

    done = subprocess.run(
        ["sh", "-c", f'{steps[1]}; echo "$TOKEN"'],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "the-id\n"


def test_the_request_is_one_that_the_schema_takes(steps: list[str]) -> None:
    words = shlex.split(steps[2])
    query = json.loads(words[words.index("-d") + 1])["query"]
    schema = (PROJECT / "functions" / "api" / "schema.graphql").read_text(encoding="utf-8")

    assert validate(build_schema(SCALARS + schema), parse(query)) == []


def test_the_submission_is_one_that_the_program_takes(steps: list[str]) -> None:
    parsed(shlex.split(steps[0])[1:])
