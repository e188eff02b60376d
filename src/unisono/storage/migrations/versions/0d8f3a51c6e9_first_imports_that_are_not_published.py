"""Whether a first import is not published yet, and its book has come with it, is no setting of its source."""

import sqlalchemy as sa
from alembic import op

revision = "0d8f3a51c6e9"
down_revision = "6b2e94d0c715"
branch_labels = None
depends_on = None

_KEY = "new_book"
_replicator = sa.table(
    "replicator", sa.column("id"), sa.column("settings", sa.JSON), sa.column("removed", sa.Boolean),
    sa.column("with_book", sa.Boolean),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("replicator", sa.Column("with_book", sa.Boolean()))
    connection = op.get_bind()
    removed = sa.select(_replicator.c.id, _replicator.c.settings).where(_replicator.c.removed)
    for id, settings in connection.execute(removed).all():
        if _KEY in settings:
            begun = sa.update(_replicator).where(_replicator.c.id == id)
            connection.execute(begun.values(with_book=settings[_KEY], settings={}))


def downgrade() -> None:
    connection = op.get_bind()
    begun = sa.select(_replicator.c.id, _replicator.c.with_book).where(_replicator.c.with_book.is_not(None))
    for id, with_book in connection.execute(begun).all():
        connection.execute(sa.update(_replicator).where(_replicator.c.id == id).values(settings={_KEY: with_book}))
    op.drop_column("replicator", "with_book")
