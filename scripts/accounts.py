"""Accounts of customers in a Cognito user pool: sign-up, confirmation and new passwords."""

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from scripts.auth import UserPool, client, refusals

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


def sign_up(pool: UserPool, email: str, password: str) -> None:
    """Creates an account; Cognito sends a code to the address.

    Raises:
        SignInError: the password is too weak, or the address has an account.
    """
    with refusals():
        client(pool).sign_up(
            ClientId=pool.client_id,
            Username=email,
            Password=password,
            UserAttributes=[{"Name": "email", "Value": email}],
        )


def confirm_sign_up(pool: UserPool, email: str, code: str) -> None:
    """Confirms the address with the code that was sent to it.

    Raises:
        SignInError: the code is wrong or expired.
    """
    with refusals():
        client(pool).confirm_sign_up(ClientId=pool.client_id, Username=email, ConfirmationCode=code)


def send_code_again(pool: UserPool, email: str) -> None:
    """Sends another code to confirm the address with.

    Raises:
        SignInError: Cognito refuses, for instance after too many.
    """
    with refusals():
        client(pool).resend_confirmation_code(ClientId=pool.client_id, Username=email)


def forgot_password(pool: UserPool, email: str) -> None:
    """Sends a code to set a new password with; says nothing about whether there is an account.

    Raises:
        SignInError: Cognito refuses, for instance after too many.
    """
    with refusals():
        client(pool).forgot_password(ClientId=pool.client_id, Username=email)


def reset_password(pool: UserPool, email: str, code: str, password: str) -> None:
    """Sets a new password with the code that was sent.

    Raises:
        SignInError: the code is wrong or expired, or the password is too weak.
    """
    with refusals():
        client(pool).confirm_forgot_password(
            ClientId=pool.client_id, Username=email, ConfirmationCode=code, Password=password
        )


def create_verified(cognito: "CognitoIdentityProviderClient", pool_id: str, email: str) -> str:
    """Creates an account as an operator, with a verified address, or takes over the one there is.

    Returns:
        Its new password. The first sign-in sets an authenticator app up
        (:func:`~scripts.auth.enrol`).
    """
    password = f"{secrets.token_urlsafe(18)}-aA1"
    with suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username=email, Password=password, Permanent=True
    )
    return password
