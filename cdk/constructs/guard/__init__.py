"""The web ACLs before the API and the sign-in, and their alarms."""
