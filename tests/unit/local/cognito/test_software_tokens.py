"""A code is accepted once, within a step of its time."""

from __future__ import annotations

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.local.cognito.errors import CognitoError
from scripts.local.cognito.software_tokens import STEP_SECONDS, SoftwareToken

START = 1_800_000_000
OFFSETS = st.lists(st.integers(-4, 4), min_size=1, max_size=12)


def accepts(token: SoftwareToken, code: str, now: float) -> str | None:
    """The name of the refusal; None for a code that is accepted."""
    try:
        token.accept(code, now)
    except CognitoError as error:
        return error.name
    return None


@given(offsets=OFFSETS, pauses=st.lists(st.integers(0, 90), min_size=12, max_size=12))
def test_no_code_is_accepted_twice_or_out_of_its_time(
    offsets: list[int], pauses: list[int]
) -> None:
    token = SoftwareToken("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    codes = pyotp.TOTP(token.secret)
    now = START
    accepted: set[int] = set()
    for offset, pause in zip(offsets, pauses, strict=False):
        step = now // STEP_SECONDS + offset
        outcome = accepts(token, codes.generate_otp(step), now)
        if abs(offset) > 1:
            assert outcome == "CodeMismatchException"
        else:
            assert outcome == ("ExpiredCodeException" if step in accepted else None)
            accepted.add(step)
        now += pause


def test_rfc_6238_codes() -> None:
    """Appendix B's secret and time, with 6 of its 8 digits."""
    token = SoftwareToken("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    token.accept("287082", 59)
    with pytest.raises(CognitoError, match="already been used"):
        token.accept("287082", 59)
