"""The commands on the runbooks' pages, as docs/runbooks/README.md says how to read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.paths import PROJECT

RUNBOOKS: Final = PROJECT / "docs" / "runbooks"

#: The sections whose commands an operator runs while an alarm rings, and after it.
LOOK, ACT, VERIFY = "Look", "Act", "Verify"
#: A page for trying things out at leisure: no alarm rings.
PRACTISE: Final = "Practise"

#: The words that stand for something else, each with an example of it.
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "ADDRESS": "192.0.2.0/24",
    "ERROR": "KeyError",
    "ID": "4f0e7d11",
    "KEY_ID": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "ORDER_ID": "6cfc66f5",
    "PROVIDER": "paystack",
    "REFERENCE": "6cfc66f5-1",
    "STAGE": "prod",
    "TOKEN": "2f5f1a3c-0000-4000-8000-000000000000",
    "USER": "3f2c9d0e-1f7b-4f2c-9a55-0d6a7f0d9a11",
}

_PLACEHOLDER: Final = re.compile(rf"\b(?:{'|'.join(PLACEHOLDERS)})\b")
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_ELSEWHERE: Final = re.compile(r"not here: (.+)")
_EXIT_CODE: Final = re.compile(r"exit code (\d+)")
_SHOWS: Final = re.compile(r"shows (no )?((?:\"[^\"]+\"(?: (?:and|or) )?)+)")
_CLAUSE_END: Final = re.compile(r"; |(?<=\?) ")
_QUOTED: Final = re.compile(r"\"([^\"]+)\"")


@dataclass(frozen=True)
class PageCommand:
    """A command on a page, and what the page says about it.

    Attributes:
        page: the page's file.
        section: the heading of the section that it is in.
        line: the command as it is printed, with placeholders.
        says: the comment behind it; empty where there is none.
    """

    page: str
    section: str
    line: str
    says: str

    @property
    def elsewhere(self) -> str | None:
        """Why the command can't be run on the local stack; None where it can."""
        found = _ELSEWHERE.fullmatch(self.says)
        return found[1] if found else None

    @property
    def exit_code(self) -> int:
        """The exit code that the page names, or 0."""
        codes = [found[1] for each in self._clauses if (found := _EXIT_CODE.fullmatch(each))]
        return int(codes[0]) if codes else 0

    def shows(self, fill: Mapping[str, str]) -> list[list[str]]:
        """What the command prints: of each list one text at least."""
        return [
            alternatives
            for each in self._clauses
            if (found := _SHOWS.fullmatch(each)) and not found[1]
            for alternatives in _alternatives(filled(found[2], fill))
        ]

    def hides(self, fill: Mapping[str, str]) -> list[str]:
        """What the command does not print."""
        return [
            text
            for each in self._clauses
            if (found := _SHOWS.fullmatch(each)) and found[1]
            for text in _QUOTED.findall(filled(found[2], fill))
        ]

    @property
    def problems(self) -> list[str]:
        """What of the comment looks like a statement about the output, and can't be read as one."""
        if self.elsewhere:
            return []
        return [
            each
            for each in self._clauses
            if re.search(r'"|\bshows\b|\bexit code\b|\bnot here\b', each)
            and not _EXIT_CODE.fullmatch(each)
            and not _SHOWS.fullmatch(each)
        ]

    @property
    def _clauses(self) -> list[str]:
        return [each.strip() for each in _CLAUSE_END.split(self.says)]

    @property
    def placeholders(self) -> set[str]:
        """The words in the command, and in what it shows, that stand for something else."""
        return {*_PLACEHOLDER.findall(f"{self.line} {self.says}")}

    def words(self, fill: Mapping[str, str]) -> list[str]:
        """The command's words, with placeholders filled.

        Raises:
            KeyError: a placeholder has no value.
        """
        return shlex.split(filled(self.line, fill))


def filled(text: str, fill: Mapping[str, str]) -> str:
    """The text with a value in the place of each placeholder.

    Raises:
        KeyError: a placeholder has no value.
    """
    return _PLACEHOLDER.sub(lambda found: fill[found[0]], text)


def _alternatives(quoted: str) -> Iterator[list[str]]:
    """``"A" or "B" and "C"``: the texts of each part."""
    for part in quoted.split('" and "'):
        yield [text.strip('"') for text in part.split('" or "')]


def pages() -> list[Path]:
    """All runbooks, and their table of contents."""
    return sorted(RUNBOOKS.glob("*.md"))


def sections(text: str) -> dict[str, str]:
    """What stands below each heading of the second level; before the first one, below ""."""
    parts = _SECTION.split(text)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def commands(page: str, text: str) -> list[PageCommand]:
    """The commands in the page's fences, in their sequence.

    Args:
        page: its file.
        text: its content.
    """
    return [
        command
        for section, content in sections(text).items()
        for language, block in _FENCE.findall(content)
        if language == "sh"
        for command in _commands_of(page, section, block)
    ]


def _commands_of(page: str, section: str, block: str) -> Iterator[PageCommand]:
    for line in block.splitlines():
        # A comment begins after a blank: `--reason "Parked since #3"` has none.
        command, _, says = line.partition(" # ")
        if command.strip():
            yield PageCommand(page, section, command.strip(), says.strip())


def commands_of(page: str) -> list[PageCommand]:
    """The commands of a page of docs/runbooks."""
    return commands(page, (RUNBOOKS / page).read_text(encoding="utf-8"))
