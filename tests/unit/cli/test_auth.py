"""Signing in and up, against the emulator's Cognito behind the proxy that asks for MFA."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pyotp
import pytest
import uvicorn
from starlette.testclient import TestClient

from scripts import accounts, auth
from scripts.auth import Challenge, SignInError, Step, Tokens, UserPool
from scripts.local.cognito.proxy import CognitoProxy
from scripts.local.servers import listen
from tests.support.emulated_cognito import EMULATOR, PASSWORD, Caller, emulator_app, user_pool

REGION = "us-east-1"


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of an app that is served for a block."""
    listener = listen()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def cognito() -> Iterator[str]:
    proxy = CognitoProxy(EMULATOR, transport=httpx.ASGITransport(emulator_app()))
    with served(proxy.app()) as url:
        yield url


@pytest.fixture(scope="module")
def emulator() -> Iterator[Caller]:
    with TestClient(emulator_app()) as http:
        yield Caller(http)


def pool_of(emulator: Caller, cognito: str, mfa: str = "ON") -> UserPool:
    """A user pool with an app client that proves passwords by SRP."""
    pool_id = user_pool(mfa)
    client = emulator.call(
        "CreateUserPoolClient",
        UserPoolId=pool_id,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"],
    )
    return UserPool(REGION, pool_id, client["UserPoolClient"]["ClientId"], cognito)


@pytest.fixture(scope="module")
def pool(emulator: Caller, cognito: str) -> UserPool:
    return pool_of(emulator, cognito)


@pytest.fixture
def email(emulator: Caller, pool: UserPool) -> str:
    """The address of an account that has not signed in."""
    return account(emulator, pool)


def account(emulator: Caller, pool: UserPool, **more: Any) -> str:
    address = f"{uuid.uuid4().hex[:8]}@example.com"
    user = {"UserPoolId": pool.pool_id, "Username": address}
    emulator.call("AdminCreateUser", **user, **more)
    if not more:
        emulator.call("AdminSetUserPassword", **user, Password=PASSWORD, Permanent=True)
    return address


def at(secret: str, steps: int) -> str:
    """An app's code so many time steps from now."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


def test_a_first_sign_in_sets_an_app_up_and_the_next_asks_for_its_code(
    pool: UserPool, email: str
) -> None:
    secret, tokens = auth.enrol(pool, email, PASSWORD)
    assert tokens.expires_at.tzinfo is not None

    asked = auth.begin(pool, email, PASSWORD)

    assert isinstance(asked, Challenge)
    assert (asked.step, asked.secret) == (Step.CODE, "")
    assert auth.answer_code(pool, asked, at(secret, 1)).access_token


def test_a_used_code_is_waited_out(
    pool: UserPool, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled_at = int(time.time())
    shown = iter([enrolled_at, enrolled_at, enrolled_at + 30])  # while enrolling, at first, later
    monkeypatch.setattr(pyotp.TOTP, "now", lambda totp: totp.at(next(shown)))
    secret, _ = auth.enrol(pool, email, PASSWORD)
    waits: list[float] = []

    assert auth.sign_in(pool, email, PASSWORD, secret, waits.append).id_token
    assert len(waits) == 1
    assert 0 < waits[0] <= 30


def test_a_wrong_secret_is_refused_without_a_wait(pool: UserPool, email: str) -> None:
    auth.enrol(pool, email, PASSWORD)
    with pytest.raises(SignInError, match="Invalid code") as refusal:
        auth.sign_in(pool, email, PASSWORD, pyotp.random_base32(), pytest.fail)
    assert refusal.value.code == "CodeMismatchException"


@pytest.mark.parametrize("password", ["wrong", "Wrong-horse-10"])
def test_a_wrong_password_is_refused(pool: UserPool, email: str, password: str) -> None:
    with pytest.raises(SignInError, match="Sign-in refused: Incorrect username or password"):
        auth.sign_in(pool, email, password, None)


def test_a_sign_in_without_a_secret_says_what_is_missing(pool: UserPool, email: str) -> None:
    with pytest.raises(SignInError, match="needs a further step: MFA_SETUP"):
        auth.sign_in(pool, email, PASSWORD, None)
    auth.enrol(pool, email, PASSWORD)
    with pytest.raises(SignInError, match="needs the code of an authenticator app"):
        auth.sign_in(pool, email, PASSWORD, None)
    with pytest.raises(SignInError, match="has signed in before"):
        auth.enrol(pool, email, PASSWORD)


def test_without_mfa_the_password_is_enough(emulator: Caller, cognito: str) -> None:
    pool = pool_of(emulator, cognito, mfa="OFF")
    assert auth.sign_in(pool, account(emulator, pool), PASSWORD, None).id_token


def test_a_temporary_password_is_changed_first(emulator: Caller, pool: UserPool) -> None:
    email = account(emulator, pool, TemporaryPassword="First-horse-8")
    asked = auth.begin(pool, email, "First-horse-8")
    assert isinstance(asked, Challenge)
    assert asked.step is Step.NEW_PASSWORD

    setting_up = auth.answer_new_password(pool, asked, PASSWORD)

    assert isinstance(setting_up, Challenge)
    assert auth.answer_set_up(pool, setting_up, at(setting_up.secret, 0)).id_token


def test_a_pool_that_does_not_answer_is_a_failed_sign_in(pool: UserPool) -> None:
    unreachable = replace(pool, endpoint_url="http://127.0.0.1:9")
    with pytest.raises(SignInError, match="Sign-in failed: Could not connect") as failure:
        auth.sign_in(unreachable, "ada@example.com", PASSWORD, None)
    assert failure.value.code == ""


def test_tokens_are_renewed_until_they_are_revoked(pool: UserPool, email: str) -> None:
    _, tokens = auth.enrol(pool, email, PASSWORD)
    token = str(tokens.refresh_token)
    assert auth.refresh(pool, token).id_token

    auth.sign_out(pool, token)

    with pytest.raises(SignInError, match="revoked"):
        auth.refresh(pool, token)


def test_an_account_is_confirmed_and_its_password_reset(pool: UserPool) -> None:
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    accounts.sign_up(pool, email, PASSWORD)
    with pytest.raises(SignInError) as refusal:
        auth.begin(pool, email, PASSWORD)
    assert refusal.value.code == "UserNotConfirmedException"
    accounts.send_code_again(pool, email)
    accounts.confirm_sign_up(pool, email, "123456")
    accounts.forgot_password(pool, email)
    accounts.reset_password(pool, email, "654321", "Second-horse-8")

    assert isinstance(auth.begin(pool, email, "Second-horse-8"), Challenge)


def test_tokens_are_kept_in_a_file_of_their_owner(tmp_path: Path) -> None:
    content = {"id_token": "i", "access_token": "a", "expires_at": "2026-01-31T12:00:00Z"}
    tokens = Tokens.model_validate(content)
    tokens.save(tmp_path / "tokens.json")
    assert Tokens.load(tmp_path / "tokens.json") == tokens
    assert (tmp_path / "tokens.json").stat().st_mode & 0o777 == 0o600
    assert Tokens.load(tmp_path / "missing.json") is None
