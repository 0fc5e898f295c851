"""Commands on the local stack: up, down, demo, demo shop and faults."""
