"""What is configured, and what was made elsewhere, in the database."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.directory.exporters.model import ExportColumn, Exporter, ExportOptions
from unisono.directory.exporters.tables import exporter_table, object_table
from unisono.directory.runs.model import What
from unisono.directory.runs.store import check_idle, forget
from unisono.directory.store import called
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, NotFound
from unisono.kernel.ids import new_id
from unisono.numbers import NumberFormat
from unisono.storage import Database

_OWN = [column for column in exporter_table.c if column.name != "name_key"]


class Exporters:
    """Reads and writes what is configured."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[Exporter]:
        """Every export, by name."""
        async with self._database.read() as connection:
            return await _all(connection)

    async def get(self, id: str) -> Exporter:
        """One export. Raises `NotFound`."""
        async with self._database.read() as connection:
            return await _read(connection, id)

    async def save(self, id: str, made: Callable[[Exporter | None, Sequence[Exporter]], Exporter]) -> Exporter:
        """Write what is made of the one that is stored (None: a new one is, for an empty id), beside all others.

        Nobody changes any of them meanwhile, on no server. Raises `NotFound`, what `made` raises, and `Conflict` for a name
        that another export has.
        """
        try:
            async with self._database.write() as connection:
                await self._database.hold(connection, exporter_table)
                before = await _read(connection, id) if id else None
                others = [other for other in await _all(connection) if other.id != id]
                saved = replace(made(before, others), id=id or new_id())
                if id:
                    await connection.execute(update(exporter_table).where(exporter_table.c.id == id).values(_values(saved)))
                else:
                    await connection.execute(insert(exporter_table).values(id=saved.id, **_values(saved)))
        except IntegrityError as error:
            raise name_taken(saved.name) from error
        return saved

    async def remove(self, id: str, check: Callable[[Exporter], None]) -> None:
        """Forget an export, its runs and what it made. Raises `NotFound`, what `check` raises, `Conflict` while it runs."""
        async with self._database.write() as connection:
            check(await _read(connection, id, to_write=True))
            await check_idle(connection, What.EXPORT, id, self._clock.now())
            await forget(connection, id)
            await connection.execute(delete(object_table).where(object_table.c.exporter == id))
            await connection.execute(delete(exporter_table).where(exporter_table.c.id == id))

    # What was made in another directory

    async def objects(self, id: str) -> dict[str, str]:
        """The GUIDs of what an export has made, by contact; "": it was about to make it."""
        query = select(object_table.c.contact, object_table.c.guid).where(object_table.c.exporter == id)
        async with self._database.read() as connection:
            return {row.contact: row.guid for row in await connection.execute(query)}

    async def note(self, id: str, made: Mapping[str, str], gone: Collection[str] = ()) -> None:
        """Write down what was made, or is about to be ("" as its GUID), and what is no more."""
        here = object_table.c.exporter == id
        async with self._database.write() as connection:
            await connection.execute(delete(object_table).where(here, object_table.c.contact.in_([*made, *gone])))
            if made:
                rows = [{"exporter": id, "contact": contact, "guid": guid} for contact, guid in made.items()]
                await connection.execute(insert(object_table), rows)


async def _all(connection: AsyncConnection) -> list[Exporter]:
    rows = await connection.execute(select(*_OWN).order_by(func.lower(exporter_table.c.name)))
    return [_exporter(row._mapping) for row in rows]


async def _read(connection: AsyncConnection, id: str, *, to_write: bool = False) -> Exporter:
    """One export; `to_write`: nobody else writes it until this transaction ends. Raises `NotFound`."""
    query = select(*_OWN).where(exporter_table.c.id == id)
    row = (await connection.execute(query.with_for_update() if to_write else query)).one_or_none()
    if row is None:
        raise NotFound("unknown-export", f"There is no export {id!r}.", data={"id": id})
    return _exporter(row._mapping)


def name_taken(name: str) -> Conflict:
    """Another export is called so, however it is written."""
    return Conflict("export-name-taken", f"There is an export {name!r} already. Choose another name.", data={"field": "name"})


def _values(exporter: Exporter) -> dict[str, Any]:
    return {
        **called(exporter.name),
        "kind": exporter.kind,
        "enabled": exporter.enabled,
        "settings": exporter.settings,
        "books": None if exporter.books is None else list(exporter.books),
        "columns": msgspec.to_builtins(exporter.columns),
        "conditions": list(exporter.conditions),
        "number_format": exporter.number_format.value,
        "location_id": exporter.location_id,
        "file": exporter.file,
        "schedule": exporter.schedule,
        "options": msgspec.to_builtins(exporter.options),
    }


def _exporter(row: RowMapping) -> Exporter:
    values: dict[str, Any] = dict(row)
    values["books"] = None if values["books"] is None else tuple(values["books"])
    values["columns"] = msgspec.convert(values["columns"], tuple[ExportColumn, ...])
    values["conditions"] = tuple(values["conditions"])
    values["number_format"] = NumberFormat(values["number_format"])
    values["options"] = msgspec.convert(values["options"], ExportOptions)
    return Exporter(**values)
