"""Alarms, archives and the audit."""
