"""What the API's refusals of a submission mean: the lines at fault, and what to do next."""

from __future__ import annotations

from orderflow.grocery_list.parser import parse
from orderflow.orders.submission import NOT_BOUGHT
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment


def with_advice(refusal: CommandError, key: str, deployment: Deployment) -> CommandError:
    """After an error of the API the order may have been accepted: how to look, and send again."""
    if refusal.code is not ExitCode.FAILED:
        return refusal
    look = "\n`orders local logs` says what went wrong." if deployment.urls else ""
    again = f"The same list with `--idempotency-key {key}` can be sent again: no order is doubled."
    return CommandError(f"{refusal}{look}\n{again}", refusal.code)


def with_lines_named(refusal: CommandError, text: str) -> CommandError:
    """The refusal of a list, with the lines that are at fault and why, as far as that is known."""
    if not str(refusal).startswith("InvalidOrder"):
        return refusal
    parts = sorted(parse(text).set_aside, key=lambda part: part.span)
    named = [
        f"line {text.count(chr(10), 0, part.span[0]) + 1}: {text[slice(*part.span)].strip()}\n"
        f"  {NOT_BOUGHT[part.reason]}"
        for part in parts
    ]
    return CommandError("\n".join([str(refusal), *named]), refusal.code)
