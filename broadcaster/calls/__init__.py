"""What goes before everything planned: emergencies, the fire contact, people who speak live."""
