"""Runs the JavaScript of AppSync's resolvers for the emulator."""
