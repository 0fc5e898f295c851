"""Collects audit lines: from the functions' logs into the audit log, from there into the archive.

CloudWatch Logs delivers the lines of a log that match a subscription, at least once
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html). The archive's
objects are gzipped JSON lines, one :class:`~orderflow.platform.audit.AuditEntry` each.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError
from pydantic import Field

from orderflow.errors import OrderflowError
from orderflow.platform.audit import AuditEntry
from orderflow.platform.aws_errors import error_code
from orderflow.records import Model

#: A batch of PutLogEvents has at most 1 MiB, with 26 bytes more for each event.
_BATCH_BYTES: Final = 1_048_576
_OVERHEAD_BYTES: Final = 26


class AuditIncompleteError(OrderflowError):
    """The audit log did not take all lines."""


class _Line(Model):
    id: str
    timestamp: int
    message: str


class Delivery(Model):
    """One delivery of a subscription: lines of one log."""

    message_type: str = Field(alias="messageType")
    log_group: str = Field(alias="logGroup")
    log_stream: str = Field(alias="logStream")
    log_events: list[_Line] = Field(alias="logEvents")

    @property
    def is_control(self) -> bool:
        """Whether it only tests that the destination can be reached."""
        return self.message_type == "CONTROL_MESSAGE"


@dataclass(frozen=True)
class Collected:
    """What came of a delivery: lines that were stored, and those that are no audit entries."""

    stored: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class AuditCollection:
    """Stores deliveries.

    Attributes:
        logs: a boto3 CloudWatch Logs client.
        log_group: the audit log.
        s3: a boto3 S3 client.
        archive: the archive's bucket.
    """

    logs: Any
    log_group: str
    s3: Any
    archive: str

    def collect(self, delivery: Delivery) -> Collected:
        """Store the lines of a function in the audit log, or those of the audit log in the archive.

        Raises:
            AuditIncompleteError, ClientError: not all lines are stored; deliver them again.
        """
        if delivery.is_control:
            return Collected()
        archived = delivery.log_group == self.log_group
        read = [(line, _entry(line.message, wrapped=not archived)) for line in delivery.log_events]
        entries = [(line, entry) for line, entry in read if entry is not None]
        if archived:
            self._archive(delivery, entries)
        else:
            self._log(delivery.log_group.rpartition("/")[2], entries)
        return Collected(len(entries), len(read) - len(entries))

    def _log(self, function: str, entries: Sequence[tuple[_Line, AuditEntry]]) -> None:
        events: list[dict[str, Any]] = [
            {"timestamp": line.timestamp, "message": entry.model_dump_json(by_alias=True)}
            for line, entry in sorted(entries, key=lambda each: each[0].timestamp)
        ]
        for batch in _batches(events):
            day = datetime.fromtimestamp(int(batch[0]["timestamp"]) / 1000, UTC)
            self._put(f"{day:%Y/%m/%d}/{function}", batch)

    def _put(self, stream: str, events: Sequence[dict[str, Any]]) -> None:
        request = {
            "logGroupName": self.log_group,
            "logStreamName": stream,
            "logEvents": list(events),
        }
        try:
            answer = self.logs.put_log_events(**request)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            self._create(stream)
            answer = self.logs.put_log_events(**request)
        if answer.get("rejectedLogEventsInfo"):
            raise AuditIncompleteError("The audit log rejected lines as too old or too new.")

    def _create(self, stream: str) -> None:
        try:
            self.logs.create_log_stream(logGroupName=self.log_group, logStreamName=stream)
        except ClientError as error:
            # Another call has created it meanwhile.
            if error_code(error) != "ResourceAlreadyExistsException":
                raise

    def _archive(self, delivery: Delivery, entries: Sequence[tuple[_Line, AuditEntry]]) -> None:
        if not entries:
            return
        lines = "".join(f"{entry.model_dump_json(by_alias=True)}\n" for _, entry in entries)
        # The same delivery has the same key: it replaces its object with an equal one.
        ids = "".join(line.id for line, _ in entries)
        name = hashlib.sha256(f"{delivery.log_stream} {ids}".encode()).hexdigest()[:32]
        hour = datetime.fromtimestamp(entries[0][0].timestamp / 1000, UTC)
        self.s3.put_object(
            Bucket=self.archive,
            Key=f"audit/{hour:%Y/%m/%d/%H}/{name}.jsonl.gz",
            Body=gzip.compress(lines.encode(), mtime=0),
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )


def _entry(message: str, *, wrapped: bool) -> AuditEntry | None:
    """The entry, or None where it can't be read; functions wrap it in a line of their log."""
    try:
        content = json.loads(message)
        return AuditEntry.model_validate(content["audit"] if wrapped else content)
    except (ValueError, KeyError, TypeError):
        return None


def _batches(events: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    """The events in batches that PutLogEvents accepts; a batch is of one day."""
    batch: list[dict[str, Any]] = []
    size = 0
    for event in events:
        needs = len(str(event["message"]).encode()) + _OVERHEAD_BYTES
        if batch and (size + needs > _BATCH_BYTES or _day(event) != _day(batch[0])):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += needs
    if batch:
        yield batch


def _day(event: dict[str, Any]) -> int:
    return int(event["timestamp"]) // 86_400_000
