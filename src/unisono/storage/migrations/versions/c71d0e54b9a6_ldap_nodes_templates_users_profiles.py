"""LDAP nodes, templates, users and profiles."""

import sqlalchemy as sa
from alembic import op

revision = "c71d0e54b9a6"
down_revision = "c41f7a90d2b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ldap_item",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_ldap_item")),
    )
    op.create_table(
        "ldap_password",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_ldap_password")),
    )


def downgrade() -> None:
    op.drop_table("ldap_password")
    op.drop_table("ldap_item")
