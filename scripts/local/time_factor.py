"""One scale of time for all that waits for customers, providers and banks on the local stage.

Their durations, those of the stand-ins and those of the stage's settings (:mod:`cdk.durations`),
are divided by ``$ORDERS_LOCAL_TIME_FACTOR``; clocks stay real. By default an hour takes a minute.
"""

import math
import os
from typing import Final

from scripts.local.errors import LocalStackError

VARIABLE: Final = "ORDERS_LOCAL_TIME_FACTOR"
DEFAULT: Final = 60.0


def time_factor() -> float:
    """What durations are divided by.

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
