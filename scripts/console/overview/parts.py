"""The parts of the view *Now*, each of which is read alone, by their names on the page.

What stands behind a colon tells parts of one name apart, and is not shown.
"""

from __future__ import annotations

from typing import Final

from orderflow.breakers.providers import ProviderName
from orderflow.orders.status import OrderStatus

WAITING: Final = "orders that wait for their payment"
REFUSED: Final = "refusals of e-mail"
COUNTS: Final = "orders per minute"
ALARMS: Final = "alarms"
RECOVERY: Final = "recovery's settings"
DEPLOYED: Final = "the last deployment"
_QUEUE: Final = "queue of "
_LETTERS: Final = "messages in "


def stuck(status: OrderStatus) -> str:
    """The stuck orders of a status."""
    return f"{status.replace('_', ' ')} orders"


def count(status: OrderStatus) -> str:
    """How many orders have a status."""
    return f"orders by status: {status}"


def queue(name: str) -> str:
    """How many messages a queue holds."""
    return f"{_QUEUE}{name}"


def is_queue(part: str) -> bool:
    """Whether a part is one of :func:`queue`."""
    return part.startswith(_QUEUE)


def queue_in(part: str) -> str:
    """The name of the queue in a part of :func:`queue`."""
    return part.removeprefix(_QUEUE)


def letters(name: str) -> str:
    """What the messages of a queue are about."""
    return f"{_LETTERS}{name}"


def is_letters(part: str) -> bool:
    """Whether a part is one of :func:`letters`."""
    return part.startswith(_LETTERS)


def breaker(provider: ProviderName) -> str:
    """A provider's breaker."""
    return f"breaker of {provider.display_name}"


def history(provider: ProviderName) -> str:
    """What a breaker went through."""
    return f"history of {provider.display_name}'s breaker"
