"""Starts, deploys, seeds and stops a local stack, and keeps its state."""
