"""The playout: the conductor, which keeps the air equal to the rundown, and what plays on its behalf."""
