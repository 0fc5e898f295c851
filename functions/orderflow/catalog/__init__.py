"""The products that a shop sells: their file, their table, and finding them by name.

The index finds the products that a name may mean, also if it is misspelt; aliases keep the product
that was once chosen for a name. Knows nothing of orders.
"""

__all__ = [
    "aliases",
    "csv_file",
    "index",
    "known_names_cache",
    "names",
    "pieces",
    "product",
    "singular",
    "sizes",
    "store",
]
