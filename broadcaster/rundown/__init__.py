"""The rundown: the plan compiled into one date. Pure: no clock, no file, no database."""
