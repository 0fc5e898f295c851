"""The life of the local stack: emulator, supervisor, deployment, state."""
