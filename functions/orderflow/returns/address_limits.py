"""Limits what one address can cause: so many requests in each window of time, across all callers.

A window's counter is an item of its own, which expires. Its key is a hash of the address and the
window, so that the table lists no addresses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final, Protocol

from botocore.exceptions import ClientError

from orderflow.clock import epoch_ms
from orderflow.platform.dynamodb import condition_failed, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: A window in seconds, and the requests that it admits. Many customers of a mobile network share
#: an IPv4 address.
WINDOW_SECONDS: Final = 60
REQUESTS_A_WINDOW: Final = 20

#: The prefix that a network's customer has in IPv6, in bits.
_IPV6_PREFIX: Final = 64


class AddressLimits(Protocol):
    """Admits requests by their address."""

    def admit(self, address: str) -> bool:
        """Whether a request of this address is admitted; counts it, if so.

        Raises:
            StoreUnavailable: the count can't be read or written.
        """


class StoredAddressLimits(AddressLimits):
    """:class:`AddressLimits` in a DynamoDB table.

    Args:
        table: a boto3 DynamoDB table resource with the key ``caller`` and the TTL ``ttl``.
        limit: how many requests a window admits.
        clock: the present time in epoch ms.
    """

    def __init__(
        self,
        table: Table,
        limit: int = REQUESTS_A_WINDOW,
        clock: Callable[[], int] = epoch_ms,
    ) -> None:
        self._table = table
        self._limit = limit
        self._clock = clock

    def admit(self, address: str) -> bool:
        """See :meth:`AddressLimits.admit`."""
        window = self._clock() // 1000 // WINDOW_SECONDS
        counted = f"{_network(address)} {window}"
        try:
            with translated_errors():
                self._table.update_item(
                    Key={"caller": hashlib.sha256(counted.encode()).hexdigest()},
                    UpdateExpression="SET #ttl = :ttl ADD requests :one",
                    ConditionExpression="attribute_not_exists(requests) OR requests < :limit",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues={
                        ":ttl": (window + 2) * WINDOW_SECONDS,
                        ":one": 1,
                        ":limit": self._limit,
                    },
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True


def _network(address: str) -> str:
    """What one customer has of addresses: an IPv4 address, or a /64 network of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return hex(int(parsed) >> (parsed.max_prefixlen - _IPV6_PREFIX))
