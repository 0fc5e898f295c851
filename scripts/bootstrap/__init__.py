"""A first stage in one command: what AWS, PayStack and people must have ready, in sequence."""
