"""The sessions between a challenge and its answer."""

import secrets
from dataclasses import dataclass

from scripts.local.cognito.errors import invalid_parameter, not_authorized
from scripts.local.cognito.software_tokens import Clock, SoftwareToken, UserKey


@dataclass(frozen=True)
class User:
    """A user of a pool."""

    pool_id: str
    sub: str

    @property
    def key(self) -> UserKey:
        """The user among all pools' users."""
        return self.pool_id, self.sub


@dataclass(frozen=True)
class Session:
    """A challenge that a user has to answer by ``expires_at`` (epoch seconds).

    Attributes:
        challenge: the challenge's name.
        client_id: the app client that started the sign-in.
        names: the names that an answer may give the user by, in lower case.
        user: None until the emulator's tokens name the user.
        pending: the authenticator app that is being set up.
    """

    challenge: str
    client_id: str
    names: frozenset[str]
    expires_at: float
    user: User | None = None
    pending: SoftwareToken | None = None


class Sessions:
    """Sessions by their token; each is used once.

    Args:
        clock: the time, in epoch seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._used: set[str] = set()

    def open(self, session: Session) -> str:
        """Keeps the session; returns its token."""
        token = secrets.token_urlsafe(48)
        self._sessions[token] = session
        return token

    def find(self, token: str | None, *challenges: str) -> Session:
        """The session of one of these challenges.

        Raises:
            CognitoError: ``NotAuthorizedException`` if it is unknown, expired or used.
        """
        if not token:
            raise invalid_parameter("Missing required parameter Session")
        if token in self._used:
            raise not_authorized("Invalid session for the user, session can only be used once.")
        session = self._sessions.get(token)
        if session is None or session.challenge not in challenges:
            raise not_authorized("Invalid session for the user.")
        if self._clock() >= session.expires_at:
            raise not_authorized("Invalid session for the user, session is expired.")
        return session

    def close(self, token: str) -> None:
        """Ends a session, whose token is refused from now on."""
        self._sessions.pop(token, None)
        self._used.add(token)
