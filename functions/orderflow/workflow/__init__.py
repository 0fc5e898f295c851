"""The executions of the order workflow in Step Functions, and the task tokens they wait for.

Reads executions and answers tokens. Knows nothing of orders.
"""

__all__ = ["executions", "task_tokens"]
