"""Customers who come back from PayStack's checkout: PayStack is asked at once.

At most so often for each address, and only about references of open orders.
"""

__all__ = ["address_limits", "customer_returns"]
