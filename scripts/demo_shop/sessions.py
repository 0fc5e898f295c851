"""The sessions of signed-in customers: tokens stay here, browsers have a random key."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from scripts.auth import SignInError, Tokens

#: Tokens are renewed this long before they expire.
MARGIN: Final = timedelta(minutes=5)


def _now() -> datetime:
    return datetime.now(UTC)


class Sessions:
    """The sessions of one server; each ends when its tokens can't be renewed.

    Args:
        refresh: returns new tokens for a refresh token, or raises SignInError.
        clock: the time, in UTC.
    """

    def __init__(
        self, refresh: Callable[[str], Tokens], clock: Callable[[], datetime] = _now
    ) -> None:
        self._refresh = refresh
        self._clock = clock
        self._tokens: dict[str, Tokens] = {}
        # A refresh token is used once: requests of several tabs renew it one after the other.
        self._renewing = Lock()

    def open(self, tokens: Tokens) -> str:
        """Starts a session and returns its key."""
        key = secrets.token_urlsafe(32)
        self._tokens[key] = tokens
        return key

    def find(self, key: str) -> Tokens | None:
        """The session's tokens, renewed if they expire soon; None if there is no such session."""
        with self._renewing:
            tokens = self._tokens.get(key)
            if tokens and tokens.expires_at <= self._clock() + MARGIN:
                tokens = self._renewed(key, tokens)
        return tokens

    def seconds_left(self, tokens: Tokens) -> int:
        """How long the tokens are still valid, in whole seconds."""
        return max(0, int((tokens.expires_at - self._clock()).total_seconds()))

    def _renewed(self, key: str, tokens: Tokens) -> Tokens | None:
        if tokens.refresh_token:
            with suppress(SignInError):
                self._tokens[key] = self._refresh(tokens.refresh_token)
        if self._tokens[key].expires_at <= self._clock():
            self.close(key)
        return self._tokens.get(key)

    def close(self, key: str) -> Tokens | None:
        """Ends a session, if there is one; returns its tokens, for their revocation."""
        return self._tokens.pop(key, None)
