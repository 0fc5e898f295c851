"""What operations are alarmed about, and which alarms make one page."""
