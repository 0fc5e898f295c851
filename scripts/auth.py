"""Signing in to a Cognito user pool: SRP password proof, then the code of an authenticator app.

pycognito is imported within functions: it is slow to load, and most commands do not sign in.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import boto3
import pyotp
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from scripts.local.stack import aws

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

#: A code that was used once: the authenticator app shows another within 30 s.
USED_CODE: Final = "ExpiredCodeException"


class SignInError(Exception):
    """A step of signing in or up failed; the message states the reason for the user.

    Attributes:
        code: Cognito's name of the error; empty if Cognito did not answer.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Tokens(BaseModel):
    """The tokens of a signed-in user. ``expires_at`` is the expiry of the first two."""

    model_config = ConfigDict(frozen=True)

    id_token: str
    access_token: str
    expires_at: AwareDatetime
    refresh_token: str | None = None

    def save(self, path: Path) -> None:
        """Writes the tokens to a file that only its owner can read."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self.model_dump_json())

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """The tokens in a file; None if there are none that can be read."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None


@dataclass(frozen=True)
class UserPool:
    """A user pool and its app client. ``endpoint_url`` is set only for an emulated pool."""

    region: str
    pool_id: str
    client_id: str
    endpoint_url: str | None = None


class Step(StrEnum):
    """What a sign-in needs after the password."""

    CODE = "SOFTWARE_TOKEN_MFA"
    SET_UP = "MFA_SETUP"
    NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"  # noqa: S105  # nosec B105 # the challenge's name


@dataclass(frozen=True)
class Challenge:
    """A sign-in that waits for a step, for the minutes that its session is valid.

    ``secret`` (base32) is the new authenticator app's, at the step SET_UP.
    """

    step: Step
    username: str
    session: str
    secret: str = ""


def begin(pool: UserPool, username: str, password: str) -> Tokens | Challenge:
    """Starts a sign-in.

    Args:
        pool: the user's pool.
        username: the e-mail address.
        password: is not sent; SRP proves that the user knows it.

    Raises:
        SignInError: if Cognito refuses, or does not answer.
    """
    from pycognito.aws_srp import AWSSRP  # type: ignore[import-untyped] # noqa: PLC0415

    with refusals():
        cognito = client(pool)
        srp = AWSSRP(username, password, pool.pool_id, pool.client_id, client=cognito)
        proof = srp.get_auth_params()
        started = cognito.initiate_auth(
            ClientId=pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=proof
        )
        answer = cognito.respond_to_auth_challenge(
            ClientId=pool.client_id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=srp.process_challenge(started["ChallengeParameters"], proof),
        )
        return _outcome(pool, username, answer)


def answer_code(pool: UserPool, challenge: Challenge, code: str) -> Tokens:
    """Answers the step CODE.

    Raises:
        SignInError: the code is wrong or was used (:data:`USED_CODE`), or the time is over.
    """
    return _tokens(_respond(pool, challenge, SOFTWARE_TOKEN_MFA_CODE=code))


def answer_new_password(pool: UserPool, challenge: Challenge, password: str) -> Tokens | Challenge:
    """Answers the step NEW_PASSWORD.

    Raises:
        SignInError: the password is too weak, or the time is over.
    """
    answer = _respond(pool, challenge, NEW_PASSWORD=password)
    with refusals():
        return _outcome(pool, challenge.username, answer)


def answer_set_up(pool: UserPool, challenge: Challenge, code: str) -> Tokens:
    """Answers the step SET_UP with a code of the new authenticator app.

    Raises:
        SignInError: the code is wrong, or the time is over.
    """
    with refusals():
        verified = client(pool).verify_software_token(Session=challenge.session, UserCode=code)
    session = verified["Session"]
    return _tokens(_respond(pool, Challenge(Step.SET_UP, challenge.username, session)))


