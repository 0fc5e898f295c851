"""How many function versions stay initialized on this machine, and what they are forked from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from scripts.local.snapshots import host
from scripts.local.snapshots.host import MOST_TEMPLATES, Templates


class Played:
    """Notes whether it was closed."""

    has_ended = False

    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


class Stem(Played):
    def __init__(
        self, _environment: dict[str, str], path: Sequence[str], _imported: Sequence[str]
    ) -> None:
        super().__init__()
        self.path = path


class Template(Played):
    def __init__(self, stem: Stem, environment: dict[str, str], _folder: str) -> None:
        super().__init__()
        self.stem = stem
        self.number = int(environment["VERSION"])


@pytest.fixture(autouse=True)
def _played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "Template", Template)
    monkeypatch.setattr(host, "Stem", Stem)


def template(templates: Templates, number: int, library: str = "/library", **more: str) -> Any:
    environment = {"VERSION": str(number), "PYTHONPATH": f"/package:{library}:/base:/runtime"}
    return templates.template(environment | more, "/package")


def test_the_versions_that_were_used_longest_ago_end() -> None:
    templates = Templates()
    made = [template(templates, number) for number in range(MOST_TEMPLATES)]
    assert template(templates, 0) is made[0]  # used again

    template(templates, MOST_TEMPLATES)

    assert [each.number for each in made if each.is_closed] == [1]


def test_a_version_that_has_ended_is_initialized_again() -> None:
    templates = Templates()
    first = template(templates, 0)
    for number in range(1, MOST_TEMPLATES + 1):
        template(templates, number)
    assert first.is_closed

    assert template(templates, 0) is not first


def test_functions_with_the_same_library_are_forked_from_one_process() -> None:
    templates = Templates()

    first, second = template(templates, 0), template(templates, 1, ORDERS_TABLE="orders")

    assert first.stem is second.stem
    assert first.stem.path == ("/library", "/base", "/runtime")


def test_what_the_library_reads_when_it_is_imported_is_not_shared() -> None:
    templates = Templates()

    first = template(templates, 0)
    second = template(templates, 1, AWS_LAMBDA_LOG_FORMAT="JSON")

    assert first.stem is not second.stem


def test_what_no_version_is_forked_from_any_more_ends() -> None:
    templates = Templates()
    first = template(templates, 0, "/library-1")

    others = [template(templates, number, "/library-2") for number in range(MOST_TEMPLATES)]

    assert first.stem.is_closed
    assert not others[0].stem.is_closed


def test_a_process_that_has_ended_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    templates = Templates()
    first = template(templates, 0)
    monkeypatch.setattr(first.stem, "has_ended", True)

    assert template(templates, 1).stem is not first.stem
