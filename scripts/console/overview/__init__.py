"""What is wrong now, since when, and whom it affects."""
