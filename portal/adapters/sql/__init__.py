"""The SQL adapters: SQLite by default, PostgreSQL by address. Rows never leave this package."""
