"""A rehearsal of a release and of a loss, on the local stack."""
