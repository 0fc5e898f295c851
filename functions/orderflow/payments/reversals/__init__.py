"""Money that goes back: refunds that are made or reported, disputes, and rejected transfers."""
