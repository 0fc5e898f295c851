"""The loss of a table and of the stack under load, with what is lost and how long it takes."""
