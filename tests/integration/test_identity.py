"""Accounts from the sign-up to a lost device, as apps and staff have them on the local stage."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scripts import accounts, auth
from scripts.auth import Challenge, SignInError, Step, Tokens, UserPool
from scripts.cli.orders.api import GET_ORDER
from tests.support.authenticator import Authenticator
from tests.support.shop import Account, Customer, Shop
from tests.support.shopper import ORDERS
from tests.support.waiting import wait_for

PASSWORD, OTHER = "Correct-horse-9", "Another-horse-8"
WHY = ["--reason", "a test"]


@pytest.fixture
def pool(shop: Shop) -> UserPool:
    return shop.deployment.user_pool


def begun(pool: UserPool, email: str, password: str, step: Step) -> Challenge:
    """A sign-in whose password is accepted and that waits for this step."""
    found = auth.begin(pool, email, password)
    assert isinstance(found, Challenge)
    assert found.step is step
    return found


def enrolled(shop: Shop) -> tuple[Account, Authenticator]:
    """An account with an authenticator app, whose current code is used."""
    account = shop.new_account()
    secret, _ = auth.enrol(shop.deployment.user_pool, account.email, account.password)
    return account, Authenticator(secret)


def signature(body: bytes, key: str) -> str:
    """PayStack's signature with this key."""
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


def api_accepts(shop: Shop, tokens: Tokens) -> bool:
    """Whether the API knows who asks."""
    client = Customer(shop.state.urls.graphql, tokens.id_token, "any@example.com")
    return client.post(GET_ORDER, {"orderId": str(uuid.uuid4())}).status_code == 200


def refused(*command: str, code: int, **environment: str) -> str:
    """What a command that fails says."""
    result = run(*command, **environment)
    assert result.returncode == code, result.stderr
    return result.stderr


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ORDERS, *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_an_account_from_the_sign_up_to_a_new_password(shop: Shop, pool: UserPool) -> None:
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    with pytest.raises(SignInError) as weak:
        accounts.sign_up(pool, email, "weak")
    assert weak.value.code == "InvalidPasswordException"
    accounts.sign_up(pool, email, PASSWORD)
    with pytest.raises(SignInError) as early:
        auth.begin(pool, email, PASSWORD)
    assert early.value.code == "UserNotConfirmedException"
    with pytest.raises(SignInError) as wrong:
        accounts.confirm_sign_up(pool, email, "000000")
    assert wrong.value.code == "CodeMismatchException"
    accounts.confirm_sign_up(pool, email, shop.code_sent_to(email))

    setting_up = begun(pool, email, PASSWORD, Step.SET_UP)
    app = Authenticator(setting_up.secret)
    with pytest.raises(SignInError) as mistyped:
        auth.answer_set_up(pool, setting_up, app.wrong_code())
    assert mistyped.value.code == "EnableSoftwareTokenMFAException"
    assert api_accepts(shop, auth.answer_set_up(pool, setting_up, app.next_code()))

    accounts.forgot_password(pool, email)
    accounts.reset_password(pool, email, shop.code_sent_to(email, 2), OTHER)
    with pytest.raises(SignInError):
        auth.begin(pool, email, PASSWORD)
    asked = begun(pool, email, OTHER, Step.CODE)
    assert api_accepts(shop, auth.answer_code(pool, asked, app.next_code()))


def test_a_wrong_or_used_code_signs_nobody_in(shop: Shop, pool: UserPool) -> None:
    account, app = enrolled(shop)
    code = app.next_code()
    asked = begun(pool, account.email, account.password, Step.CODE)
    with pytest.raises(SignInError) as wrong:
        auth.answer_code(pool, asked, app.wrong_code())
    assert wrong.value.code == "CodeMismatchException"
    assert auth.answer_code(pool, asked, code)

    again = begun(pool, account.email, account.password, Step.CODE)
    with pytest.raises(SignInError) as used:
        auth.answer_code(pool, again, code)
    assert used.value.code == "ExpiredCodeException"


