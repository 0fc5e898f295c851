"""Parts of MiniStack's DynamoDB that are replaced: slow ones, and those that answer otherwise."""
