"""What people do through the page or a command, by area: each room serves one, and knows no page."""
