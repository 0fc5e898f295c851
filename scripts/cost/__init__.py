"""What an order costs on AWS, and what it needs of AWS's quotas, from measured executions."""
