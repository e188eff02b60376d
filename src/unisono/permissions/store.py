"""Table of the permissions room: one row for each grant."""

from sqlalchemy import Column, Integer, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.permissions.grants import Change, Grants, GroupLevels
from unisono.permissions.model import Level
from unisono.storage import Database, metadata

# place: "everyone" | "group" | "leader" | "personal". owner: group or user id, "" for the default. viewer: user id or "".
grant_table = Table(
    "level_grant",
    metadata,
    Column("place", String(16), primary_key=True),
    Column("owner", String(32), primary_key=True),
    Column("viewer", String(32), primary_key=True),
    Column("level", Integer, nullable=False),
)

Row = tuple[str, str, str, Level | None]
"""Place, owner, viewer, level."""


async def load(database: Database) -> Grants:
    """Every grant; what was never set keeps its default."""
    async with database.read() as connection:
        rows = list(await connection.execute(select(grant_table)))
    at = {(row.place, row.owner): Level(row.level) for row in rows if row.place != "personal"}
    start = Grants()
    default = GroupLevels(
        at.get(("group", ""), start.group_default.members), at.get(("leader", ""), start.group_default.leaders)
    )
    groups = {
        id: GroupLevels(at.get(("group", id), default.members), at.get(("leader", id), default.leaders))
        for place, id in at
        if id and place in ("group", "leader")
    }
    personal = {(row.owner, row.viewer): Level(row.level) for row in rows if row.place == "personal"}
    return Grants(at.get(("everyone", ""), start.everyone), default, groups, personal)


async def put(connection: AsyncConnection, *rows: Row) -> None:
    """Set these grants, or take them back where the level is None."""
    for place, owner, viewer, level in rows:
        key = (grant_table.c.place == place, grant_table.c.owner == owner, grant_table.c.viewer == viewer)
        await connection.execute(delete(grant_table).where(*key))
        if level is not None:
            values = {"place": place, "owner": owner, "viewer": viewer, "level": int(level)}
            await connection.execute(insert(grant_table).values(values))


async def put_change(connection: AsyncConnection, change: Change) -> None:
    """Write a change of what everybody and groups grant."""
    everyone: list[Row] = [] if change.everyone is None else [("everyone", "", "", change.everyone)]
    groups = {**change.groups, **({} if change.group_default is None else {"": change.group_default})}
    members: list[Row] = [("group", id, "", levels.members if levels else None) for id, levels in groups.items()]
    leaders: list[Row] = [("leader", id, "", levels.leaders if levels else None) for id, levels in groups.items()]
    await put(connection, *everyone, *members, *leaders)


async def forget(connection: AsyncConnection, id: str) -> None:
    """Remove every grant of and to a person or group that is gone."""
    await connection.execute(delete(grant_table).where((grant_table.c.owner == id) | (grant_table.c.viewer == id)))
