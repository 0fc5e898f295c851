"""Bounds the chains of messages in which ``recover_orders`` triggers itself.

Lambda would stop such a chain after about 16 calls, which is too few for a resumption; so that
guard is off for this function (its ``RecursiveLoop``), and this one takes its place:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html

Nothing is lost where a chain ends: the orders stay parked. Their own timers resume them, and the
reconciler those whose provider is back and, one in each run, those that are to probe it.
"""

from __future__ import annotations

from typing import Final

from orderflow.recovery import events as recovery_events
from orderflow.recovery.escalation import Escalation
from orderflow.recovery.messages import Message, ParkedOrdersQueue

#: The longest chain. A resumption takes a step each two seconds, which is an hour of steps; at the
#: default rate so many resume 36,000 orders. Probes follow each other after 30 seconds.
MAX_HOPS: Final = 1800


class Chain:
    """Sends messages, each the first of a chain or because of another.

    Args:
        queue: the queue.
        escalation: alerts operations where a chain ends.
    """

    def __init__(self, queue: ParkedOrdersQueue, escalation: Escalation) -> None:
        self._queue = queue
        self._escalation = escalation

    def begin(self, message: Message, delay_seconds: float = 0) -> None:
        """Send the first message of a chain.

        Raises:
            ProviderUnavailableError: SQS is unavailable.
        """
        self._queue.send(message, delay_seconds)

    def follow(self, message: Message, delay_seconds: float) -> None:
        """Send a message because of one with the same ``hops``, unless the chain is too long.

        Raises:
            ProviderUnavailableError: SQS is unavailable, or the alert about the end was not sent.
        """
        if message.hops >= MAX_HOPS:
            recovery_events.chain_ended(message.provider, message.kind, message.hops)
            self._escalation.alert_of_chain(message.provider, message.kind, message.hops)
            return
        self._queue.send(message.model_copy(update={"hops": message.hops + 1}), delay_seconds)
