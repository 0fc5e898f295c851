"""The canary signs in as customers do: password by SRP, then the code of its authenticator app."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyotp
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP  # type: ignore[import-untyped]
from pycognito.exceptions import (  # type: ignore[import-untyped]
    SoftwareTokenMFAChallengeException,
    WarrantException,
)

from orderflow.canary.account import CanaryAccount
from orderflow.errors import AccountsUnavailable, OrderflowError
from orderflow.platform.aws_errors import error_code, outages_as

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


#: An earlier run, or the set-up, has used the code that the app shows now.
_USED_CODE: Final = "ExpiredCodeException"


class SignInRefusedError(OrderflowError):
    """Cognito refuses the canary, or asks it for something else than a code."""


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in: the ID token, and the ``sub`` that it names."""

    token: str
    customer_id: str


@dataclass(frozen=True)
class Pool:
    """A user pool and the app client that customers use."""

    pool_id: str
    client_id: str


def sign_in(
    cognito: CognitoIdentityProviderClient,
    pool: Pool,
    account: CanaryAccount,
    sleep: Callable[[float], None] = time.sleep,
) -> SignedIn:
    """Sign in with both factors; waits for the next code where the current one was used already.

    Args:
        cognito: a client without credentials: a pool's users have none.
        pool: the user pool.
        account: the canary's.
        sleep: waits so many seconds.

    Raises:
        SignInRefusedError: Cognito refuses; or lets the canary in without a second factor, which it
            must not.
        AccountsUnavailable: Cognito throttled, failed or could not be reached.
    """
    try:
        with outages_as(AccountsUnavailable, "Cognito"):
            session = _session_after_password(cognito, pool, account)
            answer = _answer_code(cognito, pool, account, session, sleep)
    except ClientError as error:
        # Cognito's message may quote the user's name.
        raise SignInRefusedError(f"Cognito refused: {error_code(error)}") from error
    result = answer.get("AuthenticationResult")
    if result is None:
        raise SignInRefusedError(f"Cognito asks for {answer.get('ChallengeName')}.")
    return SignedIn(result["IdToken"], str(_claims(result["IdToken"])["sub"]))


def _answer_code(
    cognito: CognitoIdentityProviderClient,
    pool: Pool,
    account: CanaryAccount,
    session: str,
    sleep: Callable[[float], None],
) -> Any:
    codes = pyotp.TOTP(account.totp_secret.get_secret_value())

    def answer() -> Any:
        given = {"USERNAME": account.email, "SOFTWARE_TOKEN_MFA_CODE": codes.now()}
        return cognito.respond_to_auth_challenge(
            ClientId=pool.client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=session,
            ChallengeResponses=given,
        )

    try:
        return answer()
    except ClientError as error:
        if error_code(error) != _USED_CODE:
            raise
    sleep(codes.interval - time.time() % codes.interval)
    return answer()


def _session_after_password(
    cognito: CognitoIdentityProviderClient, pool: Pool, account: CanaryAccount
) -> str:
    srp = AWSSRP(
        username=account.email,
        password=account.password.get_secret_value(),
        pool_id=pool.pool_id,
        client_id=pool.client_id,
        client=cognito,
    )
    try:
        srp.authenticate_user()
    except SoftwareTokenMFAChallengeException as challenge:
        return str(challenge.get_tokens()["Session"])
    except (WarrantException, NotImplementedError) as error:
        raise SignInRefusedError(f"Cognito asks for another step: {error}") from error
    raise SignInRefusedError("Cognito issued tokens without asking for the second factor.")


def _claims(token: str) -> Any:
    """The claims of a token that Cognito has just issued; the API verifies it."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
