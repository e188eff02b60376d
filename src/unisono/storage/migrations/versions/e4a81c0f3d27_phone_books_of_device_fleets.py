"""Phone books: fleets of devices and their keys."""

import sqlalchemy as sa
from alembic import op

from unisono.storage.database import UtcDateTime

revision = "e4a81c0f3d27"
down_revision = "c71d0e54b9a6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phonebook_fleet",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phonebook_fleet")),
    )
    op.create_table(
        "phonebook_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("fleet_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("last_used", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["phonebook_fleet.id"], name=op.f("fk_phonebook_key_fleet_id_phonebook_fleet"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phonebook_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_phonebook_key_digest")),
    )
    op.create_index(op.f("ix_phonebook_key_fleet_id"), "phonebook_key", ["fleet_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_phonebook_key_fleet_id"), table_name="phonebook_key")
    op.drop_table("phonebook_key")
    op.drop_table("phonebook_fleet")
