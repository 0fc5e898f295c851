"""How well lists are understood and products found, measured."""
