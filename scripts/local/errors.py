"""The error of the local stack."""


class LocalStackError(Exception):
    """An operation on the local stack failed; the message says what to do."""
