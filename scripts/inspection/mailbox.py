"""E-mails to customers, and alerts to operations, as they arrived on the local stack.

On AWS nobody keeps them: SES and SNS deliver, and forget. There, an order's record says which
notices were sent, and CloudWatch which alarms are on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from orderflow.clock import iso
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment
from scripts.inspection.reading import Reading
from scripts.local.stack.seed import OPERATIONS_MAILBOX
from scripts.local.stack.state import ACCOUNT

#: A view reads so many e-mails or alerts at most, the newest.
MAX_MESSAGES: Final = 200
_TIMEOUT_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Mail:
    """One e-mail, as SES received it. ``at`` is ISO 8601 in UTC."""

    at: str
    to: list[str]
    subject: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return asdict(self)


def mails(
    deployment: Deployment, order_id: str | None, reading: Reading, limit: int = MAX_MESSAGES
) -> list[Mail]:
    """The e-mails that the local stack's SES has sent, the newest first.

    Args:
        deployment: a local stage.
        order_id: only those that name this order (a whole id).
        reading: counts what is read.
        limit: how many.

    Raises:
        CommandError: the stage is on AWS, where sent e-mails are not kept.
    """
    if deployment.urls is None:
        raise CommandError(
            "SES keeps no e-mails: on AWS `orders show` says which notices were sent.",
            ExitCode.REFUSED,
        )
    content = _inspected(deployment.urls.aws, "ses/messages")
    sent = [mail for account in content["messages"].values() for mail in map(_mail, account)]
    newest = sorted(sent, key=lambda mail: mail.at, reverse=True)
    found = (mail for mail in newest if order_id is None or order_id in mail.text)
    return [*reading.bounded(found, limit, "e-mails")]


@dataclass(frozen=True)
class Alert:
    """One message to operations."""

    at: datetime
    subject: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {"at": iso(self.at), "subject": self.subject, "text": self.text}


def local_alerts(
    deployment: Deployment, reading: Reading, limit: int = MAX_MESSAGES
) -> list[Alert]:
    """What the operations topic of the local stack has sent, the newest first.

    The topic's mailbox is a queue that is looked into without taking anything out of it.

    Args:
        deployment: a stage; on AWS this finds nothing.
        reading: counts what is read.
        limit: how many.
    """
    if deployment.urls is None:
        return []
    queue = f"{deployment.urls.aws}/{ACCOUNT}/{OPERATIONS_MAILBOX}"
    content = _inspected(deployment.urls.aws, f"sqs/messages?QueueUrl={quote(queue, safe='')}")
    found = sorted(_alerts(content), key=_time, reverse=True)
    return [*reading.bounded(found, limit, "alerts")]


def _alerts(content: Any) -> Iterator[Alert]:
    for region in content["messages"].values():
        for messages in (each for queues in region.values() for each in queues.values()):
            yield from map(_alert, messages)


def _alert(message: dict[str, Any]) -> Alert:
    notification = json.loads(message["Body"])
    at = datetime.fromtimestamp(message["SentTimestamp"], UTC)
    return Alert(at, notification.get("Subject") or "", notification["Message"])


def _time(alert: Alert) -> datetime:
    return alert.at


def _mail(record: dict[str, Any]) -> Mail:
    at = iso(datetime.fromtimestamp(record["Timestamp"], UTC))
    return Mail(at, [*record["To"]], record["Subject"], record["BodyText"] or "")


def _inspected(aws: str, resource: str) -> Any:
    response = httpx.get(f"{aws}/_ministack/{resource}", timeout=_TIMEOUT_SECONDS, trust_env=False)
    response.raise_for_status()
    return response.json()
