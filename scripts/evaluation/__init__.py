"""Measures the accuracy and speed of parsing and product retrieval."""
