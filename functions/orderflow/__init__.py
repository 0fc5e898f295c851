"""The grocery order domain, independent of Lambda's events.

Handlers import it; it imports no handler. Each package names in ``__all__`` the modules that other
code may import.
"""
