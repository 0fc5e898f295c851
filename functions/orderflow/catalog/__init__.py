"""The products that a shop sells: their file, their table, and finding them by name.

The index finds what a name may mean, however it is spelt; aliases remember what names turned out to
mean. Knows nothing of orders.
"""
