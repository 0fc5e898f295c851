"""All relative links of the Markdown files lead somewhere: to a file, a heading, a line."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

LINK = re.compile(r"!?\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
ABSOLUTE = re.compile(r"[a-z]+:")
#: A link to a line of Python code names what is defined there.
LINE = re.compile(r"L(\d+)")

PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "tests/**/*.md", "scripts/**/*.md", "functions/**/*.md")
    for page in PROJECT.glob(pattern)
    if "node_modules" not in page.parts
)


def links(page: Path) -> list[tuple[str, str]]:
    """Text and target of each relative link."""
    return [
        (found["text"], found["target"])
        for found in LINK.finditer(_without_code_blocks(page.read_text(encoding="utf-8")))
        if not ABSOLUTE.match(found["target"])
    ]


def _without_code_blocks(text: str) -> str:
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of the page's headings; repeated ones get a number."""
    found: set[str] = set()
    text = _without_code_blocks(page.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE):
        plain = LINK.sub(lambda link: link["text"], heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        repeated = sum(each.rpartition("-")[0] == anchor or each == anchor for each in found)
        found.add(f"{anchor}-{repeated}" if anchor in found else anchor)
    return found


def test_there_are_pages() -> None:
    assert {PROJECT / "README.md", PROJECT / "docs" / "overview.md"} <= {*PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = [f"[{text}]({target})" for text, target in links(page) if not leads(page, target)]

    assert broken == []


def leads(page: Path, target: str) -> bool:
    """Whether the link's file exists, with its heading or its line."""
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.exists():
        return False
    if line := LINE.fullmatch(anchor):
        return int(line[1]) <= len(file.read_text(encoding="utf-8").splitlines())
    return not anchor or anchor in anchors(file)


@pytest.mark.parametrize(
    ("target", "is_good"),
    [
        ("docs/overview.md#payment", True),
        ("docs/overview.md#no-such-heading", False),
        ("docs/no-such-page.md", False),
        ("functions/api/handler.py#L1", True),
        ("functions/api/handler.py#L100000", False),
    ],
)
def test_a_link_is_broken_where_its_file_heading_or_line_is_missing(
    target: str, is_good: bool
) -> None:
    assert leads(PROJECT / "README.md", target) is is_good


def test_links_to_lines_of_code_hold_the_name_that_they_show() -> None:
    shown = 0
    for page in PAGES:
        for text, target in links(page):
            path, _, anchor = target.partition("#")
            if line := LINE.fullmatch(anchor):
                shown += 1
                code = (page.parent / path).resolve().read_text(encoding="utf-8").splitlines()
                name = text.strip("`").rpartition(".")[2]
                defined = rf"\s*(async )?(def|class) {name}\b|  {re.escape(name)}:"
                assert re.match(defined, code[int(line[1]) - 1]), f"{page.name}: {text}, {target}"
    assert shown
