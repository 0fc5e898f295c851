"""Finds the talk around items: greetings, commands, headings, refusals."""
