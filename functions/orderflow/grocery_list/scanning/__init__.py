"""Cuts a list into tokens: numbers, words and separators, each with its place in the text."""
