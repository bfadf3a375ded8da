"""``broadcaster doctor``: examines the machine and the store's files, and says what to do."""
