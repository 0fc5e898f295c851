"""What breaks first at a rate of orders, by AWS's quotas."""
