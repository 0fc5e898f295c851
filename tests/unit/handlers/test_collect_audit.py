"""collect_audit: from functions' logs into the audit log, and from there into the archive."""

from __future__ import annotations

import base64
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from collect_audit.collection import AuditIncompleteError
from collect_audit.handler import lambda_handler
from orderflow.platform import aws
from orderflow.platform.audit import AuditEntry
from tests.support.events import load_event
from tests.support.factories import client_error
from tests.unit.conftest import REGION, FailCalls

GROUP = "/grocery/test/audit"
ARCHIVE = "audit-archive"
EVENT = load_event("logs_audit_lines")
#: Noon of yesterday: CloudWatch Logs takes no old events.
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
START = int(NOON.timestamp() * 1000)


@pytest.fixture(autouse=True)
def _needs(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AUDIT_LOG_GROUP", GROUP)
    environment.setenv("AUDIT_ARCHIVE", ARCHIVE)
    for client in (aws.logs, aws.s3):
        client.cache_clear()
    aws.logs().create_log_group(logGroupName=GROUP)
    aws.s3().create_bucket(
        Bucket=ARCHIVE,
        CreateBucketConfiguration={"LocationConstraint": REGION},  # type: ignore[typeddict-item]
    )


def entry(subject: str, **changes: Any) -> AuditEntry:
    return AuditEntry(
        **{"actor": "ada", "action": "a", "subject": subject, "reason": "r", **changes}
    )


def delivery(
    group: str, *messages: str, at: int = START, kind: str = "DATA_MESSAGE"
) -> dict[str, Any]:
    payload = {
        "messageType": kind,
        "owner": "123456789012",
        "logGroup": group,
        "logStream": "2026/01/31/[7]a",
        "subscriptionFilters": ["audit"],
        "logEvents": [
            {"id": f"id-{number}", "timestamp": at + number, "message": message}
            for number, message in enumerate(messages)
        ],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(payload).encode()))}}


def wrapped(*entries: AuditEntry) -> list[str]:
    return [
        json.dumps({"message": "audit", "audit": each.model_dump(by_alias=True, mode="json")})
        for each in entries
    ]


def logged() -> list[tuple[str, AuditEntry]]:
    events = aws.logs().filter_log_events(logGroupName=GROUP)["events"]
    return [
        (each["logStreamName"], AuditEntry.model_validate_json(each["message"])) for each in events
    ]


def archived() -> dict[str, list[AuditEntry]]:
    objects = aws.s3().list_objects_v2(Bucket=ARCHIVE).get("Contents", [])
    found = {}
    for each in objects:
        body = aws.s3().get_object(Bucket=ARCHIVE, Key=each["Key"])["Body"].read()
        lines = gzip.decompress(body).decode().splitlines()
        found[each["Key"]] = [AuditEntry.model_validate_json(line) for line in lines]
    return found


def test_a_functions_lines_go_into_the_audit_log(context: LambdaContext) -> None:
    data = json.loads(gzip.decompress(base64.b64decode(EVENT["awslogs"]["data"])))
    message = data["logEvents"][0]["message"]

    assert lambda_handler(delivery(data["logGroup"], message), context) == {
        "stored": 1,
        "unreadable": 0,
    }

    ((stream, stored),) = logged()
    assert stream == f"{NOON:%Y/%m/%d}/api"
    assert (stored.action, stored.source) == ("Mutation.submitGroceryList", "203.0.113.7")


def test_lines_of_two_days_go_into_two_streams(context: LambdaContext) -> None:
    midnight = START + 12 * 3_600_000 - 1

    event = delivery("/grocery/test/api", *wrapped(entry("o-1"), entry("o-2")), at=midnight)
    lambda_handler(event, context)

    assert [(stream, each.subject) for stream, each in logged()] == [
        (f"{NOON:%Y/%m/%d}/api", "o-1"),
        (f"{NOON + timedelta(days=1):%Y/%m/%d}/api", "o-2"),
    ]


def test_the_audit_logs_lines_go_into_the_archive(context: LambdaContext) -> None:
    entries = [entry("o-1"), entry("o-2")]

    lambda_handler(delivery(GROUP, *(e.model_dump_json(by_alias=True) for e in entries)), context)

    ((key, stored),) = archived().items()
    assert key.startswith(f"audit/{NOON:%Y/%m/%d/%H}/")
    assert stored == entries
    assert logged() == []


def test_a_delivery_that_comes_again_is_archived_once(context: LambdaContext) -> None:
    event = delivery(GROUP, entry("o-1").model_dump_json(by_alias=True))

    lambda_handler(event, context)
    before = archived()
    lambda_handler(event, context)

    assert archived() == before
    assert len(before) == 1


def test_a_line_that_can_t_be_read_is_counted_and_hides_no_other(
    context: LambdaContext, capsys: pytest.CaptureFixture[str], log_output: io.StringIO
) -> None:
    good = wrapped(entry("o-1"))
    later = json.dumps({"audit": {**entry("o-2").model_dump(mode="json"), "version": 2}})

    event = delivery("/grocery/test/api", "no JSON", '{"audit": 1}', "{}", later, *good)
    assert lambda_handler(event, context) == {"stored": 1, "unreadable": 4}

    assert [each.subject for _, each in logged()] == ["o-1"]
    assert json.loads(capsys.readouterr().out)["AuditLinesLost"] == [4.0]
    assert "/grocery/test/api" in log_output.getvalue()


def test_a_test_of_the_destination_stores_nothing(context: LambdaContext) -> None:
    event = delivery("/grocery/test/api", "probe", kind="CONTROL_MESSAGE")

    assert lambda_handler(event, context) == {"stored": 0, "unreadable": 0}


@pytest.mark.parametrize(
    ("client", "operation", "group"),
    [("logs", "PutLogEvents", "/grocery/test/api"), ("s3", "PutObject", GROUP)],
)
def test_what_can_t_be_stored_is_delivered_again(
    context: LambdaContext, fail_calls: FailCalls, client: str, operation: str, group: str
) -> None:
    fail_calls(getattr(aws, client)(), operation, client_error("ThrottlingException"))
    messages = wrapped(entry("o-1"))
    if group == GROUP:
        messages = [entry("o-1").model_dump_json(by_alias=True)]

    with pytest.raises(ClientError):
        lambda_handler(delivery(group, *messages), context)


def test_lines_that_the_audit_log_rejects_are_delivered_again(
    context: LambdaContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs: Any = aws.logs()
    rejected = {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1}}
    monkeypatch.setattr(logs, "put_log_events", lambda **_: rejected)

    with pytest.raises(AuditIncompleteError):
        lambda_handler(delivery("/grocery/test/api", *wrapped(entry("o-1"))), context)


def test_batches_are_as_small_as_cloudwatch_wants_them(
    context: LambdaContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    logs: Any = aws.logs()
    put = logs.put_log_events

    def count(**request: Any) -> Any:
        sizes.append(sum(len(each["message"]) + 26 for each in request["logEvents"]))
        return put(**request)

    monkeypatch.setattr(logs, "put_log_events", count)
    large = [entry(f"o-{number}", details={"x": "y" * 200_000}) for number in range(8)]

    lambda_handler(delivery("/grocery/test/api", *wrapped(*large)), context)

    assert len(logged()) == 8
    assert max(sizes) <= 1_048_576
    assert min(sizes) > 0
