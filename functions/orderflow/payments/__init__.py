"""Payment links, settling and verifying what PayStack reports, and giving money back.

Speaks PayStack's protocol, behind its circuit breaker; keeps money that no order can take as a
refund that is due.
"""

__all__ = [
    "guarded",
    "inquiry",
    "links",
    "paystack",
    "recording",
    "refunds",
    "reversals",
    "settings",
    "verification",
    "webhook",
    "webhook_keys",
]
