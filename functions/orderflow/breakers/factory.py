"""Makes a provider's breaker for a function of the workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.events import ReportedEvents
from orderflow.breakers.providers import Provider
from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.store import DynamoBreakerStore, from_attributes
from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.platform import aws
from orderflow.platform.environment import BreakerEnvironment
from orderflow.platform.observability import logger
from orderflow.platform.parameters import load_parameter


def breaker_for(
    provider: Provider, event: Mapping[str, Any], environment: BreakerEnvironment, by: str
) -> Breaker:
    """The provider's breaker, as the state machine read it a moment ago.

    On a Retry the breaker reads its item again, so that an order's retries stop once it has opened.

    Args:
        event: ``breaker`` is the item in DynamoDB's wire format, ``{}`` if there is none and None
            if it could not be read; ``retryCount`` is the attempt's number from 0.
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
    """The provider's policy, with a lease that is long enough for its calls.

    Under a shorter lease no caller would make its probe, and the breaker would never close.
    """
    policy = load_breaker_policy(parameter_name)
    if policy.lease_seconds >= provider.shortest_lease_seconds:
        return policy
    logger.error("breaker lease too short: stretched", extra={"provider": provider.key})
    return policy.model_copy(update={"lease_seconds": provider.shortest_lease_seconds})


def load_breaker_policy(parameter_name: str) -> BreakerPolicy:
    """A breaker's policy, or the default one if the parameter can't be read.

    Breakers exist to keep orders going, so an unreadable setting does not stop an order.
    """
    try:
        return load_parameter(parameter_name, BreakerPolicy)
    except (ConfigurationError, StoreUnavailable, ClientError) as error:
        logger.error("breaker policy unreadable: defaults", extra={"problem": str(error)})
        return BreakerPolicy()
