"""One scale of time for what goes on by itself at the stand-ins: webhooks, refunds, disputes.

A provider's durations are divided by ``$ORDERS_LOCAL_TIME_FACTOR``; clocks stay real. By default an
hour takes ten seconds: the 72 hours in which PayStack repeats a webhook take twelve minutes.
"""

import math
import os
from typing import Final

from scripts.local.errors import LocalStackError

VARIABLE: Final = "ORDERS_LOCAL_TIME_FACTOR"
DEFAULT: Final = 360.0


def time_factor() -> float:
    """What the providers' durations are divided by.

    Raises:
        LocalStackError: the variable is not a number of 1 or more.
    """
    text = os.environ.get(VARIABLE) or str(DEFAULT)
    try:
        factor = float(text)
    except ValueError:
        factor = math.nan
    if not 1 <= factor < math.inf:
        raise LocalStackError(f"{VARIABLE} is {text!r}; it should be a number of 1 or more.")
    return factor
