"""The state graph of an execution, and what its states did."""
