"""Reads numbers, amounts and prices from tokens."""
