"""Routes that look at a source before it is saved: whether it answers, what it holds, what its records become. For admins."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from litestar import Controller, MediaType, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from msgspec import Meta

from unisono.directory.known import check_known
from unisono.directory.replicators.kinds import kind_of_file
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Replicator
from unisono.directory.replicators.orders import Looked, Seen
from unisono.directory.service import Directory
from unisono.directory.shown import ContactView, Problem, contact_view, problem
from unisono.directory.uploads import MAX_FILE
from unisono.numbers.service import Locations
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

PREVIEW_ROWS = 50
_TIMES = 3
_OVERHEAD = 1024 * 1024
"""Bytes of an upload that are not the file."""

Id = Annotated[str, Meta(max_length=64)]
Rules = Annotated[list[Rule], Meta(max_length=500)]
_Multipart = Body(media_type=RequestEncodingType.MULTI_PART)


class LookInput(msgspec.Struct, forbid_unknown_fields=True):
    """Settings to try; with `id` empty secrets are taken from that source. No mapping: the suggested one."""

    kind: Id
    settings: dict[str, object]
    mapping: Rules = []
    location_id: Id = ""
    id: Id = ""


class CheckView(msgspec.Struct):
    """A connection test that went well."""

    peer: str
    version: str
    records: int | None
    notes: list[Problem]


class ColumnView(msgspec.Struct):
    """A column of the source with some of its values."""

    name: str
    samples: list[str]


class RowView(msgspec.Struct):
    """One of the first records: its columns as they are, and the contact it becomes, or why none."""

    values: dict[str, str]
    contact: ContactView | None
    problem: Problem | None


class LookView(msgspec.Struct):
    """What a source holds: `mapping` is the one that was used for the rows, `suggested` what its columns seem to mean."""

    check: CheckView
    columns: list[ColumnView]
    mapping: list[Rule]
    suggested: list[Rule]
    rows: list[RowView]


class MapInput(msgspec.Struct, forbid_unknown_fields=True):
    """Records as a preview has shown them, and the mapping to try on them."""

    records: Annotated[list[dict[str, str]], Meta(max_length=PREVIEW_ROWS)]
    mapping: Rules
    location_id: Id = ""


class MapView(msgspec.Struct):
    """What the records become, in their order; `texts`: of each record what every rule gives."""

    rows: list[RowView]
    texts: list[list[str]]


class Times(msgspec.Struct):
    """When a schedule is due next."""

    items: list[datetime]
    next: str | None = None


class FileForm(msgspec.Struct):
    """The file to keep."""

    file: UploadFile


class FileView(msgspec.Struct):
    """A file that is kept: what to write into the setting `file`, and the kind of source that reads it."""

    file: str
    kind: str


class LookController(Controller):
    """Looking before saving."""

    path = "/admin/sources"
    tags = ("administration",)

    @post("/check", operation_id="checkSource", status_code=200)
    async def check(
        self, data: LookInput, viewer: Viewer, guard: Guard, directory: Directory, locations: Locations
    ) -> CheckView:
        """Connection test, without saving."""
        guard.admin(viewer)
        return _check(await _look(directory, locations, data, rows=0))

    @post("/preview", operation_id="previewSource", status_code=200)
    async def preview(
        self, data: LookInput, viewer: Viewer, guard: Guard, directory: Directory, locations: Locations
    ) -> LookView:
        """Columns, a mapping they suggest, and the first 50 records with the contacts they become, without saving."""
        guard.admin(viewer)
        found = await _look(directory, locations, data, rows=PREVIEW_ROWS)
        columns = [ColumnView(column.name, list(column.samples)) for column in found.columns]
        rows = [_row(seen) for seen in found.rows]
        return LookView(_check(found), columns, list(found.mapping), list(found.suggested), rows)

    @post("/map", operation_id="mapRecords", status_code=200)
    async def map(
        self, data: MapInput, viewer: Viewer, guard: Guard, directory: Directory, locations: Locations
    ) -> MapView:
        """What records of a preview become through another mapping; the source is not asked again."""
        guard.admin(viewer)
        check_known("location_id", [data.location_id], locations.all())
        found = await directory.replication.mapped(tuple(data.records), tuple(data.mapping), data.location_id)
        return MapView([_row(seen) for seen in found.rows], [list(texts) for texts in found.texts])

    @get("/schedule", operation_id="previewSchedule")
    async def schedule(
        self,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        locations: Locations,
        schedule: Annotated[str, Parameter(max_length=200)] = "",
        location_id: Annotated[str, Parameter(max_length=64)] = "",
    ) -> Times:
        """When a source with this schedule would be read next, three times."""
        guard.admin(viewer)
        check_known("location_id", [location_id], locations.all())
        return Times(directory.replication.times(schedule, location_id, _TIMES))

    @post(
        "/files",
        operation_id="uploadSourceFile",
        status_code=201,
        request_max_body_size=MAX_FILE + _OVERHEAD,
        media_type=MediaType.JSON,
    )
    async def upload(
        self, data: Annotated[FileForm, _Multipart], viewer: Viewer, guard: Guard, directory: Directory
    ) -> FileView:
        """Keep a file for a source that reads one."""
        guard.admin(viewer)
        found = kind_of_file(Path(data.file.filename))
        await directory.tidy_uploads()  # a server may run for years
        path = await directory.uploads.keep(data.file.read, data.file.filename)
        return FileView(str(path), found.key)


CONTROLLERS = (LookController,)


async def _look(directory: Directory, locations: Locations, data: LookInput, rows: int) -> Looked:
    before = await directory.replication.store.get(data.id) if data.id else Replicator("", "", "", "")
    check_known("location_id", [data.location_id], locations.all(), [before.location_id])
    return await directory.replication.look(data.id, data.kind, data.settings, tuple(data.mapping), data.location_id, rows)


def _check(found: Looked) -> CheckView:
    check = found.check
    return CheckView(check.peer, check.version, check.records, [problem(note) for note in check.notes])


def _row(seen: Seen) -> RowView:
    contact = contact_view(seen.contact) if seen.contact is not None else None
    return RowView(seen.values, contact, problem(seen.bad) if seen.bad is not None else None)
