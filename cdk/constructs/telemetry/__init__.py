"""What a stage records of itself beside metrics: log groups and traces."""
