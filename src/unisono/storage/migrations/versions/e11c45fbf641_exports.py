"""Exports, their runs, and what they made in other directories."""

import sqlalchemy as sa
from alembic import op

from unisono.storage.database import UtcDateTime

revision = "e11c45fbf641"
down_revision = "e4a81c0f3d27"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exporter",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("books", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("number_format", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("schedule", sa.String(length=200), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("lease", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exporter")),
        sa.UniqueConstraint("name", name=op.f("uq_exporter_name")),
    )
    op.create_table(
        "exporter_object",
        sa.Column("exporter", sa.String(length=32), nullable=False),
        sa.Column("contact", sa.String(length=32), nullable=False),
        sa.Column("guid", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["exporter"], ["exporter.id"], name=op.f("fk_exporter_object_exporter_exporter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exporter", "contact", name=op.f("pk_exporter_object")),
    )
    op.create_table(
        "exporter_run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("exporter", sa.String(length=32), nullable=False),
        sa.Column("dry", sa.Boolean(), nullable=False),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started", UtcDateTime(), nullable=False),
        sa.Column("ended", UtcDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exporter"], ["exporter.id"], name=op.f("fk_exporter_run_exporter_exporter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exporter_run")),
    )
    op.create_index(op.f("ix_exporter_run_exporter"), "exporter_run", ["exporter"])


def downgrade() -> None:
    op.drop_index(op.f("ix_exporter_run_exporter"), table_name="exporter_run")
    op.drop_table("exporter_run")
    op.drop_table("exporter_object")
    op.drop_table("exporter")
