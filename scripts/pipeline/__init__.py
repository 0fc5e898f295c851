"""The steps of the pipelines that are more than a command: the artefact, and the soak."""
