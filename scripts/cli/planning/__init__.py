"""What orders cost, and what breaks first."""
