"""When the canary runs, how long it waits, and what it orders."""

from typing import Final

GROCERY_LIST: Final = "1 loaf bread, 3 eggs"
"""Every stage's catalog has these products."""

INTERVAL_MINUTES: Final = 5

PATIENCE_SECONDS: Final = 40
"""For each of the two updates; the objective of links is 30 s."""

TIMEOUT_SECONDS: Final = 120
"""Sign-in, subscription, two updates and four requests with their timeouts."""

MISSED_RUNS: Final = 2
"""So many in a row page: one may meet a deployment, a throttle or a lost packet."""
