"""Parked orders: what resumes them, when, how fast, and when operations are alerted.

A parked order's execution waits for its task token; its timer, its provider's breaker or an
operator answers it.
"""
