"""The exchange with Cognito that :func:`scripts.auth.sign_in` stands for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pycognito.aws_srp import AWSSRP  # type: ignore[import-untyped]
from pycognito.exceptions import (  # type: ignore[import-untyped]
    SoftwareTokenMFAChallengeException,
    WarrantException,
)

from scripts.auth import SignInError, Tokens, UserPool
from scripts.local.stack import aws

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


def sign_in(pool: UserPool, username: str, password: str, code: Callable[[], str] | None) -> Tokens:
    """See :func:`scripts.auth.sign_in`; ``code`` reads the authenticator app."""
    client = _client(pool)
    srp = AWSSRP(username, password, pool.pool_id, pool.client_id, client=client)
    try:
        answer = _answer_password_challenge(srp, client, pool, username, code)
    except ClientError as error:
        raise SignInError(f"Sign-in refused: {error.response['Error']['Message']}") from error
    except (BotoCoreError, WarrantException, NotImplementedError) as error:
        raise SignInError(f"Sign-in failed: {error}") from error
    return _tokens(answer)


def _answer_password_challenge(
    srp: AWSSRP,
    client: "CognitoIdentityProviderClient",
    pool: UserPool,
    username: str,
    code: Callable[[], str] | None,
) -> Any:
    try:
        return srp.authenticate_user()
    except SoftwareTokenMFAChallengeException as challenge:
        if code is None:
            raise SignInError("Sign-in needs the code of an authenticator app.") from None
        return client.respond_to_auth_challenge(
            ClientId=pool.client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=challenge.get_tokens()["Session"],
            ChallengeResponses={
                "USERNAME": username,
                "SOFTWARE_TOKEN_MFA_CODE": code(),
            },
        )


def _client(pool: UserPool) -> "CognitoIdentityProviderClient":
    """A client without AWS credentials: users have none."""
    emulated = pool.endpoint_url is not None
    # The emulator is on this machine, where the user's own AWS settings and proxies mean nothing.
    session = aws.session() if emulated else boto3.Session()
    return session.client(
        "cognito-idp",
        region_name=pool.region,
        endpoint_url=pool.endpoint_url,
        config=Config(
            signature_version=UNSIGNED,
            connect_timeout=5,
            read_timeout=15,
            retries={"total_max_attempts": 2},
            proxies={} if emulated else None,
        ),
    )


def _tokens(answer: Any) -> Tokens:
    result = answer.get("AuthenticationResult")
    if result is None:
        raise SignInError(f"Sign-in needs a further step: {answer.get('ChallengeName')}.")
    lifetime = timedelta(seconds=result["ExpiresIn"])
    return Tokens(result["IdToken"], result["AccessToken"], datetime.now(UTC) + lifetime)
