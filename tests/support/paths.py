"""The paths of the project's files."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parents[2]
TESTS = PROJECT / "tests"
FUNCTIONS = PROJECT / "functions"
DEFINITION = PROJECT / "workflows" / "order.asl.yaml"
SCHEMA = FUNCTIONS / "api" / "schema.graphql"
