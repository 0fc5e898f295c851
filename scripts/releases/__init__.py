"""Releases of a deployed stage: which versions run, going back, and what may be deleted."""
