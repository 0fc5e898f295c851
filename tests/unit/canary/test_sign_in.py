"""The canary's sign-in: both factors, or none at all."""

from __future__ import annotations

import base64
import json
from typing import Any, cast

import pyotp
import pytest
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from orderflow.canary.account import CanaryAccount
from orderflow.canary.sign_in import Pool, SignInRefusedError, sign_in
from orderflow.errors import AccountsUnavailable
from tests.support.factories import client_error

APP_SECRET = "JBSWY3DPEHPK3PXP" * 2
ACCOUNT = CanaryAccount.model_validate(
    {"email": "canary@example.com", "password": "Correct-horse-9", "totpSecret": APP_SECRET}
)
POOL = Pool("eu-west-1_AbCdEfGhI", "1example23456789")
CLAIMS = base64.urlsafe_b64encode(json.dumps({"sub": "the-canary"}).encode()).decode().rstrip("=")
TOKENS = {"AuthenticationResult": {"IdToken": f"head.{CLAIMS}.signature", "ExpiresIn": 3600}}
CODE_WANTED = {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "a session"}


class Cognito:
    """Answers a sign-in by SRP, then each challenge with the next answer."""

    def __init__(self, *answers: Any) -> None:
        self._answers = [*answers]
        self.responses: list[dict[str, Any]] = []

    def initiate_auth(self, **given: Any) -> dict[str, Any]:
        assert given["AuthFlow"] == "USER_SRP_AUTH"
        return {
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeParameters": {
                "USERNAME": "an-id",
                "USER_ID_FOR_SRP": "an-id",
                "SALT": "16" * 16,
                "SRP_B": "ab" * 384,
                "SECRET_BLOCK": base64.b64encode(b"a block").decode(),
            },
        }

    def respond_to_auth_challenge(self, **given: Any) -> Any:
        self.responses.append(given)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def signed_in(cognito: Cognito, slept: list[float] | None = None) -> Any:
    sleep = [].append if slept is None else slept.append
    return sign_in(cast("CognitoIdentityProviderClient", cognito), POOL, ACCOUNT, sleep)


def test_it_proves_its_password_and_answers_with_the_code_of_its_app() -> None:
    cognito = Cognito(CODE_WANTED, TOKENS)

    found = signed_in(cognito)

    assert found.customer_id == "the-canary"
    assert found.token == TOKENS["AuthenticationResult"]["IdToken"]
    password, code = cognito.responses
    assert "Correct-horse-9" not in json.dumps(password)
    assert code["Session"] == "a session"
    given = code["ChallengeResponses"]["SOFTWARE_TOKEN_MFA_CODE"]
    assert pyotp.TOTP(APP_SECRET).verify(given, valid_window=1)


def test_a_code_that_was_used_is_waited_out() -> None:
    slept: list[float] = []

    found = signed_in(Cognito(CODE_WANTED, client_error("ExpiredCodeException"), TOKENS), slept)

    assert found.customer_id == "the-canary"
    assert len(slept) == 1
    assert 0 < slept[0] <= 30


def test_a_code_that_is_refused_again_is_noticed() -> None:
    used = client_error("ExpiredCodeException")

    with pytest.raises(SignInRefusedError, match="ExpiredCodeException"):
        signed_in(Cognito(CODE_WANTED, used, used))


def test_a_pool_that_asks_for_no_second_factor_is_noticed() -> None:
    with pytest.raises(SignInRefusedError, match="without asking for the second factor"):
        signed_in(Cognito(TOKENS))


def test_another_challenge_is_noticed() -> None:
    with pytest.raises(SignInRefusedError, match="another step"):
        signed_in(Cognito({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "a session"}))


def test_a_refusal_is_named_by_its_code_alone() -> None:
    with pytest.raises(SignInRefusedError, match=r"^Cognito refused: NotAuthorizedException$"):
        signed_in(Cognito(client_error("NotAuthorizedException")))


def test_a_code_that_leads_to_another_challenge_is_noticed() -> None:
    again = {"ChallengeName": "MFA_SETUP", "Session": "a session"}
    with pytest.raises(SignInRefusedError, match="MFA_SETUP"):
        signed_in(Cognito(CODE_WANTED, again))


def test_a_cognito_that_throttles_is_out() -> None:
    with pytest.raises(AccountsUnavailable):
        signed_in(Cognito(client_error("TooManyRequestsException")))
