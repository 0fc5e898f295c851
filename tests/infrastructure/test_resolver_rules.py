"""Resolvers hold nothing that AppSync's JavaScript runtime can't run, by AWS's own ESLint rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.judges import lint_resolvers
from tests.support.paths import FUNCTIONS


def test_the_resolvers_have_no_findings() -> None:
    assert lint_resolvers(FUNCTIONS / "api" / "resolvers") == []


@pytest.mark.parametrize(
    "code",
    [
        "export async function request(ctx) { return {}; }",
        "export function request(ctx) { try { return {}; } catch { return null; } }",
        "export function request(ctx) { return /a+/; }",
        "export function request(ctx) { let n = 0; n++; return { n }; }",
        "export function request(ctx) { while (true) { return {}; } }",
    ],
)
def test_what_the_runtime_can_not_run_is_found(tmp_path: Path, code: str) -> None:
    (tmp_path / "resolver.js").write_text(code, encoding="utf-8")
    assert lint_resolvers(tmp_path)
