"""publish_order_updates, from the stream's batch to the records that have to come again."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.awsrequest import AWSPreparedRequest

from orderflow.errors import ConfigurationError
from orderflow.platform import aws
from publish_order_updates.handler import lambda_handler
from tests.support.events import load_event

(RECORD,) = load_event("stream_order_delayed")["Records"]
API_URL = "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"


class Api:
    """AppSync: answers every call in the same way."""

    status_code = 200
    content = b'{"data": {"publishOrderUpdate": {"orderId": "x"}}}'

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def send(self, request: AWSPreparedRequest) -> Api:
        self.heard.append(json.loads(request.body)["variables"]["input"])
        return self


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()
    monkeypatch.setattr(aws, "http", lambda **_: api)
    monkeypatch.setenv("GRAPHQL_API_URL", API_URL)
    aws.credentials.cache_clear()
    return api


def batch(*versions: tuple[int, int]) -> dict[str, Any]:
    """Changes of one order between versions, with the sequence numbers 0, 1 ..."""
    records = []
    for number, (before, after) in enumerate(versions):
        record = copy.deepcopy(RECORD)
        record["dynamodb"]["ApproximateCreationDateTime"] = time.time()
        record["dynamodb"]["SequenceNumber"] = str(number)
        record["dynamodb"]["OldImage"]["version"] = {"N": str(before)}
        record["dynamodb"]["NewImage"]["version"] = {"N": str(after)}
        records.append(record)
    return {"Records": records}


def test_the_canary_s_updates_are_published_and_not_counted(
    context: LambdaContext, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = batch((1, 2))
    changes["Records"][0]["dynamodb"]["NewImage"]["synthetic"] = {"BOOL": True}

    assert lambda_handler(changes, context) == {"batchItemFailures": []}

    assert len(api.heard) == 1
    written = capsys.readouterr().out
    assert "UpdatesPublished" not in written
    assert "UpdatesLate" not in written


def test_changes_of_status_are_published(
    context: LambdaContext, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lambda_handler(batch((1, 2), (2, 2), (2, 3)), context) == {"batchItemFailures": []}

    assert [(each["status"], each["version"]) for each in api.heard] == [
        ("PAYMENT_DELAYED", 2),
        ("PAYMENT_DELAYED", 3),
    ]
    measured = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert measured["UpdatesPublished"] == [2.0]


def test_a_new_order_is_published(context: LambdaContext, api: Api) -> None:
    event = batch((0, 1))
    del event["Records"][0]["dynamodb"]["OldImage"]
    lambda_handler(event, context)
    assert len(api.heard) == 1


def test_what_could_not_be_published_comes_again(context: LambdaContext, api: Api) -> None:
    api.status_code = 503
    assert lambda_handler(batch((1, 2), (2, 3)), context) == {
        "batchItemFailures": [{"itemIdentifier": "0"}, {"itemIdentifier": "1"}]
    }


def test_without_the_apis_address_it_says_so(context: LambdaContext) -> None:
    with pytest.raises(ConfigurationError, match="GRAPHQL_API_URL"):
        lambda_handler(batch((1, 2)), context)
