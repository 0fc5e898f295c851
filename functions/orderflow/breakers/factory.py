"""A provider's breaker, as a function of the workflow comes by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.events import ReportedEvents
from orderflow.breakers.providers import Provider
from orderflow.breakers.settings import BreakerPolicy, load_breaker_policy
from orderflow.breakers.store import DynamoBreakerStore, from_attributes
from orderflow.platform import aws
from orderflow.platform.environment import BreakerEnvironment
from orderflow.platform.observability import logger


def breaker_for(
    provider: Provider, event: Mapping[str, Any], environment: BreakerEnvironment, by: str
) -> Breaker:
    """The provider's breaker, as the state machine saw it a moment ago.

    On a Retry it is read again: an order's own retries stop once the breaker has opened.

    Args:
        event: ``breaker`` is the item in DynamoDB's wire format, ``{}`` where there is none and
            None where it could not be read; ``retryCount`` is the attempt's number from 0.
    """
    seen = event["breaker"] if event["retryCount"] == 0 else None
    return Breaker(
        provider,
        DynamoBreakerStore(aws.table(environment.breakers_table)),
        lambda: policy_for(provider, environment.breaker_parameter),
        snapshot=None if seen is None else from_attributes(provider.key, seen),
        by=by,
        events=ReportedEvents(by),
    )


def policy_for(provider: Provider, parameter_name: str) -> BreakerPolicy:
    """The provider's policy, with a lease that its calls fit into.

    Under a shorter lease every claimant would give up, and the breaker would never close.
    """
    policy = load_breaker_policy(parameter_name)
    if policy.lease_seconds >= provider.shortest_lease_seconds:
        return policy
    logger.error("breaker lease too short: stretched", extra={"provider": provider.key})
    return policy.model_copy(update={"lease_seconds": provider.shortest_lease_seconds})
