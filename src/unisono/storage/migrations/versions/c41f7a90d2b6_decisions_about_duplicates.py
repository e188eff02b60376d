"""Decisions about duplicates: pairs split or joined by hand, and rules that are off."""

import sqlalchemy as sa
from alembic import op

from unisono.storage.database import UtcDateTime

revision = "c41f7a90d2b6"
down_revision = "b35f33602a51"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("first", sa.String(length=32), nullable=False),
        sa.Column("second", sa.String(length=32), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_duplicate_pair")),
    )
    op.create_table(
        "duplicate_rule_off",
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_duplicate_rule_off")),
    )


def downgrade() -> None:
    op.drop_table("duplicate_rule_off")
    op.drop_table("duplicate_pair")
