"""Turns expected errors into a message and an exit code."""

from __future__ import annotations

from typing import Final

import httpx
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AwsConnectionError
from pydantic import ValidationError

from cdk.settings import SettingsError
from orderflow.catalog.csv_file import CatalogFileError
from orderflow.errors import ProviderUnavailableError
from orderflow.validation import fields_in_words
from scripts.auth import SignInError
from scripts.cli.console import CommandError, ExitCode
from scripts.local.errors import LocalStackError

_UNAVAILABLE: Final = (
    LocalStackError, SignInError, ProviderUnavailableError, BotoCoreError, ClientError,
    httpx.HTTPError,
)  # fmt: skip
#: The service does not answer, or not in time. Applies to the cause of an error too.
_NO_ANSWER: Final = (AwsConnectionError, HTTPClientError, httpx.TransportError)
_HINT: Final = "If this is the local stack, `orders local status` says what is wrong with it."


def explain(error: BaseException) -> CommandError | None:  # noqa: PLR0911 - one per family
    """The message and exit code of an expected error; None for an unexpected one."""
    match error:
        case CommandError():
            return error
        case CatalogFileError():
            return CommandError(f"This catalog can't be loaded.\n{error}", ExitCode.REFUSED)
        case SettingsError():
            return CommandError(str(error), ExitCode.REFUSED)
        case _ if isinstance(error, _UNAVAILABLE):
            return CommandError(_in_words(error), ExitCode.UNAVAILABLE)
        case ValidationError():
            return CommandError(_invalid_item(error), ExitCode.FAILED)
        case KeyboardInterrupt():
            return CommandError("Interrupted.", ExitCode.INTERRUPTED)
        case OSError() if not isinstance(error, BrokenPipeError):  # Typer's to handle
            return CommandError(str(error), ExitCode.UNAVAILABLE)
    return None


def _in_words(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    sentence = text if text.endswith(".") else f"{text}."
    no_answer = isinstance(error, _NO_ANSWER) or isinstance(error.__cause__, _NO_ANSWER)
    return f"{sentence} {_HINT}" if no_answer else sentence


def _invalid_item(error: ValidationError) -> str:
    return f"A stored {error.title} can't be read; look at its {fields_in_words(error)}."
