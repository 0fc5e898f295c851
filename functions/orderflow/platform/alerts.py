"""Alerts to operations staff, who subscribe to an SNS topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from orderflow.errors import NotificationUnavailable
from orderflow.platform.aws_errors import outages_as

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

#: SNS accepts subjects of fewer than 100 ASCII characters on one line.
_SUBJECT_LENGTH: Final = 99


class Alerts(Protocol):
    """Where alerts to operations staff go."""

    def publish(self, subject: str, message: str) -> None:
        """Send one alert.

        Args:
            subject: what it is about, on one line.
            message: plain text, without personal data of customers, tokens or keys.

        Raises:
            NotificationUnavailable: the alert was not sent; try again.
        """


class SnsAlerts:
    """:class:`Alerts` through an SNS topic.

    Args:
        sns: a boto3 SNS client.
        topic_arn: the topic that operations staff subscribe to.
    """

    def __init__(self, sns: SNSClient, topic_arn: str) -> None:
        self._sns = sns
        self._topic_arn = topic_arn

    def publish(self, subject: str, message: str) -> None:
        """Send one alert.

        Args:
            subject: is made to fit SNS: one line, "?" for each character that is not ASCII, cut to
                99 characters.
            message: plain text, without personal data of customers, tokens or keys.

        Raises:
            NotificationUnavailable: SNS throttled, failed or could not be reached.
        """
        with outages_as(NotificationUnavailable, "SNS"):
            self._sns.publish(TopicArn=self._topic_arn, Subject=_fitting(subject), Message=message)


def _fitting(subject: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in subject)
    ascii_only = printable.encode("ascii", "replace").decode()
    return " ".join(ascii_only.split())[:_SUBJECT_LENGTH].rstrip()
