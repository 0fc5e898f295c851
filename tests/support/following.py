"""Follows a runbook on the running stack: runs its commands, and sees what the page says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Self

from tests.support.runbooks import ACT, LOOK, VERIFY, PageCommand, commands_of, filled
from tests.support.terminal import PATIENCE_SECONDS, Ran, type_in
from tests.support.waiting import wait_for

#: What a placeholder stands for; a function chooses by the command.
Value = str | Callable[[PageCommand], str]

_SECTIONS: Final = (LOOK, ACT, VERIFY)


class Following:
    """A ``with`` block in which an operator follows a page: looks, acts and verifies.

    At its end all commands of these sections have been run, but for those that the page marks.

    Args:
        page: the page's file.
        fill: what its placeholders stand for.
    """

    def __init__(self, page: str, **fill: Value) -> None:
        self._fill = fill
        self._left = {
            section: [each for each in commands_of(page) if each.section == section]
            for section in _SECTIONS
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if error is None:
            assert not any(self._left.values()), f"not run: {self._left}"

    def look(self) -> None:
        """Run what the page says to look at; what is seen may take a while to appear."""
        self._run(LOOK, PATIENCE_SECONDS)

    def act(self) -> None:
        """Run the acts, each once."""
        self._run(ACT, 0)

    def verify(self, meanwhile: Callable[[], None]) -> None:
        """Run what shows that it helped, until it does.

        Args:
            meanwhile: called before each command, such as :meth:`.Pager.hasten`.
        """
        self._run(VERIFY, PATIENCE_SECONDS, meanwhile)

    def _run(
        self, section: str, patience: float, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        while self._left[section]:
            command = self._left[section][0]
            if command.elsewhere is None:
                self._try(command, patience, meanwhile)
            del self._left[section][0]

    def _try(self, command: PageCommand, patience: float, meanwhile: Callable[[], None]) -> None:
        fill = {name: self._value(name, command) for name in command.placeholders}

        def problems() -> list[str]:
            meanwhile()
            return _problems(command, fill)

        wait_for(problems, lambda found: not found, patience)

    def _value(self, name: str, command: PageCommand) -> str:
        value = self._fill[name]
        return value if isinstance(value, str) else value(command)


def _problems(command: PageCommand, fill: Mapping[str, str]) -> list[str]:
    """What differs from what the page says; empty where all is as it says."""

    def is_as_said(screen: str) -> bool:
        return not differences(command, fill, Ran(command.exit_code, screen))

    name, *arguments = command.words(fill)
    assert name == "orders", command
    ran = type_in(arguments, os.environ, is_as_said if "--watch" in arguments else None)
    found = differences(command, fill, ran)
    what = f"{command.page}: {filled(command.line, fill)}: {'; '.join(found)}"
    return [f"{what}\n{ran.screen}"] if found else []


def differences(command: PageCommand, fill: Mapping[str, str], ran: Ran) -> list[str]:
    """What a command did that its page does not say, in words.

    Args:
        command: the page's.
        fill: what its placeholders stand for.
        ran: what it did.
    """
    lacking = [
        f"does not show {' or '.join(alternatives)}"
        for alternatives in command.shows(fill)
        if not any(each in ran.screen for each in alternatives)
    ]
    hidden = [f"shows {each}" for each in command.hides(fill) if each in ran.screen]
    ended = [f"exit code {ran.exit_code}"] if ran.exit_code != command.exit_code else []
    return lacking + hidden + ended
