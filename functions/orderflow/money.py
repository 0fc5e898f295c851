"""Money in words. Amounts are integer kobo (the minor unit of NGN)."""

from __future__ import annotations


def amount_in(currency: str, minor: int) -> str:
    """``("NGN", 123456)`` -> ``NGN 1,234.56``: an amount in the currency's minor unit."""
    return f"{currency} {minor // 100:,}.{minor % 100:02d}"


def naira(kobo: int) -> str:
    """``123456`` kobo -> ``₦1,234.56``."""
    return f"₦{kobo // 100:,}.{kobo % 100:02d}"


def amount_in_words(currency: str, minor: int) -> str:
    """``("NGN", 123456)`` -> ``₦1,234.56``; of another currency ``GHS 1,234.56``."""
    return naira(minor) if currency == "NGN" else amount_in(currency, minor)
