"""Commands for orders: submit, show and list, and their client of the API."""
