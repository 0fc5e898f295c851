"""Sign-in: refusals of Cognito become messages."""

from typing import Any

import pyotp
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pycognito.aws_srp import AWSSRP  # type: ignore[import-untyped]
from pycognito.exceptions import (  # type: ignore[import-untyped]
    ForceChangePasswordException,
    SoftwareTokenMFAChallengeException,
)

from scripts.auth import SignInError, UserPool, sign_in, sign_in_with_code

POOL = UserPool("eu-west-1", "eu-west-1_abc", "client1", "http://127.0.0.1:9")


def answer_with(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    """Sets the outcome of the password proof."""

    def authenticate_user(_: AWSSRP) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(AWSSRP, "authenticate_user", authenticate_user)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            ClientError({"Error": {"Message": "Incorrect username or password."}}, "InitiateAuth"),
            "Sign-in refused: Incorrect username or password.",
        ),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), "Sign-in failed: Could not"),
        (ForceChangePasswordException("Change password"), "Sign-in failed: Change password"),
        (SoftwareTokenMFAChallengeException("MFA", {"Session": "s"}), "needs the code"),
        ({"ChallengeName": "MFA_SETUP"}, "needs a further step: MFA_SETUP"),
    ],
)
def test_a_failed_sign_in_states_the_reason(
    monkeypatch: pytest.MonkeyPatch, answer: Any, message: str
) -> None:
    answer_with(monkeypatch, answer)
    with pytest.raises(SignInError, match=message):
        sign_in(POOL, "ada@example.com", "password", totp_secret=None)


def test_a_sign_in_returns_tokens_with_their_expiry(monkeypatch: pytest.MonkeyPatch) -> None:
    result = {"IdToken": "id", "AccessToken": "access", "ExpiresIn": 3600}
    answer_with(monkeypatch, {"AuthenticationResult": result})
    tokens = sign_in(POOL, "ada@example.com", "password", totp_secret=None)
    assert (tokens.id_token, tokens.access_token) == ("id", "access")
    assert tokens.expires_at.tzinfo is not None


class Challenging:
    """A pool that asks for a code after the password."""

    def __init__(self) -> None:
        self.code: str | None = None

    def respond_to_auth_challenge(self, **answer: Any) -> Any:
        self.code = answer["ChallengeResponses"]["SOFTWARE_TOKEN_MFA_CODE"]
        result = {"IdToken": "id", "AccessToken": "access", "ExpiresIn": 3600}
        return {"AuthenticationResult": result}


@pytest.fixture
def challenging(monkeypatch: pytest.MonkeyPatch) -> Challenging:
    answer_with(monkeypatch, SoftwareTokenMFAChallengeException("MFA", {"Session": "s"}))
    pool = Challenging()
    monkeypatch.setattr("scripts.auth._client", lambda _: pool)
    return pool


def test_the_code_is_computed_from_the_authenticators_secret(challenging: Challenging) -> None:
    secret = pyotp.random_base32()
    sign_in(POOL, "ada@example.com", "password", secret)
    assert pyotp.TOTP(secret).verify(challenging.code or "", valid_window=1)


def test_a_code_of_the_user_is_sent(challenging: Challenging) -> None:
    sign_in_with_code(POOL, "ada@example.com", "password", "123456")
    assert challenging.code == "123456"
