"""What SES reports of messages that were sent: bounces and complaints.

Format: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html.
Notifications of an identity have the same form, with ``notificationType`` for ``eventType``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Final

from pydantic import AliasChoices, Field, ValidationError

from orderflow.emails.addresses import Undeliverable
from orderflow.platform.observability import logger
from orderflow.records import Record
from orderflow.validation import fields_in_words

#: Other bounces pass: a full mailbox, a server that is out.
_FINAL: Final = "Permanent"


class _Recipient(Record):
    email_address: str

    @property
    def address(self) -> str:
        """The bare address of ``Name <address>``."""
        return parseaddr(self.email_address)[1]


class _Bounce(Record):
    bounce_type: str
    bounced_recipients: list[_Recipient]


class _Complaint(Record):
    complained_recipients: list[_Recipient]


class _Event(Record):
    kind: str = Field(validation_alias=AliasChoices("eventType", "notificationType"))
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None

    def undeliverable(self) -> Iterator[tuple[str, Undeliverable]]:
        if self.bounce and self.bounce.bounce_type == _FINAL:
            for each in self.bounce.bounced_recipients:
                yield each.address, Undeliverable.BOUNCE
        if self.complaint:
            for each in self.complaint.complained_recipients:
                yield each.address, Undeliverable.COMPLAINT


def record_feedback(
    message: str, mark: Callable[[str, Undeliverable], None]
) -> list[Undeliverable]:
    """Mark the addresses that one report of SES names.

    A report that can't be read, such as SES's greeting of a new topic, marks nothing.

    Args:
        message: the report, as JSON.
        mark: see :meth:`~orderflow.emails.addresses.StoredAddresses.mark`.

    Returns:
        Why addresses were marked, one for each.
    """
    try:
        event = _Event.model_validate_json(message)
    except ValidationError as error:
        logger.warning("report of SES unreadable", extra={"fields": fields_in_words(error)})
        return []
    found = [(address, why) for address, why in event.undeliverable() if address]
    for address, why in found:
        mark(address, why)
    return [why for _, why in found]
