"""Rate-based rules: how many requests an address has made in the last seconds.

WAF looks back over the evaluation window from the current time, counts what reaches the rule and is
within its scope (blocked requests too), and acts on further requests while the count is above the
limit. It estimates, and acts up to half a minute late; here counts are exact and act at once.
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-caveats.html
"""

from collections import OrderedDict, deque
from typing import Final

#: The addresses that one rule follows at most, the busiest as WAF has it, the latest here.
MOST_ADDRESSES: Final = 10_000


class RateCounter:
    """Counts requests by address over a sliding window.

    Args:
        limit: requests of one address that the rule does not match.
        window_seconds: how far back it looks.
    """

    def __init__(self, limit: int, window_seconds: int) -> None:
        self._limit = limit
        self._window = window_seconds
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def exceeds(self, address: str, now: float) -> bool:
        """Counts one request; whether its address is above the limit with it."""
        times = self._times.setdefault(address, deque(maxlen=self._limit + 1))
        self._times.move_to_end(address)
        if len(self._times) > MOST_ADDRESSES:
            self._times.popitem(last=False)
        times.append(now)
        # The request `limit` places before this one is the one that has to be out of the window.
        return len(times) > self._limit and times[0] > now - self._window

    def used(self, address: str, now: float) -> int:
        """The address's requests within the window, at most one more than the limit."""
        return sum(each > now - self._window for each in self._times.get(address, ()))
