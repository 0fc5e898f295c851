"""Time-based one-time passwords (RFC 6238) of the users' authenticator apps."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import pyotp

from scripts.local.cognito.errors import CognitoError, invalid_parameter

#: Seconds of one time step, RFC 6238, 4.1.
STEP_SECONDS: Final = 30
#: Codes of the step before and the step after are accepted: RFC 6238, 5.2 and 6. AWS publishes no
#: number.
_DRIFT_STEPS: Final = 1

#: Seconds since the epoch.
Clock = Callable[[], float]


@dataclass
class SoftwareToken:
    """One authenticator app's secret (base32), with the time steps whose code was accepted."""

    secret: str = field(default_factory=pyotp.random_base32)
    used: set[int] = field(default_factory=set)

    def accept(self, code: str, now: float) -> None:
        """Accepts a code once.

        Args:
            code: six digits.
            now: epoch seconds.

        Raises:
            CognitoError: ``CodeMismatchException`` for a wrong code, ``ExpiredCodeException`` for
                one that was accepted before (RFC 6238, 5.2).
        """
        current = int(now) // STEP_SECONDS
        steps = range(current - _DRIFT_STEPS, current + _DRIFT_STEPS + 1)
        matching = {step for step in steps if self._is_code(code, step)}
        if not matching:
            raise CognitoError("CodeMismatchException", "Invalid code received for user")
        unused = matching - self.used
        if not unused:
            raise CognitoError(
                "ExpiredCodeException", "Your software token has already been used once."
            )
        self.used = {step for step in self.used if step in steps} | {min(unused)}

    def _is_code(self, code: str, step: int) -> bool:
        expected = pyotp.TOTP(self.secret, interval=STEP_SECONDS).generate_otp(step)
        return hmac.compare_digest(expected.encode(), code.encode())


@dataclass
class Enrolment:
    """A user's authenticator app.

    Attributes:
        verified: the app that signs in; None without one.
        enabled: the user's preference, which counts where the pool does not require MFA.
    """

    verified: SoftwareToken | None = None
    enabled: bool = False


#: The pool's id and the user's ``sub``.
UserKey = tuple[str, str]


class SoftwareTokens:
    """The authenticator apps of all users.

    Args:
        clock: the time, in epoch seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._enrolments: dict[UserKey, Enrolment] = {}

    def of(self, user: UserKey) -> Enrolment:
        """The user's enrolment; empty at first."""
        return self._enrolments.setdefault(user, Enrolment())

    def verify(self, user: UserKey, pending: SoftwareToken | None, code: str) -> None:
        """Replaces the user's app by the pending one, which shows ``code``.

        Raises:
            CognitoError: ``EnableSoftwareTokenMFAException`` for a wrong code, and without a
                pending app.
        """
        if pending is None:
            raise _not_enabled("No software token MFA has been associated for verification.")
        try:
            pending.accept(code, self._clock())
        except CognitoError as error:
            raise _not_enabled("Code mismatch and fail enable Software Token MFA") from error
        self.of(user).verified = pending

    def check(self, user: UserKey, code: str) -> None:
        """Accepts a code of the user's app; see :meth:`SoftwareToken.accept`.

        Raises:
            CognitoError: also ``SoftwareTokenMFANotFoundException``, for a user without an app.
        """
        verified = self.of(user).verified
        if verified is None:
            raise CognitoError(
                "SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for user."
            )
        verified.accept(code, self._clock())

    def prefer(self, user: UserKey, *, enabled: bool) -> None:
        """Sets the user's preference.

        Raises:
            CognitoError: ``InvalidParameterException`` if there is no app to enable.
        """
        enrolment = self.of(user)
        if enabled and enrolment.verified is None:
            raise invalid_parameter("User has not verified software token mfa")
        enrolment.enabled = enabled

    def forget(self, user: UserKey) -> None:
        """Removes the user's app and preference."""
        self._enrolments.pop(user, None)


def _not_enabled(message: str) -> CognitoError:
    return CognitoError("EnableSoftwareTokenMFAException", message)
