"""What of a view could not be read, why, and what the operator can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError
from botocore.parsers import ResponseParserError

from orderflow.errors import ProviderUnavailableError
from orderflow.platform.aws_errors import error_code, is_outage
from scripts.cli.errors import explain

_REFUSED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)
_SIGNED_OUT: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)
_NO_ANSWER: Final = (
    ProviderUnavailableError, AwsConnectionError, HTTPClientError, ResponseParserError,
)  # fmt: skip

_GRANT: Final = "Ask for this permission; the rest of the page holds without it."
_SIGN_IN: Final = "Sign in to AWS again in the console's terminal, and start `orders console` anew."
_WAIT: Final = "The page asks again by itself. If it stays so: health.aws.amazon.com."
_LOOK: Final = "`orders health` tries each part; the console's terminal has the error."


@dataclass(frozen=True)
class Unread:
    """A part of a view that could not be read.

    Attributes:
        what: the part, as the page calls it.
        why: the error, in words.
        advice: what to do.
    """

    what: str
    why: str
    advice: str

    @classmethod
    def of(cls, what: str, error: BaseException) -> Unread:
        """The part whose reading raised this error."""
        explained = explain(error)
        why = str(explained) if explained else f"The console failed: {type(error).__name__}."
        return cls(what, why, _advice(error))

    @classmethod
    def late(cls, what: str, seconds: float) -> Unread:
        """The part that was not read in this time."""
        return cls(what, f"AWS did not answer within {seconds:g} s.", _WAIT)


def unread_as_json(found: list[Unread]) -> list[dict[str, Any]]:
    """For the page: the parts that share a reason stand together."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for each in found:
        parts = reasons.setdefault((each.why, each.advice), [])
        if each.what not in parts:
            parts.append(each.what)
    return [
        {"what": parts, "why": why, "advice": advice} for (why, advice), parts in reasons.items()
    ]


def _advice(error: BaseException) -> str:
    match error:
        case ClientError() if error_code(error) in _REFUSED:
            return _GRANT
        case ClientError() if error_code(error) in _SIGNED_OUT:
            return _SIGN_IN
        case NoCredentialsError() | TokenRetrievalError():
            return _SIGN_IN
        case ClientError() if is_outage(error):
            return _WAIT
        case _ if isinstance(error, _NO_ANSWER):
            return _WAIT
    return _LOOK
