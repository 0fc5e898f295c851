"""The page that customers see, served on this machine."""
