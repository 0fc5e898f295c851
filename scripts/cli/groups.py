"""Groups of commands that do something without a command's name."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperGroup

_HELP: Final = ("-h", "--help")


class ShowByDefault(TyperGroup):
    """A group whose default command is ``show``; its help is that of the group.

    Not a callback: options before a command's name would belong to the callback, and
    ``breakers --stage prod open`` would open the local breaker.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; without a command they are those of ``show``."""
        has_command = bool(args) and (args[0] in _HELP or not args[0].startswith("-"))
        return super().parse_args(ctx, args if has_command else ["show", *args])
