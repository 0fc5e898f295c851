"""How many function versions stay initialized on this machine."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.local.snapshots import host
from scripts.local.snapshots.host import MOST_TEMPLATES, Templates


class Template:
    """Notes whether it was closed."""

    has_ended = False

    def __init__(self, environment: dict[str, str], _folder: str) -> None:
        self.number = int(environment["VERSION"])
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def _played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "Template", Template)


def template(templates: Templates, number: int) -> Any:
    return templates.template({"VERSION": str(number)}, "/package")


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
