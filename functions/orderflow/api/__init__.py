"""What the GraphQL API says and accepts: resolvers' requests and answers, and published updates.

Turns orders into the schema's types, authorizes what customers and operators ask for, and publishes
changes to subscribers. Uses the other packages; none of them uses this one.
"""

__all__ = [
    "access_refusals",
    "appsync",
    "audited",
    "customers",
    "graphql_client",
    "operators",
    "publisher",
    "reviews",
    "verified_emails",
    "views",
]
