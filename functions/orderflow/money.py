"""Money in words. Amounts are integer kobo (the minor unit of NGN)."""

from __future__ import annotations


def naira(kobo: int) -> str:
    """``123456`` kobo -> ``₦1,234.56``."""
    return f"₦{kobo // 100:,}.{kobo % 100:02d}"
