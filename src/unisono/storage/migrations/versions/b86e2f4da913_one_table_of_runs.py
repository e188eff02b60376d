"""Runs of sources and of exports stand in one table, which says of which there is one going on."""

import sqlalchemy as sa
from alembic import op

from unisono.storage.database import UtcDateTime

revision = "b86e2f4da913"
down_revision = "a7d1c3e5f902"
branch_labels = None
depends_on = None

_OLD = {"source": ("replicator_run", "replicator"), "export": ("exporter_run", "exporter")}
_LOST = {"source": "run-lost", "export": "export-lost"}
_SAME = ("trigger", "started", "counts", "message", "data", "report")
_OWN = ("mode", "layer", "size")


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started", UtcDateTime(), nullable=False),
        sa.Column("lease", UtcDateTime(), nullable=True),
        sa.Column("ended", UtcDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("layer", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_owner"), "run", ["owner"])
    alone = sa.text("state = 'running'")
    op.create_index("ix_run_alone", "run", ["owner"], unique=True, sqlite_where=alone, postgresql_where=alone)
    for what, (table, owner) in _OLD.items():
        _move(op.get_bind(), what, table, owner)
        op.drop_index(op.f(f"ix_{table}_{owner}"), table_name=table)
        op.drop_table(table)
        op.drop_column(owner, "lease")
        op.drop_column(owner, "run")


def _move(connection: sa.Connection, what: str, table: str, owner: str) -> None:
    """Runs that went on are over: whatever did them was another version."""
    columns = ("id", owner, "state", "ended", "code", *_SAME, *(("mode", "layer") if what == "source" else ("dry", "size")))
    old = sa.table(table, *(sa.column(name) for name in columns))
    going = old.c.state == "running"
    values = {
        "id": old.c.id,
        "owner": old.c[owner],
        "what": sa.literal(what),
        "mode": old.c.mode if what == "source" else sa.case((old.c.dry, "dry"), else_="full"),
        "state": sa.case((going, "failed"), else_=old.c.state),
        "ended": sa.case((going, old.c.started), else_=old.c.ended),
        "code": sa.case((going, _LOST[what]), else_=old.c.code),
        "layer": old.c.layer if what == "source" else sa.literal(""),
        "size": old.c.size if what == "export" else sa.literal(0),
        **{name: old.c[name] for name in _SAME},
    }
    new = sa.table("run", *(sa.column(name) for name in values))
    connection.execute(sa.insert(new).from_select(list(values), sa.select(*values.values())))


def downgrade() -> None:
    """Runs of what is no more are left out: the tables that they had know their owner."""
    for what, (table, owner) in _OLD.items():
        own = (
            [sa.Column("mode", sa.String(length=16), nullable=False), sa.Column("layer", sa.String(length=32), nullable=False)]
            if what == "source"
            else [sa.Column("dry", sa.Boolean(), nullable=False), sa.Column("size", sa.BigInteger(), nullable=False)]
        )
        op.create_table(
            table,
            sa.Column("id", sa.String(length=32), nullable=False),
            sa.Column(owner, sa.String(length=32), nullable=False),
            sa.Column("trigger", sa.String(length=16), nullable=False),
            sa.Column("state", sa.String(length=16), nullable=False),
            sa.Column("started", UtcDateTime(), nullable=False),
            sa.Column("ended", UtcDateTime(), nullable=True),
            sa.Column("counts", sa.JSON(), nullable=False),
            sa.Column("code", sa.String(length=64), nullable=False),
            sa.Column("message", sa.Text(), nullable=False),
            sa.Column("data", sa.JSON(), nullable=False),
            sa.Column("report", sa.LargeBinary(), nullable=False),
            *own,
            sa.ForeignKeyConstraint([owner], [f"{owner}.id"], name=op.f(f"fk_{table}_{owner}_{owner}"), ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_{owner}"), table, [owner])
        op.add_column(owner, sa.Column("run", sa.String(length=32), nullable=False, server_default=""))
        op.add_column(owner, sa.Column("lease", UtcDateTime(), nullable=True))
        _move_back(op.get_bind(), what, table, owner)
    op.drop_index("ix_run_alone", table_name="run")
    op.drop_index(op.f("ix_run_owner"), table_name="run")
    op.drop_table("run")


def _move_back(connection: sa.Connection, what: str, table: str, owner: str) -> None:
    """Runs that went on are over here too."""
    new = sa.table("run", *(sa.column(name) for name in ("id", "what", "owner", "ended", "code", "state", *_SAME, *_OWN)))
    going, owners = new.c.state == "running", sa.table(owner, sa.column("id"))
    values = {
        "id": new.c.id,
        owner: new.c.owner,
        "state": sa.case((going, "failed"), else_=new.c.state),
        "ended": sa.case((going, new.c.started), else_=new.c.ended),
        "code": sa.case((going, _LOST[what]), else_=new.c.code),
        **{name: new.c[name] for name in _SAME},
        **(
            {"mode": new.c.mode, "layer": new.c.layer}
            if what == "source"
            else {"dry": sa.case((new.c.mode == "dry", sa.true()), else_=sa.false()), "size": new.c.size}
        ),
    }
    mine = (new.c.what == what) & new.c.owner.in_(sa.select(owners.c.id))
    old = sa.table(table, *(sa.column(name) for name in values))
    connection.execute(sa.insert(old).from_select(list(values), sa.select(*values.values()).where(mine)))
