"""The versions of packages that are known to work, where a later one is known not to."""

from __future__ import annotations

import tomllib
from importlib.metadata import requires, version
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.support.paths import PROJECT

PYPROJECT: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK: dict[str, Any] = tomllib.loads((PROJECT / "uv.lock").read_text(encoding="utf-8"))


def asked_for(package: str) -> Requirement:
    """What the dependency groups say of a package."""
    (found,) = {
        requirement
        for group in PYPROJECT["dependency-groups"].values()
        for requirement in (Requirement(each) for each in group if isinstance(each, str))
        if requirement.name == package
    }
    return found


def asked_for_by(dependent: str, package: str) -> Requirement:
    (found,) = {
        requirement
        for requirement in map(Requirement, requires(dependent) or ())
        if requirement.name == package
    }
    return found


class TestGraphqlCore:
    """The front door checks directives and variables with it; 3.3 changed these functions."""

    @pytest.mark.parametrize("known_to_work", ["3.2.12", "3.2.99"])
    def test_the_supported_range(self, known_to_work: str) -> None:
        assert Version(known_to_work) in asked_for("graphql-core").specifier

    @pytest.mark.parametrize("known_to_break", ["3.3.0", "3.3.2", "4.0.0"])
    def test_later_versions_are_excluded(self, known_to_break: str) -> None:
        assert Version(known_to_break) not in asked_for("graphql-core").specifier

    @pytest.mark.parametrize("dependent", ["ministack", "gql"])
    def test_the_emulator_and_the_client_agree(self, dependent: str) -> None:
        """When these allow another version, ours can follow."""
        ours = asked_for("graphql-core").specifier
        theirs = asked_for_by(dependent, "graphql-core").specifier
        assert Version(version("graphql-core")) in ours & theirs
        assert Version("3.3.2") not in theirs

    def test_the_lock_holds_one_in_the_range(self) -> None:
        (locked,) = {each["version"] for each in LOCK["package"] if each["name"] == "graphql-core"}
        assert Version(locked) in asked_for("graphql-core").specifier
