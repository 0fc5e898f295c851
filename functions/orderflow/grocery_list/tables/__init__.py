"""Reads pasted tables: rows with a thing and how much of it, under heads of columns or without."""
