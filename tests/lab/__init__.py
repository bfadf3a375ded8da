"""A laboratory for sound: a private sound server, a recorder that dates every sample, and what to measure on it."""
