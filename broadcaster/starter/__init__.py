"""Music to begin with: composed and synthesised here, so that a fresh store has something to play that is its own."""