def sign_in(
    pool: UserPool,
    username: str,
    password: str,
    totp_secret: str | None,
    sleep: Callable[[float], None] = time.sleep,
) -> Tokens:
    """Signs a user in; waits for the next code where the current one was used already.

    Args:
        pool: the user's pool.
        username: the e-mail address.
        password: see :func:`begin`.
        totp_secret: the authenticator app's secret (base32); None for a user without such an app.
        sleep: waits so many seconds.

    Raises:
        SignInError: if Cognito refuses, does not answer, or asks for a code and there is no secret.
    """
    found = begin(pool, username, password)
    if isinstance(found, Tokens):
        return found
    if found.step is not Step.CODE:
        raise SignInError(f"Sign-in needs a further step: {found.step}.")
    if totp_secret is None:
        raise SignInError("Sign-in needs the code of an authenticator app.")
    codes = pyotp.TOTP(totp_secret)
    try:
        return answer_code(pool, found, codes.now())
    except SignInError as error:
        if error.code != USED_CODE:
            raise
    sleep(codes.interval - time.time() % codes.interval)
    return answer_code(pool, found, codes.now())


def enrol(pool: UserPool, username: str, password: str) -> tuple[str, Tokens]:
    """Signs a user in for the first time: sets an authenticator app up.

    Returns: the app's secret (base32), and the tokens.

    Raises:
        SignInError: if Cognito refuses, or asks for something else.
    """
    found = begin(pool, username, password)
    if not isinstance(found, Challenge) or found.step is not Step.SET_UP:
        raise SignInError("The user has signed in before, or the pool does not require MFA.")
    return found.secret, answer_set_up(pool, found, pyotp.TOTP(found.secret).now())


def refresh(pool: UserPool, refresh_token: str) -> Tokens:
    """New tokens, with a new refresh token in place of the one that is used up.

    Raises:
        SignInError: the refresh token is expired, revoked or used up; the user has to sign in.
    """
    with refusals():
        answer = client(pool).get_tokens_from_refresh_token(
            ClientId=pool.client_id, RefreshToken=refresh_token
        )
    return _tokens(answer)


def sign_out(pool: UserPool, refresh_token: str) -> None:
    """Revokes a refresh token and all tokens that came from it.

    Raises:
        SignInError: Cognito does not answer.
    """
    with refusals():
        client(pool).revoke_token(ClientId=pool.client_id, Token=refresh_token)


@contextmanager
def refusals() -> Iterator[None]:
    """Turns the errors of Cognito and its client into :class:`SignInError`."""
    from pycognito.exceptions import WarrantException  # type: ignore[import-untyped] # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        details = error.response["Error"]
        raise SignInError(
            f"Sign-in refused: {details.get('Message', '')}", details.get("Code", "")
        ) from error
    except (BotoCoreError, WarrantException) as error:
        raise SignInError(f"Sign-in failed: {error}") from error


def _respond(pool: UserPool, challenge: Challenge, **responses: str) -> Any:
    with refusals():
        return client(pool).respond_to_auth_challenge(
            ClientId=pool.client_id,
            ChallengeName=challenge.step.value,
            Session=challenge.session,
            ChallengeResponses={"USERNAME": challenge.username, **responses},
        )


def _outcome(pool: UserPool, username: str, answer: Any) -> Tokens | Challenge:
    """Tokens, or the next step; an authenticator app that is to be set up gets its secret."""
    if "AuthenticationResult" in answer:
        return _tokens(answer)
    name, session = answer.get("ChallengeName"), answer.get("Session", "")
    if name not in set(Step):
        raise SignInError(f"Sign-in needs a further step: {name}.")
    if name != Step.SET_UP:
        return Challenge(Step(name), username, session)
    associated = client(pool).associate_software_token(Session=session)
    return Challenge(Step.SET_UP, username, associated["Session"], associated["SecretCode"])


def client(pool: UserPool) -> "CognitoIdentityProviderClient":
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
    return Tokens(
        id_token=result["IdToken"],
        access_token=result["AccessToken"],
        expires_at=datetime.now(UTC) + timedelta(seconds=result["ExpiresIn"]),
        refresh_token=result.get("RefreshToken"),
    )
