"""Run by Alembic: migrates on the connection that :meth:`Database.migrate` hands over."""

from alembic import context
from sqlalchemy import text

from workers.review.store.tables import Table

ADVISORY_LOCK = 7_236_001
"""Any number that no other program on the database uses: replicas migrate one after another."""

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Table.metadata)
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
with context.begin_transaction():
    context.run_migrations()
