"""PayStack on this machine: its API, its checkout page and its webhooks."""
