"""An authenticator app whose owner never types a code twice."""

from __future__ import annotations

import time

import pyotp


class Authenticator:
    """Codes that the user pool accepts now, each once.

    The codes of now and just before count as used from the start: the app was set up with one.
    """

    def __init__(self, secret: str) -> None:
        self._codes = pyotp.TOTP(secret)
        now = int(time.time()) // self._codes.interval
        self._used = {now, now - 1}

    def next_code(self) -> str:
        """A code that was not used; waits for one after three within half a minute."""
        while True:
            now = int(time.time()) // self._codes.interval
            for step in (now + 1, now, now - 1):
                if step not in self._used:
                    self._used.add(step)
                    return self._codes.generate_otp(step)
            time.sleep(1)

    def wrong_code(self) -> str:
        """Six digits that are not the code of any step that is accepted."""
        now = int(time.time()) // self._codes.interval
        shown = {self._codes.generate_otp(step) for step in range(now - 3, now + 4)}
        return next(code for code in map("{:06}".format, range(10)) if code not in shown)
