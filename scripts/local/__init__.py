"""AWS and the providers, emulated on this machine."""
