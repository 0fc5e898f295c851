"""Tools of the project: the command line, the local stack, the demo shop, the evaluation."""
