"""Generates the parts of the documentation that the code knows best: ``make docs``."""
