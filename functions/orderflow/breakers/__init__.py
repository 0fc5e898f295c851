"""Circuit breakers: whether a provider may be called, decided by conditional writes in DynamoDB.

Everything about one breaker: its states, its transitions, its settings, its store and its metrics.
Knows no provider's protocol; those who call one bring it along.
"""
