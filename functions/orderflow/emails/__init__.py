"""E-mails to customers: which notice an order's status asks for, its words, and sending it.

Texts and HTML are Jinja templates in ``templates``. A refused address is a refusal, never a failure
of the order.
"""

__all__ = ["addresses", "feedback", "mailer", "notices"]
