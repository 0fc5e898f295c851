"""When the canary runs, and how long it waits."""

from typing import Final

INTERVAL_MINUTES: Final = 5

PATIENCE_SECONDS: Final = 40
"""For each of the two updates; the objective of links is 30 s."""

TIMEOUT_SECONDS: Final = 120
"""Sign-in, subscription, two updates and four requests with their timeouts."""

MISSED_RUNS: Final = 2
"""So many in a row page: one may meet a deployment, a throttle or a lost packet."""
