"""Run by Alembic inside a connection that `migrate.upgrade` gives it."""

from alembic import context

from unisono.storage.database import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
