"""For ``handle_dead_letters``."""

from __future__ import annotations

from orderflow.platform import aws, snapshots
from orderflow.platform.environment import DeadLettersEnvironment, load_environment
from orderflow.recovery.dead_letters import DeadLetters

snapshots.prepare(aws.sqs)


def dead_letters() -> DeadLetters:
    """Tries dead letters again, or keeps them."""
    environment = load_environment(DeadLettersEnvironment)
    return DeadLetters(
        aws.sqs(),
        retry_url=environment.parked_orders_queue_url,
        kept_url=environment.kept_letters_queue_url,
        delay_seconds=environment.delay_seconds,
    )
