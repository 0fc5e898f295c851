"""Reads what a till prints: things with their prices, how many of each, and what stands around."""
