"""What was changed last, of each kind of things that servers keep in memory; in the place of numbers of settings alone."""

import sqlalchemy as sa
from alembic import op

revision = "9c5e27d1b804"
down_revision = "5f1c0b8e7a24"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shared_change",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_shared_change")),
    )
    op.create_index("ix_shared_change_kind_number", "shared_change", ["kind", "number"])
    op.drop_table("directory_version")


def downgrade() -> None:
    op.create_table(
        "directory_version",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_directory_version")),
    )
    op.drop_table("shared_change")
