"""The sessions of signed-in customers: tokens stay here, browsers have a random key."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from scripts.auth import Tokens


def _now() -> datetime:
    return datetime.now(UTC)


class Sessions:
    """The sessions of one server; each ends with its tokens.

    Args:
        clock: the time, in UTC.
    """

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._tokens: dict[str, Tokens] = {}

    def open(self, tokens: Tokens) -> str:
        """Starts a session and returns its key."""
        key = secrets.token_urlsafe(32)
        self._tokens[key] = tokens
        return key

    def find(self, key: str) -> Tokens | None:
        """The session's tokens; None if there is no such session."""
        tokens = self._tokens.get(key)
        if tokens and tokens.expires_at <= self._clock():
            self.close(key)
            return None
        return tokens

    def close(self, key: str) -> None:
        """Ends a session, if there is one."""
        self._tokens.pop(key, None)
