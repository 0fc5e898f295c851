"""What a save leads to."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from scripts.demo_shop.app import PAGE
from scripts.local.hotswap.errors import SaveError
from scripts.local.hotswap.functions import Published
from scripts.local.hotswap.watch import DEFINITION, FUNCTIONS, Hotswap
from scripts.local.stack.state import PROJECT

WORKFLOW = DEFINITION / "order.asl.yaml"
HANDLER = FUNCTIONS / "api" / "handler.py"


@dataclass
class Stack:
    """Functions, definition and page that note what they were asked; ``broken`` ones refuse."""

    folders: frozenset[str] = frozenset({"api", "parse_order"})
    broken: set[str] = field(default_factory=set)
    synced: list[Any] = field(default_factory=list)

    def _sync(self, part: str, what: Any) -> None:
        self.synced.append(what)
        if part in self.broken:
            raise SaveError(f"the {part} can't be read")

    @property
    def functions(self) -> Any:
        def sync(names: Iterable[str]) -> list[Published]:
            self._sync("functions", sorted(names))
            return [Published(name, "7") for name in sorted(names)]

        return _Part(sync, self.folders)

    @property
    def definition(self) -> Any:
        return _Part(lambda: self._sync("definition", "definition") or "9")

    @property
    def page(self) -> Any:
        return _Part(lambda: self._sync("page", "page") or ["words.js"])


@dataclass
class _Part:
    sync: Any
    folders: frozenset[str] = frozenset()


@pytest.fixture
def stack() -> Stack:
    return Stack()


@pytest.fixture
def hotswap(stack: Stack) -> Hotswap:
    return Hotswap(*(cast("Any", each) for each in (stack.functions, stack.definition, stack.page)))


@pytest.mark.parametrize(
    ("files", "synced"),
    [
        ([HANDLER], [["api"], "definition"]),  # which names the function's version
        ([FUNCTIONS / "orderflow" / "money.py"], [["api", "parse_order"], "definition"]),
        ([WORKFLOW], ["definition"]),
        ([PAGE / "words.js"], ["page"]),
        ([HANDLER, WORKFLOW, PAGE / "shop.css"], [["api"], "definition", "page"]),
    ],
)
def test_a_save_deploys_the_parts_that_it_belongs_to(
    stack: Stack, hotswap: Hotswap, files: list[Path], synced: list[Any]
) -> None:
    report = hotswap.save(files)

    assert stack.synced == synced
    assert report.problem is None
    assert report.hint is None
    assert report.files == tuple(sorted(str(each.relative_to(PROJECT)) for each in files))


@pytest.mark.parametrize(
    "file",
    [
        FUNCTIONS / "api" / "schema.graphql",
        FUNCTIONS / "api" / "resolvers" / "getOrder.js",
        FUNCTIONS / "brand_new" / "handler.py",
        PROJECT / "cdk" / "stacks" / "orders.py",
    ],
)
def test_what_only_a_deployment_takes_over_is_said(
    stack: Stack, hotswap: Hotswap, file: Path
) -> None:
    report = hotswap.save([file])

    assert stack.synced == []
    assert report.hint is not None
    assert str(file.relative_to(PROJECT)) in report.hint
    assert "orders local up --redeploy" in report.hint


def test_a_broken_part_does_not_keep_the_others_back(stack: Stack, hotswap: Hotswap) -> None:
    stack.broken = {"functions"}

    report = hotswap.save([HANDLER, PAGE / "words.js"])

    assert report.problem == "the functions can't be read"
    assert report.done == ("the page has words.js",)


def test_a_broken_part_is_tried_again_with_the_next_save(stack: Stack, hotswap: Hotswap) -> None:
    stack.broken = {"functions"}
    hotswap.save([HANDLER])
    stack.broken = set()

    report = hotswap.save([PAGE / "words.js"])

    assert report.done == (
        "api is version 7",
        "new orders run version 9 of the workflow",
        "the page has words.js",
    )


def test_what_was_saved_before_is_caught_up_with(stack: Stack, hotswap: Hotswap) -> None:
    report = hotswap.catch_up(time.time(), [])

    assert stack.synced == [["api", "parse_order"], "definition", "page"]
    assert report.hint is None


@pytest.mark.parametrize("is_later", [True, False])
def test_what_was_saved_before_and_takes_a_deployment_is_named(
    hotswap: Hotswap, is_later: bool
) -> None:
    schema = FUNCTIONS / "api" / "schema.graphql"
    deployed_at = schema.stat().st_mtime + (-1 if is_later else 1)

    report = hotswap.catch_up(deployed_at, [FUNCTIONS / "api"])

    assert (report.hint is not None and "schema.graphql" in report.hint) is is_later


def test_a_removed_file_is_a_save(stack: Stack, hotswap: Hotswap) -> None:
    report = hotswap.save([FUNCTIONS / "api" / "removed.py"])

    assert stack.synced == [["api"], "definition"]
    assert report.seconds >= 0
