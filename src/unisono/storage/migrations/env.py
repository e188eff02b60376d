"""Run by Alembic inside a connection that `migrate` gives it."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from unisono.storage.database import UtcDateTime, declared


def render(kind: str, value: object, autogenerate: AutogenContext) -> str | Literal[False]:
    """Our own column type in a migration's words; everything else as Alembic does."""
    if isinstance(value, UtcDateTime):
        autogenerate.imports.add("from unisono.storage.database import UtcDateTime")
        return "UtcDateTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=declared(),
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
