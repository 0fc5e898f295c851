"""Getting lost data back: tables from their backups, and orders from what executions know."""
