"""PayStack's parties and fees. Amounts are in the minor unit (kobo)."""

import hashlib
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

#: The merchant's integration, and the user whose key is used.
INTEGRATION: Final = 100_001
MERCHANT: Final = "merchant@example.com"

_RATE: Final = Fraction(15, 1000)
_FLAT_FEE: Final = 10_000
_NO_FLAT_FEE_BELOW: Final = 250_000
_LARGEST_FEE: Final = 200_000


def fee_of(amount: int) -> int:
    """PayStack's fee on a local payment in kobo: 1.5 % and NGN 100, at most NGN 2,000.

    The NGN 100 are waived below NGN 2,500. Source: https://paystack.com/pricing (Nigeria). The
    stand-in takes the same numbers in the minor units of other currencies.
    """
    flat = _FLAT_FEE if amount >= _NO_FLAT_FEE_BELOW else 0
    return min(math.ceil(amount * _RATE) + flat, _LARGEST_FEE)


def with_fee(amount: int) -> int:
    """What a customer who bears the fee pays, so that ``amount`` is left for the merchant."""
    flat = _FLAT_FEE if amount >= _NO_FLAT_FEE_BELOW else 0
    return min(math.ceil((amount + flat) / (1 - _RATE)), amount + _LARGEST_FEE)


@dataclass(frozen=True)
class Customer:
    """A customer: one for each e-mail address."""

    number: int
    email: str

    def shape(self) -> dict[str, Any]:
        """The customer as transactions show it."""
        code = hashlib.sha256(self.email.lower().encode()).hexdigest()[:15]
        return {
            "id": self.number,
            "first_name": None,
            "last_name": None,
            "email": self.email,
            "customer_code": f"CUS_{code}",
            "phone": None,
            "metadata": None,
            "risk_action": "default",
            "international_format_phone": None,
        }
