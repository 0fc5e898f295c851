"""The e-mail addresses that bounced or complained, which get no more mail for a while.

An address is stored as the SHA-256 hash of its normal form, so the table holds no address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from botocore.exceptions import ClientError

from orderflow.clock import Clock, iso, utc_now
from orderflow.platform.dynamodb import condition_failed, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class Undeliverable(StrEnum):
    """Why an address gets no more mail."""

    #: The receiving server refused the message for good: there is no such mailbox.
    BOUNCE = "bounce"
    #: The recipient reported a message as spam.
    COMPLAINT = "complaint"


#: How long an address stays marked. A mailbox may be made again; a complaint is meant.
MARKED_FOR: Final[Mapping[Undeliverable, timedelta]] = {
    Undeliverable.BOUNCE: timedelta(days=30),
    Undeliverable.COMPLAINT: timedelta(days=400),
}


class MarkedAddresses(Protocol):
    """The addresses that get no mail."""

    def is_marked(self, address: str) -> bool:
        """Whether the address bounced or complained.

        Raises:
            StoreUnavailable: DynamoDB throttled, failed or could not be reached.
        """


class StoredAddresses(MarkedAddresses):
    """:class:`MarkedAddresses` in a DynamoDB table.

    Args:
        table: a boto3 DynamoDB table resource with the key ``address`` and the TTL ``ttl``.
        clock: the present time.
    """

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self._table = table
        self._clock = clock

    def is_marked(self, address: str) -> bool:
        """See :meth:`MarkedAddresses.is_marked`."""
        with translated_errors():
            item = self._table.get_item(Key={"address": _hashed(address)}).get("Item")
        # DynamoDB deletes items some time after their end.
        return item is not None and int(str(item["ttl"])) > self._clock().timestamp()

    def mark(self, address: str, why: Undeliverable) -> None:
        """Mark the address from now on, unless it is marked for longer.

        Raises:
            StoreUnavailable: DynamoDB throttled, failed or could not be reached.
        """
        now = self._clock()
        ends = int((now + MARKED_FOR[why]).timestamp())
        try:
            with translated_errors():
                self._table.put_item(
                    Item={
                        "address": _hashed(address),
                        "reason": str(why),
                        "at": iso(now),
                        "ttl": ends,
                    },
                    ConditionExpression="attribute_not_exists(#ttl) OR #ttl < :ends",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues={":ends": ends},
                )
        except ClientError as error:
            if not condition_failed(error):
                raise


def _hashed(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()
