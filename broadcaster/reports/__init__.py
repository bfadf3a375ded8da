"""What was broadcast and why, for those who ask afterwards: reports, proof of play, day book, ``why``."""
