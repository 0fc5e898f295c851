"""Telling operations staff, through the SNS topic that they subscribe to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orderflow.errors import NotificationUnavailable
from orderflow.platform.aws_errors import outages_as

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

#: SNS wants fewer than 100 characters, ASCII, on one line.
_SUBJECT_LENGTH: Final = 99


def publish(sns: SNSClient, topic_arn: str, subject: str, message: str) -> None:
    """Send an alert.

    Args:
        subject: made to fit SNS: one line, "?" for what is not ASCII, its end cut off.
        message: plain text, without personal data of customers, tokens or keys.

    Raises:
        NotificationUnavailable: SNS throttled, failed or could not be reached.
    """
    with outages_as(NotificationUnavailable, "SNS"):
        sns.publish(TopicArn=topic_arn, Subject=_fitting(subject), Message=message)


def _fitting(subject: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in subject)
    ascii_only = printable.encode("ascii", "replace").decode()
    return " ".join(ascii_only.split())[:_SUBJECT_LENGTH].rstrip()
