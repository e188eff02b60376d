"""A number for each kind of the directory's settings, by which servers notice each other's changes."""

import sqlalchemy as sa
from alembic import op

revision = "d40a6b1f7c35"
down_revision = "b86e2f4da913"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory_version",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_directory_version")),
    )


def downgrade() -> None:
    op.drop_table("directory_version")
