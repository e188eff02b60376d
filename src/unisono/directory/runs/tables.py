"""The table of runs."""

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, String, Table, Text

from unisono.storage import UtcDateTime, metadata, only

run_table = Table(
    "run",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("what", String(16), nullable=False),
    Column("owner", String(32), nullable=False, index=True),
    Column("mode", String(16), nullable=False),
    Column("trigger", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("lease", UtcDateTime),
    Column("ended", UtcDateTime),
    Column("counts", JSON, nullable=False),
    Column("code", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("layer", String(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("report", LargeBinary, nullable=False),
)
"""`lease`: until then a run that goes on is believed to live."""
_goes_on = run_table.c.state == "running"
Index("ix_run_alone", run_table.c.owner, unique=True, **only(_goes_on))
"""Of one source or export there is one run at a time, on whatever node."""
