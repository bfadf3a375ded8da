"""Notices: what staff submit, how it is checked and approved, and what of it may air."""
