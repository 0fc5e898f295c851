"""The operators' console: a page on this machine that shows a stage, and acts on it."""
