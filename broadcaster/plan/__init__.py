"""The plan: what the store decided, as its files say it; read, checked, its faults in words."""
