"""What MiniStack lacks of CloudWatch and CloudTrail."""
