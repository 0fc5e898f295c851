"""The error of a save that is not deployed."""


class SaveError(Exception):
    """A saved file is broken; the message quotes what found it. What runs stays as it was."""
