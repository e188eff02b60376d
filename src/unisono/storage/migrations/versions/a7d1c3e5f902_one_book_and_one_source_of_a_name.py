"""There is one book and one source of a name; of those that shared one, all but the first get a number."""

import sqlalchemy as sa
from alembic import op

revision = "a7d1c3e5f902"
down_revision = "f3b0c95d7a12"
branch_labels = None
depends_on = None

_book = sa.table("book", sa.column("id"), sa.column("name"), sa.column("name_key"), sa.column("edition"))
_replicator = sa.table(
    "replicator", sa.column("id"), sa.column("name"), sa.column("name_key"), sa.column("removed", sa.Boolean)
)


def upgrade() -> None:
    for table, counts in ((_book, _book.c.edition >= 0), (_replicator, ~_replicator.c.removed)):
        op.add_column(table.name, sa.Column("name_key", sa.String(length=200), nullable=True))
        _name(op.get_bind(), table, counts)
        op.create_index(op.f(f"ix_{table.name}_name_key"), table.name, ["name_key"], unique=True)


def _name(connection: sa.Connection, table: sa.TableClause, counts: sa.ColumnElement[bool]) -> None:
    rows = connection.execute(sa.select(table.c.id, table.c.name).where(counts).order_by(table.c.id)).all()
    taken = {name.casefold() for _, name in rows}
    met: set[str] = set()
    for id, name in rows:
        number, called = 1, name
        while called.casefold() in met or (number > 1 and called.casefold() in taken):
            number += 1
            called = f"{name} ({number})"
        met.add(called.casefold())
        named = sa.update(table).where(table.c.id == id)
        connection.execute(named.values(name=called, name_key=called.casefold()))


def downgrade() -> None:
    for name in ("replicator", "book"):
        op.drop_index(op.f(f"ix_{name}_name_key"), table_name=name)
        op.drop_column(name, "name_key")
