"""The history of the schema, newest last. Each file under ``versions`` is one step by Alembic."""
