"""Emulates AppSync's authorization and its real-time subscriptions."""
