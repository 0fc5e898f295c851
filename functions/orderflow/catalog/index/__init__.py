"""The index that finds products by name, however it is spelt."""
