"""All attempts."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.attempts import (
    authentication,
    authorization,
    consumption,
    returns,
    surroundings,
)
from tests.support.attempts.attempt import Attempt


def attempts(issue: Callable[..., str] | None = None) -> list[Attempt]:
    """The table, by risk; see :func:`authentication.attempts` for ``issue``."""
    return [
        *authorization.OBJECTS,
        *authentication.attempts(issue),
        *authorization.PROPERTIES,
        *consumption.RESOURCES,
        *authorization.FUNCTIONS,
        *consumption.FLOWS,
        *surroundings.SERVER_SIDE,
        *surroundings.CONFIGURATION,
        *surroundings.INVENTORY,
        *surroundings.PROVIDERS,
        *returns.RETURNS,
    ]
