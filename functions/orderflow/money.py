"""Money in words, as customers, operations and alerts read it. Amounts are in minor units."""

from __future__ import annotations

from typing import Final

#: The shop's currency: that of the catalog's prices, of orders and of their links, in kobo.
CURRENCY: Final = "NGN"


def naira(kobo: int) -> str:
    """``123456`` kobo -> ``₦1,234.56``: an amount of the shop's own."""
    return f"₦{_with_decimals(kobo)}"


def amount_in_words(currency: str, minor: int) -> str:
    """``("NGN", 123456)`` -> ``₦1,234.56``; of another currency ``GHS 1,234.56``."""
    return naira(minor) if currency == CURRENCY else f"{currency} {_with_decimals(minor)}"


def _with_decimals(minor: int) -> str:
    return f"{minor // 100:,}.{minor % 100:02d}"
