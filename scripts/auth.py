"""Signing in to a Cognito user pool: SRP password proof, then the code of an authenticator app.

pycognito is imported within functions: it is slow to load, and most commands do not sign in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pyotp
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from scripts.local.stack import aws

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from pycognito.aws_srp import AWSSRP  # type: ignore[import-untyped]


class SignInError(Exception):
    """The sign-in failed; the message states the reason for the user of the command line."""


@dataclass(frozen=True)
class Tokens:
    """The tokens of a signed-in user. ``expires_at`` (UTC) is the expiry of both."""

    id_token: str
    access_token: str
    expires_at: datetime


@dataclass(frozen=True)
class UserPool:
    """A user pool and its app client. ``endpoint_url`` is set only for an emulated pool."""

    region: str
    pool_id: str
    client_id: str
    endpoint_url: str | None = None


def sign_in(pool: UserPool, username: str, password: str, totp_secret: str | None) -> Tokens:
    """Signs a user in.

    Args:
        pool: the user's pool.
        username: the e-mail address.
        password: is not sent; SRP proves that the user knows it.
        totp_secret: the authenticator app's secret (base32); None for a user without such an app.

    Raises:
        SignInError: if Cognito refuses, does not answer, or asks for a code and there is no secret.
    """
    code = pyotp.TOTP(totp_secret).now if totp_secret is not None else None
    return _authenticate(pool, username, password, code)


def sign_in_with_code(pool: UserPool, username: str, password: str, code: str) -> Tokens:
    """Signs a user in with the code that their authenticator app shows; see :func:`sign_in`."""
    return _authenticate(pool, username, password, lambda: code)


def _authenticate(
    pool: UserPool, username: str, password: str, code: Callable[[], str] | None
) -> Tokens:
    from pycognito.aws_srp import AWSSRP  # noqa: PLC0415
    from pycognito.exceptions import WarrantException  # type: ignore[import-untyped]  # noqa: PLC0415

    srp = AWSSRP(username, password, pool.pool_id, pool.client_id, client=_client(pool))
    try:
        answer = _answer_challenges(srp, code)
    except ClientError as error:
        raise SignInError(f"Sign-in refused: {error.response['Error']['Message']}") from error
    except (BotoCoreError, WarrantException, NotImplementedError) as error:
        raise SignInError(f"Sign-in failed: {error}") from error
    return _tokens(answer)


def _answer_challenges(srp: "AWSSRP", code: Callable[[], str] | None) -> Any:
    from pycognito.exceptions import SoftwareTokenMFAChallengeException  # noqa: PLC0415

    try:
        return srp.authenticate_user()
    except SoftwareTokenMFAChallengeException as challenge:
        if code is None:
            raise SignInError("Sign-in needs the code of an authenticator app.") from None
        return srp.client.respond_to_auth_challenge(
            ClientId=srp.client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=challenge.get_tokens()["Session"],
            ChallengeResponses={
                "USERNAME": srp.username,
                "SOFTWARE_TOKEN_MFA_CODE": code(),
            },
        )


def _client(pool: UserPool) -> "CognitoIdentityProviderClient":
    """A client without AWS credentials: a pool's users have none."""
    is_emulated = pool.endpoint_url is not None
    # The emulator is on this machine, where the user's own AWS settings and proxies don't apply.
    session = aws.session() if is_emulated else boto3.Session()
    return session.client(
        "cognito-idp",
        region_name=pool.region,
        endpoint_url=pool.endpoint_url,
        config=Config(
            signature_version=UNSIGNED,
            connect_timeout=5,
            read_timeout=15,
            retries={"total_max_attempts": 2},
            proxies={} if is_emulated else None,
        ),
    )


def _tokens(answer: Any) -> Tokens:
    result = answer.get("AuthenticationResult")
    if result is None:
        raise SignInError(f"Sign-in needs a further step: {answer.get('ChallengeName')}.")
    lifetime = timedelta(seconds=result["ExpiresIn"])
    return Tokens(result["IdToken"], result["AccessToken"], datetime.now(UTC) + lifetime)
