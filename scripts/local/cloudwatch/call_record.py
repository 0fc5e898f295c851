"""MiniStack's record of calls (CloudTrail's LookupEvents), as on AWS.

MiniStack's answers end after fifty events and have no next page. It records calls on data, too,
which on AWS are in a trail's log and never among these events
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html).
"""

import json
import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any, Final

from ministack import app  # type: ignore[import-untyped]
from ministack.services import cloudtrail  # type: ignore[import-untyped]

from scripts.local.cloudwatch.rebinding import with_names

#: A page has at most so many events, as on AWS.
_PAGE: Final = 50

#: The calls on data, of the services that name them in a header.
_ON_DATA: Final = {
    "dynamodb": frozenset(
        {
            *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
            *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"),
        }
    ),
    "logs": frozenset({"PutLogEvents"}),
    "sqs": frozenset(
        {
            *("SendMessage", "SendMessageBatch", "ReceiveMessage", "ChangeMessageVisibility"),
            *("DeleteMessage", "DeleteMessageBatch"),
        }
    ),
}

#: How the paths of such calls end, of the others; S3's name a bucket and a key.
_PATHS_ON_DATA: Final = {
    "appsync": re.compile(r"graphql$"),
    "lambda": re.compile(r"/invocations$"),
    "s3": re.compile(r"^/[^/]+/."),
    "ses": re.compile(r"/outbound-emails$"),
}

Lookup = Callable[[dict[str, Any]], Any]


def install() -> None:
    """Replaces the parts of MiniStack that record events and look them up."""
    cloudtrail._lookup_events = paged(cloudtrail._lookup_events)
    app._maybe_record_cloudtrail = without_data(app._maybe_record_cloudtrail)


def without_data(record: Callable[..., None]) -> Callable[..., None]:
    """``record``, which records no calls on data."""

    def record_management(
        service: str, method: str, path: str, headers: Mapping[str, str], *rest: Any
    ) -> None:
        if not _is_on_data(service, path, headers):
            record(service, method, path, headers, *rest)

    return record_management


def _is_on_data(service: str, path: str, headers: Mapping[str, str]) -> bool:
    if service in _ON_DATA:
        return headers.get("x-amz-target", "").rpartition(".")[2] in _ON_DATA[service]
    pattern = _PATHS_ON_DATA.get(service)
    return bool(pattern and pattern.search(path))


def paged(lookup: Lookup) -> Lookup:
    """``lookup``, whose answers have a token for the next page: the id of their last event."""

    def lookup_page(request: dict[str, Any]) -> Any:
        token = request.get("NextToken")
        events = [*cloudtrail._get_event_queue()]
        older = [*takewhile(lambda event: event["EventId"] != token, events)] if token else events
        status, headers, body = with_names(lookup, _get_event_queue=lambda: older)(request)
        answer = json.loads(body)
        found = answer.get("Events", [])
        if len(found) == min(int(request.get("MaxResults", _PAGE)), _PAGE):
            answer["NextToken"] = found[-1]["EventId"]
        return status, headers, json.dumps(answer).encode()

    return lookup_page
