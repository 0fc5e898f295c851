"""E-mails of an order go to the verified address of the caller's account, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.appsync_resolver_event import (
    AppSyncIdentityCognito,
)
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from orderflow.api.verified_emails import (
    EmailNotVerifiedError,
    UserPool,
    read_own_submission,
    verified_email,
)
from orderflow.errors import AccountsUnavailable, InvalidOrder
from orderflow.platform import aws
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls

POOL = "eu-west-1_EXAMPLE00"
SUB = "7d6f0a52-3b0e-4f7e-9d53-0c6f2f0b7d11"
OWN = "Ada.Buyer@mail.example"


class FakeAccounts:
    """One account, and how often it was looked up."""

    def __init__(self, **attributes: str) -> None:
        self._attributes = attributes
        self.asked: list[str] = []

    def attributes(self, username: str) -> dict[str, str]:
        self.asked.append(username)
        return self._attributes


def caller(**claims: Any) -> AppSyncIdentityCognito:
    claims = {"sub": SUB, "token_use": "id", **claims}
    return AppSyncIdentityCognito({"sub": SUB, "username": SUB, "claims": claims})


class TestVerifiedEmail:
    def test_an_id_token_says_it(self) -> None:
        accounts = FakeAccounts()

        found = verified_email(caller(email=OWN, email_verified=True), accounts)

        assert (found, accounts.asked) == (OWN, [])

    def test_for_an_access_token_the_account_is_looked_up(self) -> None:
        accounts = FakeAccounts(email=OWN, email_verified="true")

        assert verified_email(caller(token_use="access"), accounts) == OWN
        assert accounts.asked == [SUB]

    def test_an_address_that_was_verified_since_the_token_counts(self) -> None:
        accounts = FakeAccounts(email=OWN, email_verified="true")

        assert verified_email(caller(email=OWN, email_verified=False), accounts) == OWN

    def test_claims_about_e_mail_in_an_access_token_are_not_believed(self) -> None:
        claims = {"token_use": "access", "email": "eve@mail.example", "email_verified": True}

        assert verified_email(caller(**claims), FakeAccounts(email=OWN, email_verified="true")) == (
            OWN
        )

    @pytest.mark.parametrize(
        "account",
        [
            {},
            {"email": OWN},
            {"email": OWN, "email_verified": "false"},
            {"email_verified": "true"},
            {"email": "", "email_verified": "true"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("token_use", ["id", "access"])
    def test_an_account_without_a_verified_address_is_refused(
        self, account: dict[str, str], token_use: str
    ) -> None:
        with pytest.raises(EmailNotVerifiedError, match="verify the address first") as refusal:
            verified_email(caller(token_use=token_use, **account), FakeAccounts(**account))

        assert OWN not in str(refusal.value)


@pytest.mark.usefixtures("account")
class TestUserPool:
    @pytest.fixture
    def cognito(self) -> Iterator[Stubber]:
        with Stubber(aws.cognito()) as stubber:
            yield stubber

    def test_the_attributes_of_an_account(self, cognito: Stubber) -> None:
        cognito.add_response(
            "admin_get_user",
            {
                "Username": SUB,
                "UserAttributes": [
                    {"Name": "sub", "Value": SUB},
                    {"Name": "email", "Value": OWN},
                    {"Name": "email_verified", "Value": "true"},
                ],
            },
            {"UserPoolId": POOL, "Username": SUB},
        )

        assert UserPool(aws.cognito(), POOL).attributes(SUB) == {
            "sub": SUB, "email": OWN, "email_verified": "true"
        }  # fmt: skip

    def test_an_account_that_was_deleted_has_none(self, cognito: Stubber) -> None:
        cognito.add_client_error("admin_get_user", "UserNotFoundException", http_status_code=400)

        assert UserPool(aws.cognito(), POOL).attributes(SUB) == {}

    @pytest.mark.parametrize(
        "error",
        [
            client_error("TooManyRequestsException"),
            client_error("InternalErrorException", status=500),
            EndpointConnectionError(endpoint_url="https://cognito-idp"),
        ],
    )
    def test_an_outage_is_named(self, fail_calls: FailCalls, error: Exception) -> None:
        fail_calls(aws.cognito(), "AdminGetUser", error)

        with pytest.raises(AccountsUnavailable):
            UserPool(aws.cognito(), POOL).attributes(SUB)

    def test_a_refused_permission_is_raised(self, cognito: Stubber) -> None:
        cognito.add_client_error("admin_get_user", "AccessDeniedException", http_status_code=400)

        with pytest.raises(aws.cognito().exceptions.ClientError, match="AccessDenied"):
            UserPool(aws.cognito(), POOL).attributes(SUB)


class TestOwnSubmission:
    @pytest.mark.parametrize(
        "given",
        [{}, {"customerEmail": None}, {"customerEmail": OWN}, {"customerEmail": OWN.lower()}],
    )
    def test_the_address_may_be_left_out_or_repeated(self, given: dict[str, Any]) -> None:
        submission = read_own_submission(SUB, OWN, {"groceryList": "3 eggs", **given})

        assert (submission.customer_id, submission.customer_email) == (SUB, OWN)

    @pytest.mark.parametrize(
        "address",
        [
            "eve@mail.example",
            "ada.buyer@mail.example.evil.example",
            "ada.buyer+x@mail.example",
            "adabuyer@mail.example",
        ],
    )
    def test_any_other_address_is_refused(self, address: str) -> None:
        with pytest.raises(EmailNotVerifiedError, match="leave this field out") as refusal:
            read_own_submission(SUB, OWN, {"groceryList": "3 eggs", "customerEmail": address})

        assert address not in str(refusal.value)
        assert OWN not in str(refusal.value)

    @pytest.mark.parametrize("address", ["ada", "Ada.Buyer@mail.example,eve@mail.example", 12, ""])
    def test_what_is_no_address_is_refused_as_before(self, address: object) -> None:
        with pytest.raises(InvalidOrder, match=r"^customerEmail: "):
            read_own_submission(SUB, OWN, {"groceryList": "3 eggs", "customerEmail": address})
