"""Measures the local stack of this build beside that of an earlier one, on the same machine."""
