"""Editing the plan in a browser: entries of its files set, put in and taken out, tried, published, kept as versions."""
