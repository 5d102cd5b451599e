"""Run by Alembic: migrates on the connection that :meth:`Database.migrate` hands over."""

from alembic import context

from workers.review.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata
)
with context.begin_transaction():
    context.run_migrations()
