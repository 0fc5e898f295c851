"""From the lines of a list to products, packs and prices, by name or through Amazon Bedrock.

Prices and totals come from the catalog, never from the model. The model chooses among candidates
that the index has found.
"""

__all__ = [
    "basket",
    "bedrock",
    "chooser",
    "chunks",
    "guarded",
    "matcher",
    "packs",
    "rules",
    "tunables",
]
