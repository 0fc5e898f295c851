"""Where functions start from snapshots, and where they don't."""

from __future__ import annotations

import os
import sys
from typing import Final

#: The environment variable that turns snapshots off (``off``): each worker is a fresh process then.
SWITCH: Final = "ORDERS_LOCAL_SNAPSHOTS"


def why_not() -> str | None:
    """Why functions don't start from snapshots here; None if they do."""
    if os.environ.get(SWITCH, "on").lower() == "off":
        return f"{SWITCH} is off."
    if sys.platform != "linux":
        # Apple's frameworks abort in forks, and nothing ends the forks of a parent that dies.
        return "forks of an initialized process are safe on Linux only."
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError as error:
        return f"this kernel has no pidfd_open ({error.strerror})."
    return None
