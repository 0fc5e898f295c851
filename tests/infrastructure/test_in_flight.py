"""Executions in flight call versions of the functions that the deployment before published."""

from __future__ import annotations

import json

from tests.support.paths import TESTS
from tests.support.templates import Synthesize

DEPLOYED: dict[str, str] = json.loads(
    (TESTS / "data" / "in_flight" / "functions.json").read_text(encoding="utf-8")
)


def test_a_deployment_replaces_no_function_that_executions_in_flight_call(
    synthesize: Synthesize,
) -> None:
    functions = synthesize("prod").resources("AWS::Lambda::Function")

    # Another logical id or name makes CloudFormation delete the function, with all its versions.
    assert {
        logical_id: functions[logical_id]["Properties"]["FunctionName"] for logical_id in DEPLOYED
    } == DEPLOYED


def test_published_versions_are_kept(synthesize: Synthesize) -> None:
    versions = synthesize("prod").resources("AWS::Lambda::Version").values()

    assert {version["DeletionPolicy"] for version in versions} == {"Retain"}
