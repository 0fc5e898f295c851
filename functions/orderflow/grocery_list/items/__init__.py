"""Reads one piece of a list: an item, an amount, a remark, or nothing."""
