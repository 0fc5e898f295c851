"""What all commands have in common: ``-h``, ``--name``, examples in their help, expected errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import typer
from typer._click.exceptions import ClickException, UsageError
from typer.core import TyperGroup
from typer.main import get_command

from scripts.cli.console import CommandError, ExitCode, print_error, print_json_error
from scripts.cli.errors import explain
from scripts.cli.examples import EXAMPLES
from scripts.cli.options import LocalName

_HELP: Final = ["-h", "--help"]
_VARIABLE: Final = "ORDERS_LOCAL_NAME"


class OrdersGroup(TyperGroup):
    """The root of all commands.

    Expected errors are reported without a stack trace, as JSON where the command has ``--json``.
    Unexpected errors are bugs and keep their trace.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._as_json = False
        _add_help(self)
        for path, command in commands_below(self, "orders"):
            _add_help(command)
            command.epilog = _examples(path)
            if not any("--name" in each.opts for each in command.params):
                command.params.append(_name_option())

    def make_context(
        self, info_name: Any, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the arguments of the root."""
        options = args[: args.index("--")] if "--" in args else args
        self._as_json = "--json" in options
        return self._reported(
            lambda: super(OrdersGroup, self).make_context(info_name, args, parent, **extra)
        )

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        return self._reported(lambda: super(OrdersGroup, self).invoke(ctx))

    def _reported(self, run: Any) -> Any:
        try:
            return run()
        except (Exception, KeyboardInterrupt) as error:
            explained = self._misuse(error) or explain(error)
            if explained is None:
                raise
            if self._as_json:
                print_json_error(explained)
            else:
                print_error(str(explained))
            raise typer.Exit(explained.code) from error

    def _misuse(self, error: BaseException) -> CommandError | None:
        """A misuse of the command line as JSON; otherwise Typer shows it with the usage."""
        if not self._as_json:
            return None
        if isinstance(error, typer.Abort):
            return CommandError("Nothing was done: the question was not answered.", ExitCode.FAILED)
        if isinstance(error, ClickException):
            refused = isinstance(error, UsageError)
            code = ExitCode.REFUSED if refused else ExitCode.FAILED
            return CommandError(error.format_message(), code)
        return None


def commands_below(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """All commands of a group and of its groups, each with its words, such as "orders local up"."""
    for name, command in group.commands.items():
        below = f"{path} {name}"
        if hasattr(command, "commands"):
            _add_help(command)
            yield from commands_below(command, below)
        else:
            yield below, command


def _add_help(command: Any) -> None:
    command.context_settings = {**command.context_settings, "help_option_names": _HELP}


def _examples(path: str) -> str | None:
    examples = EXAMPLES.get(path)
    return "\n\n".join(["Examples:", *examples]) if examples else None


@cache
def _name_option() -> Any:
    """``--name`` for commands that do not use it themselves: it stands for the variable."""
    app = typer.Typer(add_completion=False)
    app.command()(_named)
    (option,) = get_command(app).params
    option.expose_value = False
    option.callback = _choose
    return option


def _named(name: LocalName = None) -> None: ...


def _choose(ctx: Any, _: Any, name: str | None) -> None:
    """Set the variable for the length of the command."""
    before = os.environ.get(_VARIABLE)
    if name is None or name == before:
        return
    os.environ[_VARIABLE] = name
    ctx.call_on_close(lambda: _restore(before))


def _restore(before: str | None) -> None:
    if before is None:
        os.environ.pop(_VARIABLE, None)
    else:
        os.environ[_VARIABLE] = before
