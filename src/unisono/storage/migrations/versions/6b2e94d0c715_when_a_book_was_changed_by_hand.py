"""When a contact of a book was last changed by hand."""

import sqlalchemy as sa
from alembic import op

revision = "6b2e94d0c715"
down_revision = "9c5e27d1b804"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("book", sa.Column("changed", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("book", "changed")
