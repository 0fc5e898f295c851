"""Reads command lines as ``orders`` does, without running them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import typer.main
from typer._click.exceptions import NoArgsIsHelpError

from scripts.cli.main import app

#: All commands, made once.
ROOT: Final[Any] = typer.main.get_command(app)


def parsed(words: Sequence[str]) -> Any:
    """The command of a line, whose arguments it accepts.

    Args:
        words: those after ``orders``.

    Raises:
        click.ClickException: it refuses them.
        AssertionError: they show a help.
    """
    command = ROOT
    rest = [*words]
    while hasattr(command, "commands") and rest and rest[0] in command.commands:
        command, rest = command.commands[rest[0]], rest[1:]
    if hasattr(command, "commands"):
        # `orders breakers` shows them; other groups show their help.
        assert "show" in command.commands, f"orders {' '.join(words)} is no command"
        command = command.commands["show"]
    try:
        command.make_context(" ".join(words), rest)
    except NoArgsIsHelpError as error:
        raise AssertionError(f"orders {' '.join(words)} shows the help") from error
    return command
