"""The store's page and API: they show what the station knows, and hold no knowledge of their own."""
