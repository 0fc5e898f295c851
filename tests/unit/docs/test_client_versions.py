"""What docs/api.md says of the clients of others holds for the releases that the tests use."""

from __future__ import annotations

import re
from importlib.metadata import version

from tests.support.client_versions import (
    API_PAGE,
    amplify_package,
    locked_amplify,
    locked_gql,
    pinned_gql,
    snippets,
)
from tests.support.paths import TESTS

PAGE = " ".join(API_PAGE.read_text("utf-8").split())


def minor(release: str) -> str:
    """``6.22`` of ``6.22.1``."""
    return ".".join(release.split(".")[:2])


def named_after(client: str) -> set[str]:
    """The versions that follow a client's name on the page, such as ``Amplify 6.22``."""
    found = re.findall(rf"{re.escape(client)} (\d+\.\d+)(?: and (\d+\.\d+))?", PAGE)
    return {release for pair in found for release in pair if release}


def test_gql_is_named_with_the_locked_release_and_the_newest_that_is_tried() -> None:
    assert locked_gql() == version("gql")
    assert named_after("`gql`") == {minor(locked_gql()), minor(pinned_gql())}


def test_amplify_is_named_with_the_release_that_its_parts_belong_to() -> None:
    assert named_after("Amplify") == {minor(amplify_package()["config"]["aws-amplify"])}


def test_amplifys_parts_are_named_as_npm_installs_them() -> None:
    assert locked_amplify() == amplify_package()["devDependencies"]
    named = {part: named_after(f"`{part}`") for part in locked_amplify()}
    assert named == {part: {minor(release)} for part, release in locked_amplify().items()}


def test_every_piece_of_code_for_apps_is_run_by_a_test() -> None:
    tests = (TESTS / "integration" / "test_clients_in_trouble.py").read_text("utf-8")
    assert {*snippets()} == {*re.findall(r'snippet\("([^"]+)"\)', tests)}
