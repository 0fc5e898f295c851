"""How long a busy service asks its callers to wait."""

from __future__ import annotations


def parse_retry_after(value: str | None) -> float | None:
    """The seconds of a ``Retry-After`` header; None for no header and for its date form.

    RFC 9110, section 10.2.3. The services that are called here send seconds alone.
    """
    return float(value) if value and value.isdecimal() else None
