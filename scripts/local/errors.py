"""What can go wrong with the local stack, in words for the person at the terminal."""


class LocalStackError(Exception):
    """The local stack can't do what was asked; the message says what to do about it."""
