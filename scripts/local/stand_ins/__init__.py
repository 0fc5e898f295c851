"""What stands in for PayStack, Bedrock and a failing DynamoDB, with faults on demand."""
