"""The Lambda functions: their packages, and each with the resources that it may use."""
