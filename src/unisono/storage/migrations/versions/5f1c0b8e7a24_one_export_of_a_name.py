"""There is one export of a name, however it is written; of those that shared one, all but the first get a number."""

import sqlalchemy as sa
from alembic import op

revision = "5f1c0b8e7a24"
down_revision = "d40a6b1f7c35"
branch_labels = None
depends_on = None

_exporter = sa.table("exporter", sa.column("id"), sa.column("name"), sa.column("name_key"))
_NUMBERED = 110
"""Characters of a name that leave room for a number."""


def upgrade() -> None:
    op.add_column("exporter", sa.Column("name_key", sa.String(length=400), nullable=True))
    connection = op.get_bind()
    rows = connection.execute(sa.select(_exporter.c.id, _exporter.c.name).order_by(_exporter.c.id)).all()
    taken = {name.casefold() for _, name in rows}
    met: set[str] = set()
    for id, name in rows:
        number, called = 1, name
        while called.casefold() in met or (number > 1 and called.casefold() in taken):
            number += 1
            called = f"{name[:_NUMBERED]} ({number})"
        met.add(called.casefold())
        named = sa.update(_exporter).where(_exporter.c.id == id)
        connection.execute(named.values(name=called, name_key=called.casefold()))
    op.create_index(op.f("ix_exporter_name_key"), "exporter", ["name_key"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_exporter_name_key"), table_name="exporter")
    op.drop_column("exporter", "name_key")
