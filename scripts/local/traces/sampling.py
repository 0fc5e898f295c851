"""Which traces are recorded on this machine."""

import math
import os
from typing import Final

from scripts.local.errors import LocalStackError

#: The part of traces that is recorded, from 0 to 1.
VARIABLE: Final = "ORDERS_LOCAL_TRACE_RATE"
DEFAULT: Final = 1.0


def trace_rate() -> float:
    """The part of traces that is recorded; all by default.

    Raises:
        LocalStackError: the variable is not a number from 0 to 1.
    """
    text = os.environ.get(VARIABLE) or str(DEFAULT)
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= 1:
        raise LocalStackError(f"{VARIABLE} is {text!r}; it should be a number from 0 to 1.")
    return rate
