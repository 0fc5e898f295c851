"""The composition root of the handlers: builds what they call, from the environment.

One module for each group of functions, so that a cold start imports only what its function needs
and a deployment package holds only its own function's dependencies. Handlers import theirs at the
top: imports belong to the cold start, not to the first invocation.
"""

__all__ = [
    "addresses",
    "api",
    "canary",
    "dead_letters",
    "emails",
    "inquiries",
    "intake",
    "matching",
    "operations",
    "payments",
    "recovery",
    "updates",
    "webhook",
]
