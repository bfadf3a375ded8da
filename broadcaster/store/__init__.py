"""The database: its tables, their migrations, and a module of queries for each kind of thing."""
