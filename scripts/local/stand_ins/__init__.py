"""Stand-ins for PayStack and Bedrock, a DynamoDB proxy, and fault injection for all three."""
