"""The operator at the console: acts need a signed-in account of the operations group."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

import jwt

from orderflow.orders.access import OPERATIONS_GROUP
from scripts.auth import Challenge, Tokens, enrol
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment
from scripts.demo_shop.accounts import Accounts, Answer, Credentials
from scripts.demo_shop.sessions import Sessions


class NotAnOperatorError(CommandError):
    """No account of the operations group is signed in."""

    def __init__(self) -> None:
        super().__init__(
            f"Acts need an account of the group {OPERATIONS_GROUP}: sign in with one.",
            ExitCode.REFUSED,
        )


@dataclass(frozen=True)
class Operator:
    """Who is signed in: the account's ``sub`` and address, and whether it may act."""

    sub: str
    email: str
    may_act: bool


class Operators:
    """The sign-in of one console. Its tokens stay in this process.

    Args:
        accounts: the stage's accounts.
        sessions: renews the tokens.
    """

    def __init__(self, accounts: Accounts, sessions: Sessions) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._key = ""

    def begin(self, credentials: Credentials) -> Challenge | None:
        """Start a sign-in; None where it is complete."""
        return self._proceed(self._accounts.begin(credentials))

    def answer(self, answer: Answer) -> Challenge | None:
        """Answer a step of the sign-in; None where it is complete."""
        return self._proceed(self._accounts.answer(answer))

    def _proceed(self, found: Tokens | Challenge) -> Challenge | None:
        if isinstance(found, Challenge):
            return found
        self.enter(found)
        return None

    def enter(self, tokens: Tokens) -> None:
        """Begin a session with these tokens."""
        self._key = self._sessions.open(tokens)

    def leave(self) -> None:
        """Sign out, and revoke the tokens."""
        tokens = self._sessions.close(self._key)
        if tokens and tokens.refresh_token:
            self._accounts.sign_out(tokens.refresh_token)

    def current(self) -> Operator | None:
        """Who is signed in now."""
        tokens = self._sessions.find(self._key)
        return _operator(tokens) if tokens else None

    def required(self) -> Operator:
        """The signed-in operator.

        Raises:
            NotAnOperatorError: no account is signed in, or it is not in the group.
        """
        operator = self.current()
        if operator is None or not operator.may_act:
            raise NotAnOperatorError
        return operator


def _operator(tokens: Tokens) -> Operator:
    # Cognito gave the token to this process over TLS: its signature proves nothing more.
    claims: dict[str, Any] = jwt.decode(tokens.id_token, options={"verify_signature": False})
    groups = claims.get("cognito:groups") or ()
    return Operator(
        sub=str(claims["sub"]),
        email=str(claims.get("email", "")),
        may_act=OPERATIONS_GROUP in groups,
    )


_LOCAL: Final = "operator-{}@example.com"


def local_operator(deployment: Deployment) -> Tokens:
    """A new account of the local stack's operations group, signed in.

    The local stack has no staff, and its callers are all root.
    """
    email, password = _LOCAL.format(secrets.token_hex(4)), f"{secrets.token_urlsafe(18)}-aA1"
    pool = deployment.user_pool
    cognito = deployment.client("cognito-idp")
    account = {"UserPoolId": pool.pool_id, "Username": email}
    cognito.admin_create_user(
        **account,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    cognito.admin_set_user_password(**account, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(**account, GroupName=OPERATIONS_GROUP)
    return enrol(pool, email, password)[1]
