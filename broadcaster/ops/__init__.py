"""What keeps the program running with nobody there: alerts, upkeep, backups, retention, the service, time."""
