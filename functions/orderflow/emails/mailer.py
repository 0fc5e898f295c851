"""Sends e-mails to customers through Amazon SES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from orderflow.emails.addresses import MarkedAddresses
from orderflow.errors import NotificationRefused, NotificationUnavailable, StoreUnavailable
from orderflow.platform.aws_errors import error_code, is_outage, outages_as
from orderflow.platform.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

#: SES's error codes about one message: its address or its content.
_ABOUT_THE_MESSAGE: Final = frozenset(
    {"MessageRejected", "BadRequestException", "InvalidParameterValue"}
)
#: In the message of a MessageRejected that is about our account: in the sandbox, or with an
#: identity that is not verified, SES refuses every message.
_ABOUT_US: Final = "not verified"


@dataclass(frozen=True, slots=True)
class Email:
    """A message, ready to send."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Mailer:
    """Sends e-mails from one address.

    Attributes:
        ses: a boto3 client of SES.
        sender: the address that customers see.
        addresses: the addresses that get no mail.
        refused: is called with SES's name for a refusal that concerns our account, not the message:
            sending is paused, the account suspended, a domain not verified, a permission missing.
    """

    ses: SESV2Client
    sender: str
    addresses: MarkedAddresses
    refused: Callable[[str], None]

    def send(self, email: Email, recipient: str) -> None:
        """Send one message, unless the recipient's address bounced or complained.

        Raises:
            NotificationUnavailable: SES throttled, failed or could not be reached.
            NotificationRefused: SES does not deliver this message, whatever the reason.
        """
        if self._is_marked(recipient):
            raise NotificationRefused(
                "An earlier message to this address bounced, or was a complaint."
            )
        with outages_as(NotificationUnavailable, "SES"), self._refusals():
            self.ses.send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": [recipient]},
                Content={
                    "Simple": {
                        "Subject": {"Data": email.subject, "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": email.text, "Charset": "UTF-8"},
                            "Html": {"Data": email.html, "Charset": "UTF-8"},
                        },
                    }
                },
            )

    def _is_marked(self, recipient: str) -> bool:
        try:
            return self.addresses.is_marked(recipient)
        except StoreUnavailable:
            # One message too many is better than none.
            logger.warning("marked addresses unreadable")
            return False

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if is_outage(error):
                raise
            code = error_code(error)
            if code not in _ABOUT_THE_MESSAGE or _ABOUT_US in str(error):
                self.refused(code)
            raise NotificationRefused("The e-mail service refused the message.") from error