def test_the_api_refuses_tokens_that_no_code_was_asked_for(shop: Shop, pool: UserPool) -> None:
    """The emulator itself issues them for the password alone."""
    account, _ = enrolled(shop)
    around = UserPool(pool.region, pool.pool_id, pool.client_id, shop.state.urls.aws)

    tokens = auth.begin(around, account.email, account.password)

    assert isinstance(tokens, Tokens)
    assert not api_accepts(shop, tokens)


def test_refresh_tokens_rotate_until_the_sign_out(shop: Shop, pool: UserPool) -> None:
    account = shop.new_account()
    _, first = auth.enrol(pool, account.email, account.password)
    assert first.refresh_token is not None

    second = auth.refresh(pool, first.refresh_token)
    assert second.refresh_token not in {None, first.refresh_token}
    assert api_accepts(shop, second)
    retried = auth.refresh(pool, first.refresh_token)  # within the grace period
    assert retried.refresh_token is not None

    auth.sign_out(pool, retried.refresh_token)
    for each in (first, second, retried):
        with pytest.raises(SignInError):
            auth.refresh(pool, str(each.refresh_token))


def test_there_is_no_way_to_refresh_without_rotation(shop: Shop, pool: UserPool) -> None:
    account = shop.new_account()
    _, tokens = auth.enrol(pool, account.email, account.password)
    with pytest.raises(ClientError, match="InvalidParameterException"):
        auth.client(pool).initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": str(tokens.refresh_token)},
        )


def test_after_a_lost_device_staff_removes_the_app_and_it_is_audited(
    shop: Shop, pool: UserPool
) -> None:
    account = shop.new_account()
    lost, signed_in = auth.enrol(pool, account.email, account.password)

    done = run("accounts", "reset-authenticator", account.email, *WHY)

    assert done.returncode == 0, done.stderr
    with pytest.raises(SignInError):
        auth.refresh(pool, str(signed_in.refresh_token))
    secret, tokens = auth.enrol(pool, account.email, account.password)
    assert secret != lost
    assert api_accepts(shop, tokens)
    entries = json.loads(run("audit", "--json").stdout)
    (entry,) = [each for each in entries if each["action"] == "account reset-authenticator"][-1:]
    sub = Customer("", tokens.id_token, "").sub
    assert (entry["subject"], entry["reason"]) == (sub, "a test")
    assert account.email not in json.dumps(entries)


def test_an_account_that_is_not_there_is_reported(shop: Shop) -> None:
    message = refused("accounts", "reset-authenticator", "nobody@example.com", *WHY, code=4)
    assert "No account has the address" in message


@pytest.fixture
def rotated(shop: Shop) -> Any:
    """PayStack's key, rotated by the command; the stack's own key comes back afterwards."""
    new = f"sk_test_{uuid.uuid4().hex}"
    done = run("secret", "rotate", *WHY, ORDERS_PAYSTACK_KEY=new)
    assert done.returncode == 0, done.stderr
    assert new not in done.stdout + done.stderr
    yield new
    run("secret", "rotate", *WHY, ORDERS_PAYSTACK_KEY=shop.state.paystack_secret_key)
    run("secret", "revoke-previous", *WHY)


def test_a_rotation_of_paystacks_key_refuses_no_event(shop: Shop, rotated: str) -> None:
    body = json.dumps({"event": "transfer.success", "data": {}}).encode()
    old = shop.state.paystack_secret_key

    def answers(*keys: str) -> list[int]:
        return [shop.deliver(body, signature(body, key)).status_code for key in keys]

    assert answers(rotated, old, "sk_test_forged") == [200, 200, 401]
    assert run("secret", "revoke-previous", *WHY).returncode == 0

    # An unknown signature makes the function read the secret again.
    wait_for(lambda: answers("sk_test_forged", old), lambda statuses: statuses == [401, 401])
    assert answers(rotated) == [200]


def test_a_key_that_is_none_or_in_use_is_refused(shop: Shop) -> None:
    message = refused("secret", "rotate", *WHY, code=2, ORDERS_PAYSTACK_KEY="pk_test_public123")
    assert "no secret key of PayStack" in message
    key = shop.state.paystack_secret_key
    message = refused("secret", "rotate", *WHY, code=2, ORDERS_PAYSTACK_KEY=key)
    assert "in use already" in message
    assert key not in message
