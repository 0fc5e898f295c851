"""Understands a grocery list in plain words: quantities, units and names, each with its place.

Pure functions over text, without a dependency beyond the standard library; ``docs/grocery-list.md``
is the grammar.
"""

__all__ = ["catalog_names", "known_names", "parser", "quantities", "set_aside", "size"]
