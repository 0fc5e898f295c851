"""Whom an order's e-mails go to: the verified address of the calling customer's account.

An ID token holds the address. An access token holds none, so the account is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from orderflow.errors import AccountsUnavailable, BusinessRefusalError
from orderflow.orders.submission import Submission, read_submission
from orderflow.platform.aws_errors import error_code, outages_as

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.appsync_resolver_event import (
        AppSyncIdentityCognito,
    )
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


class EmailNotVerifiedError(BusinessRefusalError):
    """The address is not the verified one of the customer's account, or the account has none."""


class Accounts(Protocol):
    """The accounts of customers."""

    def attributes(self, username: str) -> Mapping[str, str]:
        """The attributes of the account as they are now; none if there is no such account.

        Raises:
            AccountsUnavailable: the accounts can't be read.
        """


class UserPool(Accounts):
    """:class:`Accounts` in a user pool of Amazon Cognito."""

    def __init__(self, cognito: CognitoIdentityProviderClient, pool_id: str) -> None:
        self._cognito = cognito
        self._pool_id = pool_id

    def attributes(self, username: str) -> Mapping[str, str]:
        """See :meth:`Accounts.attributes`."""
        try:
            with outages_as(AccountsUnavailable, "Cognito"):
                user = self._cognito.admin_get_user(UserPoolId=self._pool_id, Username=username)
        except ClientError as error:
            if error_code(error) != "UserNotFoundException":
                raise
            return {}  # deleted since the token was issued
        return {each["Name"]: each.get("Value", "") for each in user["UserAttributes"]}


def verified_email(identity: AppSyncIdentityCognito, accounts: Accounts) -> str:
    """The verified e-mail address of the caller's account.

    The token says it where it can; AppSync has verified the token. An address that was verified
    since the token was issued counts too.

    Raises:
        EmailNotVerifiedError: the account has none.
        AccountsUnavailable: the account can't be read.
    """
    claims: Mapping[str, Any] = identity.claims or {}
    address = _verified(claims) if claims.get("token_use") == "id" else None
    address = address or _verified(accounts.attributes(identity.username))
    if address is None:
        raise EmailNotVerifiedError(
            "Your account has no verified e-mail address, so we can't send you the payment link. "
            "Please verify the address first."
        )
    return address


def read_own_submission(
    customer_id: str, own_email: str, fields: Mapping[str, object]
) -> Submission:
    """Validate a submission whose e-mails go to the customer's own address.

    Args:
        customer_id: the customer.
        own_email: the verified address of their account.
        fields: the mutation's input. ``customerEmail`` may be left out, or repeat that address in
            any case of letters.

    Raises:
        InvalidOrder: naming the field and what to change.
        EmailNotVerifiedError: ``customerEmail`` is another address.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    submission = read_submission(customer_id, {"customerEmail": own_email, **given})
    if submission.customer_email.lower() != own_email.lower():
        raise EmailNotVerifiedError(
            "customerEmail: We send e-mails to the verified address of your account alone. Please "
            "leave this field out, or change your account's address and verify it."
        )
    return submission.model_copy(update={"customer_email": own_email})


def _verified(attributes: Mapping[str, Any]) -> str | None:
    """The address, if it is verified: a claim says so as a boolean, an account as a text."""
    is_verified = attributes.get("email_verified") in {True, "true"}
    return str(attributes.get("email") or "") or None if is_verified else None
