"""The executions of the order workflow in Step Functions, and the task tokens they wait for.

Reads executions and answers tokens; knows nothing of what an order is.
"""
