"""The grocery order domain, without a Lambda event in sight.

Handlers import it; it imports no handler.
"""
