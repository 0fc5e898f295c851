"""Signing in to a Cognito user pool: SRP password proof, then the code of an authenticator app."""

from dataclasses import dataclass
from datetime import datetime


class SignInError(Exception):
    """The sign-in failed; the message says why in words for the person at the terminal."""


@dataclass(frozen=True)
class Tokens:
    """What a sign-in yields. ``expires_at`` (UTC) holds for both tokens."""

    id_token: str
    access_token: str
    expires_at: datetime


@dataclass(frozen=True)
class UserPool:
    """A user pool and its app client; ``endpoint_url`` only where AWS is emulated."""

    region: str
    pool_id: str
    client_id: str
    endpoint_url: str | None = None


def sign_in(pool: UserPool, username: str, password: str, totp_secret: str | None) -> Tokens:
    """Signs a user in.

    Args:
        pool: where the user belongs.
        username: the e-mail address.
        password: never leaves this machine; SRP proves it.
        totp_secret: the authenticator app's secret (base32); None for a user who has set up none.

    Raises:
        SignInError: if Cognito refuses, can't be reached, or asks for a code that we can't make.
    """
    # Its cryptography takes its time to load, and most commands have signed in before or need not.
    import pyotp  # noqa: PLC0415

    from scripts import srp  # noqa: PLC0415

    code = pyotp.TOTP(totp_secret).now if totp_secret is not None else None
    return srp.sign_in(pool, username, password, code)


def sign_in_with_code(pool: UserPool, username: str, password: str, code: str) -> Tokens:
    """As :func:`sign_in`, for who read the code from their authenticator app themselves."""
    from scripts import srp  # noqa: PLC0415

    return srp.sign_in(pool, username, password, lambda: code)
