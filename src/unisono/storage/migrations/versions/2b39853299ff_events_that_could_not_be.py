"""Events that could not be."""

import sqlalchemy as sa
from alembic import op

revision = "2b39853299ff"
down_revision = "169d8207ab3c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anomaly",
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("connector", "why", "event", name=op.f("pk_anomaly")),
    )


def downgrade() -> None:
    op.drop_table("anomaly")
