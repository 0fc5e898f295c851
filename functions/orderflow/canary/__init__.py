"""The canary: a synthetic customer who orders every few minutes, so that operations hear first.

It uses the stage as customers do: Cognito with a second factor, the GraphQL API and its updates. It
knows nothing of tables and workflows.
"""

__all__ = [
    "account",
    "customer",
    "journey",
    "sign_in",
    "updates",
]
