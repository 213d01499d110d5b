"""How the services reach their databases: PostgreSQL with a pool, or SQLite."""
