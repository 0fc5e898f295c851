"""Commands that say whether a stage works."""
