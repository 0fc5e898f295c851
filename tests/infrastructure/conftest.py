"""One synthesis for each stage and test session, with stand-ins for the functions' code."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cdk  # noqa: F401 - first: sets the path of Node for jsii

# isort: split
import aws_cdk
from aws_cdk import aws_lambda

from cdk.app import add_stacks
from cdk.constructs.foundation import CodeFor
from cdk.constructs.functions.bundling import ROOT
from cdk.settings import Settings, Stage
from tests.support.templates import Synthesize, Templates


@pytest.fixture(scope="session")
def context() -> dict[str, Any]:
    """The context that the CLI passes to the app."""
    settings = json.loads((ROOT / "cdk" / "cdk.json").read_text())
    return dict(settings["context"])


@pytest.fixture(scope="session")
def stub_code(tmp_path_factory: pytest.TempPathFactory) -> CodeFor:
    folder = tmp_path_factory.mktemp("code")
    (folder / "handler.py").touch()
    return lambda _: aws_lambda.Code.from_asset(str(folder))


@pytest.fixture(scope="session")
def synthesize(
    tmp_path_factory: pytest.TempPathFactory,
    context: dict[str, Any],
    stub_code: CodeFor,
) -> Synthesize:
    """Synthesizes a stage; fails if cdk-nag has a finding that is not acknowledged."""

    @cache
    def synthesize(stage: str) -> Templates:
        app = aws_cdk.App(outdir=str(tmp_path_factory.mktemp(stage)), context=context)
        settings = Settings.for_stage(stage, {})
        add_stacks(app, settings, stub_code)
        folder = Path(app.synth().directory)
        data, orders, operations, guard, paging, trail = (
            json.loads(file.read_text()) if file.exists() else None
            for stack in ("data", "orders", "operations", "guard", "paging", "trail")
            for file in [folder / f"{settings.prefix}-{stack}.template.json"]
        )
        return Templates(stage, data, orders, guard, trail, operations, paging)

    return synthesize


@pytest.fixture(scope="session", params=[stage.value for stage in Stage])
def templates(request: pytest.FixtureRequest, synthesize: Synthesize) -> Templates:
    """Each stage in turn."""
    return synthesize(request.param)
