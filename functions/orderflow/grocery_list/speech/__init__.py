"""Reads what people say while they dictate a list."""
