"""The proxy asks for the second factor and rotates refresh tokens, as Cognito does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from starlette.testclient import TestClient

from scripts.local.cognito.proxy import CognitoProxy, IssuedTokens
from tests.support.emulated_cognito import (
    EMULATOR,
    PASSWORD,
    Authenticator,
    Caller,
    RefusedError,
    Time,
    emulator_app,
    user_pool,
)

MINUTE = 60
GRACE_SECONDS = 20


class Pool:
    """A user pool behind the proxy, and one confirmed user in it."""

    def __init__(self, caller: Caller, emulator: Caller, clock: Time, mfa: str = "ON") -> None:
        self.caller = caller
        self.emulator = emulator
        self.clock = clock
        self.call = caller.call
        self.id = user_pool(mfa)
        client = emulator.call(
            "CreateUserPoolClient",
            UserPoolId=self.id,
            ClientName="app",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        )
        self.client_id = client["UserPoolClient"]["ClientId"]
        self.email = f"{uuid.uuid4().hex[:8]}@example.com"
        self.call("AdminCreateUser", UserPoolId=self.id, Username=self.email)
        self.call(
            "AdminSetUserPassword",
            UserPoolId=self.id,
            Username=self.email,
            Password=PASSWORD,
            Permanent=True,
        )

    def by_password(self, password: str = PASSWORD) -> dict[str, Any]:
        return self.call(
            "InitiateAuth",
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.email, "PASSWORD": password},
        )

    def respond(self, challenge: str, session: str, **responses: str) -> dict[str, Any]:
        return self.call(
            "RespondToAuthChallenge",
            ClientId=self.client_id,
            ChallengeName=challenge,
            Session=session,
            ChallengeResponses={"USERNAME": self.email, **responses},
        )

    def answer_code(self, session: str, code: str, **responses: str) -> dict[str, Any]:
        return self.respond(
            "SOFTWARE_TOKEN_MFA", session, SOFTWARE_TOKEN_MFA_CODE=code, **responses
        )

    def set_up(self) -> tuple[Authenticator, dict[str, Any]]:
        """Sets an app up at sign-in, and returns the answer with tokens."""
        associated = self.call("AssociateSoftwareToken", Session=self.by_password()["Session"])
        app = Authenticator(associated["SecretCode"], self.clock)
        verified = self.call(
            "VerifySoftwareToken", Session=associated["Session"], UserCode=app.code()
        )
        return app, self.respond("MFA_SETUP", verified["Session"])["AuthenticationResult"]

    def enrolled(self) -> Authenticator:
        """A user whose app showed its first code a while ago."""
        app, _ = self.set_up()
        self.clock.now += 5 * MINUTE
        return app

    def set_client(self, **properties: Any) -> None:
        answer = self.caller.http.put(f"/_admin/clients/{self.client_id}", json=properties)
        assert answer.is_success, answer.text

    def refresh(self, token: str) -> dict[str, Any]:
        return self.call("GetTokensFromRefreshToken", ClientId=self.client_id, RefreshToken=token)[
            "AuthenticationResult"
        ]


@pytest.fixture
def issued() -> IssuedTokens:
    return IssuedTokens()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def caller(issued: IssuedTokens, clock: Time) -> Iterator[Caller]:
    transport = httpx.ASGITransport(emulator_app())
    proxy = CognitoProxy(EMULATOR, issued, transport, clock)
    with TestClient(proxy.app(), base_url="http://127.0.0.1:5004") as http:
        yield Caller(http)


@pytest.fixture
def emulator() -> Iterator[Caller]:
    with TestClient(emulator_app()) as http:
        yield Caller(http)


@pytest.fixture
def pool(caller: Caller, emulator: Caller, clock: Time) -> Pool:
    return Pool(caller, emulator, clock)


# --- the challenge ---


def test_a_password_alone_yields_no_tokens(pool: Pool) -> None:
    pool.enrolled()

    answer = pool.by_password()

    assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "AuthenticationResult" not in answer
    assert "eyJ" not in json.dumps(answer)


def test_the_code_yields_tokens_that_the_front_door_knows(pool: Pool, issued: IssuedTokens) -> None:
    app = pool.enrolled()

    tokens = pool.answer_code(pool.by_password()["Session"], app.code())["AuthenticationResult"]

    for name in ("IdToken", "AccessToken"):
        claims = jwt.decode(tokens[name], options={"verify_signature": False})
        assert claims["iss"].endswith(pool.id)
        assert issued.knows(claims)


def test_tokens_of_the_emulator_itself_are_unknown(
    pool: Pool, emulator: Caller, issued: IssuedTokens
) -> None:
    pool.enrolled()

    tokens = emulator.call(
        "InitiateAuth",
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": pool.email, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]

    claims = jwt.decode(tokens["IdToken"], options={"verify_signature": False})
    assert not issued.knows(claims)


def test_a_wrong_password_is_refused_before_any_challenge(pool: Pool) -> None:
    pool.enrolled()
    with pytest.raises(RefusedError, match="NotAuthorizedException"):
        pool.by_password("Wrong-horse-10")


def test_a_wrong_code_is_refused_and_the_session_stays(pool: Pool) -> None:
    app = pool.enrolled()
    session = pool.by_password()["Session"]

    with pytest.raises(RefusedError, match="CodeMismatchException"):
        pool.answer_code(session, app.wrong_code())

    assert "AuthenticationResult" in pool.answer_code(session, app.code())


@pytest.mark.parametrize("code", ["", "١٢٣٤٥٦", "abcdef", "1234567"])
def test_a_code_that_is_none_is_refused(pool: Pool, code: str) -> None:
    pool.enrolled()
    with pytest.raises(RefusedError, match="CodeMismatchException"):
        pool.answer_code(pool.by_password()["Session"], code)


def test_a_code_is_accepted_once(pool: Pool) -> None:
    app = pool.enrolled()
    code = app.code()
    pool.answer_code(pool.by_password()["Session"], code)

    with pytest.raises(RefusedError, match="ExpiredCodeException"):
        pool.answer_code(pool.by_password()["Session"], code)


def test_the_code_of_the_set_up_is_not_accepted_again(pool: Pool) -> None:
    app, _ = pool.set_up()
    with pytest.raises(RefusedError, match="ExpiredCodeException"):
        pool.answer_code(pool.by_password()["Session"], app.code())


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_code_of_the_next_step_is_accepted(pool: Pool, steps: int) -> None:
    app = pool.enrolled()
    assert pool.answer_code(pool.by_password()["Session"], app.code(steps))


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_further_away_is_refused(pool: Pool, steps: int) -> None:
    app = pool.enrolled()
    with pytest.raises(RefusedError, match="CodeMismatchException"):
        pool.answer_code(pool.by_password()["Session"], app.code(steps))


def test_a_session_is_used_once(pool: Pool) -> None:
    app = pool.enrolled()
    session = pool.by_password()["Session"]
    pool.answer_code(session, app.code())

    with pytest.raises(RefusedError, match="session can only be used once"):
        pool.answer_code(session, app.code(1))


@pytest.mark.parametrize(
    ("properties", "minutes"), [({}, 3), ({"AuthSessionValidity": 10}, 10)], ids=["default", "set"]
)
def test_a_session_expires(pool: Pool, properties: dict[str, Any], minutes: int) -> None:
    app = pool.enrolled()
    pool.set_client(**properties)
    late, in_time = pool.by_password()["Session"], pool.by_password()["Session"]

    pool.clock.now += minutes * MINUTE - 1
    assert pool.answer_code(in_time, app.code())
    pool.clock.now += 1
    with pytest.raises(RefusedError, match="session is expired"):
        pool.answer_code(late, app.code(1))


def test_a_session_belongs_to_its_user(pool: Pool) -> None:
    app = pool.enrolled()
    session = pool.by_password()["Session"]
    with pytest.raises(RefusedError, match="NotAuthorizedException: Invalid session"):
        pool.answer_code(session, app.code(), USERNAME="eve@example.com")


def test_a_session_belongs_to_its_client(pool: Pool, caller: Caller, emulator: Caller) -> None:
    app = pool.enrolled()
    other = Pool(caller, emulator, pool.clock)
    with pytest.raises(RefusedError, match="NotAuthorizedException: Invalid session"):
        other.respond(
            "SOFTWARE_TOKEN_MFA",
            pool.by_password()["Session"],
            USERNAME=pool.email,
            SOFTWARE_TOKEN_MFA_CODE=app.code(),
        )


@pytest.mark.parametrize("challenge", ["SOFTWARE_TOKEN_MFA", "MFA_SETUP", "NEW_PASSWORD_REQUIRED"])
def test_a_challenge_needs_a_session(pool: Pool, challenge: str) -> None:
    pool.enrolled()
    with pytest.raises(RefusedError, match="NotAuthorizedException"):
        pool.respond(challenge, "made-up-session-of-20", NEW_PASSWORD="Other-horse-10")
    with pytest.raises(RefusedError, match="InvalidParameterException"):
        pool.call(
            "RespondToAuthChallenge",
            ClientId=pool.client_id,
            ChallengeName=challenge,
            ChallengeResponses={"USERNAME": pool.email},
        )


def test_a_session_answers_no_other_challenge(pool: Pool) -> None:
    pool.enrolled()
    session = pool.by_password()["Session"]
    for challenge in ("MFA_SETUP", "NEW_PASSWORD_REQUIRED"):
        with pytest.raises(RefusedError, match="NotAuthorizedException"):
            pool.respond(challenge, session, NEW_PASSWORD="Other-horse-10")
    with pytest.raises(RefusedError, match="NotAuthorizedException"):
        pool.call("AssociateSoftwareToken", Session=session)


# --- setting an app up ---


def test_a_user_without_an_app_has_to_set_one_up(pool: Pool) -> None:
    answer = pool.by_password()

    assert answer["ChallengeName"] == "MFA_SETUP"
    assert json.loads(answer["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SOFTWARE_TOKEN_MFA"]
    assert "AuthenticationResult" not in answer


def test_a_set_up_ends_with_tokens(pool: Pool) -> None:
    _, tokens = pool.set_up()
    user = pool.call("GetUser", AccessToken=tokens["AccessToken"])
    assert user["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
    assert user["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"


def test_a_set_up_without_a_code_yields_no_tokens(pool: Pool) -> None:
    session = pool.by_password()["Session"]
    associated = pool.call("AssociateSoftwareToken", Session=session)
    for each in (session, associated["Session"]):
        with pytest.raises(RefusedError, match="NotAuthorizedException"):
            pool.respond("MFA_SETUP", each)


def test_a_wrong_code_enables_nothing(pool: Pool) -> None:
    associated = pool.call("AssociateSoftwareToken", Session=pool.by_password()["Session"])
    app = Authenticator(associated["SecretCode"], pool.clock)

    with pytest.raises(RefusedError, match="EnableSoftwareTokenMFAException"):
        pool.call("VerifySoftwareToken", Session=associated["Session"], UserCode=app.wrong_code())

    assert pool.by_password()["ChallengeName"] == "MFA_SETUP"
    assert (
        pool.call("VerifySoftwareToken", Session=associated["Session"], UserCode=app.code())[
            "Status"
        ]
        == "SUCCESS"
    )


def test_a_code_without_an_association_enables_nothing(pool: Pool) -> None:
    with pytest.raises(RefusedError, match="EnableSoftwareTokenMFAException"):
        pool.call("VerifySoftwareToken", Session=pool.by_password()["Session"], UserCode="123456")


def test_a_signed_in_user_replaces_the_app(pool: Pool) -> None:
    old, tokens = pool.set_up()
    access = tokens["AccessToken"]
    new = Authenticator(
        pool.call("AssociateSoftwareToken", AccessToken=access)["SecretCode"], pool.clock
    )
    pool.clock.now += MINUTE
    assert pool.answer_code(pool.by_password()["Session"], old.code())  # until the new one is seen

    pool.call("VerifySoftwareToken", AccessToken=access, UserCode=new.code())
    pool.clock.now += MINUTE

    session = pool.by_password()["Session"]
    with pytest.raises(RefusedError, match="CodeMismatchException"):
        pool.answer_code(session, old.code())
    assert pool.answer_code(session, new.code())


def test_an_app_needs_a_pool_that_has_them(caller: Caller, emulator: Caller, clock: Time) -> None:
    pool = Pool(caller, emulator, clock, mfa="OFF")
    access = pool.by_password()["AuthenticationResult"]["AccessToken"]
    with pytest.raises(RefusedError, match="SoftwareTokenMFANotFoundException"):
        pool.call("AssociateSoftwareToken", AccessToken=access)


def test_a_forged_access_token_sets_nothing_up(pool: Pool) -> None:
    forged = jwt.encode({"iss": f"x/{pool.id}", "sub": "s"}, "k" * 32)
    for action, more in (
        ("AssociateSoftwareToken", {}),
        ("VerifySoftwareToken", {"UserCode": "123456"}),
        ("SetUserMFAPreference", {}),
    ):
        with pytest.raises(RefusedError, match="NotAuthorizedException"):
            pool.call(action, AccessToken=forged, **more)


# --- preferences, and a lost device ---


def test_where_mfa_is_optional_the_user_decides(
    caller: Caller, emulator: Caller, clock: Time
) -> None:
    pool = Pool(caller, emulator, clock, mfa="OPTIONAL")
    access = pool.by_password()["AuthenticationResult"]["AccessToken"]
    enable = {"SoftwareTokenMfaSettings": {"Enabled": True}}
    with pytest.raises(RefusedError, match="InvalidParameterException"):
        pool.call("SetUserMFAPreference", AccessToken=access, **enable)
    secret = pool.call("AssociateSoftwareToken", AccessToken=access)["SecretCode"]
    code = Authenticator(secret, clock).code()
    pool.call("VerifySoftwareToken", AccessToken=access, UserCode=code)

    assert "AuthenticationResult" in pool.by_password()
    pool.call("SetUserMFAPreference", AccessToken=access, **enable)
    assert pool.by_password()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_where_mfa_is_required_a_preference_removes_nothing(pool: Pool) -> None:
    """As documented: AdminSetUserMFAPreference does not reset an app."""
    pool.enrolled()
    pool.call(
        "AdminSetUserMFAPreference",
        root=True,
        UserPoolId=pool.id,
        Username=pool.email,
        SoftwareTokenMfaSettings={"Enabled": False, "PreferredMfa": False},
    )
    assert pool.by_password()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_after_a_lost_device_a_new_app_is_set_up(pool: Pool) -> None:
    lost = pool.enrolled()
    waiting = pool.by_password()["Session"]
    name = {"UserPoolId": pool.id, "Username": pool.email}

    pool.call("AdminDeleteSoftwareToken", root=True, **name)

    assert "UserMFASettingList" not in pool.call("AdminGetUser", root=True, **name)
    with pytest.raises(RefusedError, match="SoftwareTokenMFANotFoundException"):
        pool.answer_code(waiting, lost.code())
    assert pool.by_password()["ChallengeName"] == "MFA_SETUP"
    pool.set_up()
    with pytest.raises(RefusedError, match="CodeMismatchException"):
        pool.answer_code(pool.by_password()["Session"], lost.code(1))


@pytest.mark.parametrize("action", ["AdminDeleteSoftwareToken", "AdminSetUserMFAPreference"])
def test_customers_may_not_remove_an_app(pool: Pool, action: str) -> None:
    pool.enrolled()
    answer = pool.caller.http.post(
        "/",
        json={"UserPoolId": pool.id, "Username": pool.email},
        headers={"x-amz-target": f"AWSCognitoIdentityProviderService.{action}"},
    )
    assert answer.status_code == 400
    assert answer.json()["__type"] == "AccessDeniedException"
    assert pool.by_password()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_deleting_an_app_that_is_not_there_changes_nothing(pool: Pool) -> None:
    pool.call("AdminDeleteSoftwareToken", root=True, UserPoolId=pool.id, Username=pool.email)
    assert pool.by_password()["ChallengeName"] == "MFA_SETUP"


# --- passwords ---


def test_a_temporary_password_is_changed_before_the_app_is_set_up(pool: Pool) -> None:
    pool.email = "new.customer@example.com"
    pool.call(
        "AdminCreateUser",
        UserPoolId=pool.id,
        Username=pool.email,
        TemporaryPassword="First-horse-8",
    )

    answer = pool.by_password("First-horse-8")
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    changed = pool.respond("NEW_PASSWORD_REQUIRED", answer["Session"], NEW_PASSWORD=PASSWORD)

    assert changed["ChallengeName"] == "MFA_SETUP"
    with pytest.raises(RefusedError, match="NotAuthorizedException"):
        pool.respond("NEW_PASSWORD_REQUIRED", answer["Session"], NEW_PASSWORD="Third-horse-9")
    pool.set_up()


def test_a_new_password_leaves_the_app(pool: Pool) -> None:
    pool.enrolled()
    pool.call("ForgotPassword", ClientId=pool.client_id, Username=pool.email)
    pool.call(
        "ConfirmForgotPassword",
        ClientId=pool.client_id,
        Username=pool.email,
        ConfirmationCode="654321",
        Password="Second-horse-8",
    )
    assert pool.by_password("Second-horse-8")["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


# --- refresh tokens ---


def rotating(pool: Pool) -> str:
    """A refresh token of a client that rotates them."""
    pool.set_client(
        RefreshTokenRotation={
            "Feature": "ENABLED",
            "RetryGracePeriodSeconds": GRACE_SECONDS,
        }
    )
    return str(pool.set_up()[1]["RefreshToken"])


def test_a_refresh_yields_new_tokens_and_a_new_refresh_token(
    pool: Pool, issued: IssuedTokens
) -> None:
    first = rotating(pool)

    renewed = pool.refresh(first)

    assert renewed["RefreshToken"] != first
    claims = jwt.decode(renewed["IdToken"], options={"verify_signature": False})
    assert issued.knows(claims)
    assert pool.refresh(renewed["RefreshToken"])["AccessToken"]


def test_a_refresh_token_is_refused_after_its_grace_period(pool: Pool) -> None:
    first = rotating(pool)
    second = pool.refresh(first)["RefreshToken"]

    pool.clock.now += GRACE_SECONDS - 1
    assert pool.refresh(first)["RefreshToken"]  # the first answer was lost
    pool.clock.now += 1
    with pytest.raises(RefusedError, match="RefreshTokenReuseException"):
        pool.refresh(first)

    assert pool.refresh(second)["RefreshToken"]


def test_without_a_grace_period_a_refresh_token_is_used_once(pool: Pool) -> None:
    first = rotating(pool)
    pool.set_client(RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0})
    pool.refresh(first)
    with pytest.raises(RefusedError, match="RefreshTokenReuseException"):
        pool.refresh(first)


def test_a_revoked_refresh_token_ends_all_that_came_from_it(pool: Pool) -> None:
    first = rotating(pool)
    second = pool.refresh(first)["RefreshToken"]

    pool.call("RevokeToken", ClientId=pool.client_id, Token=first)

    for token in (first, second):
        with pytest.raises(RefusedError, match="NotAuthorizedException"):
            pool.refresh(token)


def test_a_client_that_rotates_has_no_other_way_to_refresh(pool: Pool) -> None:
    token = rotating(pool)
    with pytest.raises(RefusedError, match="InvalidParameterException"):
        pool.call(
            "InitiateAuth",
            ClientId=pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": token},
        )


@pytest.mark.parametrize("token", ["made-up", "eyJhbGciOiJub25lIn0.e30."])
def test_a_made_up_refresh_token_is_refused(pool: Pool, token: str) -> None:
    rotating(pool)
    with pytest.raises(RefusedError, match="NotAuthorizedException"):
        pool.refresh(token)


def test_without_rotation_the_emulators_refresh_token_stays(pool: Pool) -> None:
    token = pool.set_up()[1]["RefreshToken"]
    for _ in range(2):
        renewed = pool.refresh(token)
        assert renewed["AccessToken"]
        assert "RefreshToken" not in renewed


# --- the rest ---


def test_a_client_is_set_with_what_templates_allow(caller: Caller) -> None:
    answer = caller.http.put("/_admin/clients/c", json={"AuthSessionValidity": 1})
    assert answer.status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"'])
def test_a_body_that_is_no_object_is_refused(caller: Caller, body: bytes) -> None:
    headers = {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}
    answer = caller.http.post("/", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["__type"] == "SerializationException"


def test_an_emulator_that_does_not_answer_is_an_internal_error(clock: Time) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    proxy = CognitoProxy(EMULATOR, transport=httpx.MockTransport(refuse), clock=clock)
    with TestClient(proxy.app()) as http:
        headers = {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}
        answer = http.post("/", json={}, headers=headers)
    assert answer.status_code == 500
    assert answer.json()["__type"] == "InternalErrorException"
