"""What a book's layers were made with is kept, also when their source is removed."""

import sqlalchemy as sa
from alembic import op

revision = "f3b0c95d7a12"
down_revision = "e11c45fbf641"
branch_labels = None
depends_on = None

_replicator = sa.table(
    "replicator", sa.column("id"), sa.column("mapping", sa.JSON), sa.column("location_id"), sa.column("link"),
    sa.column("made", sa.JSON), sa.column("removed", sa.Boolean),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("replicator", sa.Column("made", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("replicator", sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    columns = (_replicator.c.id, _replicator.c.mapping, _replicator.c.location_id, _replicator.c.link)
    for id, mapping, location_id, link in connection.execute(sa.select(*columns)).all():
        made = {"mapping": mapping, "location_id": location_id, "link": link}
        connection.execute(sa.update(_replicator).where(_replicator.c.id == id).values(made=made))


def downgrade() -> None:
    runs = sa.table("replicator_run", sa.column("replicator"))
    removed = sa.select(_replicator.c.id).where(_replicator.c.removed)
    connection = op.get_bind()
    connection.execute(sa.delete(runs).where(runs.c.replicator.in_(removed)))
    connection.execute(sa.delete(_replicator).where(_replicator.c.removed))
    op.drop_column("replicator", "removed")
    op.drop_column("replicator", "made")
