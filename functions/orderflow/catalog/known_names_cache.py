"""Keeps the names of the catalog between a function's invocations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from orderflow.errors import StoreUnavailable
from orderflow.grocery_list.known_names import KnownNames
from orderflow.platform.observability import logger

#: Names that are older are read again, in seconds: so long a new product may go unknown.
MAX_AGE_SECONDS: Final = 300.0


class _Catalog(Protocol):
    def load_known_names(self) -> KnownNames | None: ...


class KnownNamesCache:
    """The catalog's names, read again when they are old.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read_at: float | None = None
        self._names: KnownNames | None = None

    def get(self, catalog: _Catalog) -> KnownNames | None:
        """The names; None where there are none, or they can't be read.

        Lists are read without them then, so that an outage of the catalog delays no order.
        """
        now = self._clock()
        if self._read_at is not None and now - self._read_at <= MAX_AGE_SECONDS:
            return self._names
        try:
            self._names = catalog.load_known_names()
        except StoreUnavailable as error:
            logger.warning("the catalog's names can't be read", extra={"error": str(error)})
            return self._names
        self._read_at = now
        return self._names
