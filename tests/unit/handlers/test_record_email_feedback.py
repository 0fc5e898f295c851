"""record_email_feedback, from SNS's event to the marked address."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.emails.addresses import StoredAddresses
from orderflow.errors import StoreUnavailable
from orderflow.platform import aws
from record_email_feedback.handler import lambda_handler
from tests.support.events import load_event
from tests.support.factories import client_error
from tests.unit.conftest import ADDRESSES_TABLE, FailCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ADDRESS = "ada.buyer@mail.example"


@pytest.fixture(autouse=True)
def _needs(environment: pytest.MonkeyPatch, addresses_table: Table) -> None:
    """Its environment."""


def test_an_address_whose_mail_bounced_is_marked(
    context: LambdaContext,
    addresses_table: Table,
    log_output: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert lambda_handler(load_event("sns_email_bounce"), context) == {"marked": 1}

    assert StoredAddresses(addresses_table).is_marked(ADDRESS)
    told = capsys.readouterr().out
    assert json.loads(told)["AddressesMarked"] == [1.0]
    assert ADDRESS not in told + log_output.getvalue()


def test_an_outage_of_the_table_is_tried_again_by_lambda(
    context: LambdaContext, fail_calls: FailCalls
) -> None:
    error = client_error("InternalServerError", 500)
    fail_calls(aws.table(ADDRESSES_TABLE).meta.client, "PutItem", error)

    with pytest.raises(StoreUnavailable):
        lambda_handler(load_event("sns_email_bounce"), context)
