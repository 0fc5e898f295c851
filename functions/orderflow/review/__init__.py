"""Customers look their products over before they pay: other products, packs, lines, and the total.

An edit is one conditional write on the version that the customer saw; so is the confirmation.
"""

__all__ = ["edits", "product_search", "reviews"]
