"""The store's broadcast system."""
