"""The as-run log: what was planned, commanded and heard; and what follows from it: proof of play, the day book."""
