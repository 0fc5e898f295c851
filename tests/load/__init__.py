"""The load suite: customers, staff and webhooks at a local stack or a stage, and their report."""
