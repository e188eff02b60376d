"""Routes of the exports: what is configured, look before you save, runs, the file. For admins."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.params import Parameter
from litestar.response import File
from msgspec import Meta

from unisono.directory.exporters.configure import shown
from unisono.directory.exporters.kinds import KINDS, kind
from unisono.directory.exporters.model import ExportColumn, Exporter, ExportOptions
from unisono.directory.exporters.values import BESIDES, FIELDS
from unisono.directory.known import check_known, without
from unisono.directory.runs.api import Runs, RunView, run_view
from unisono.directory.runs.model import Run, Trigger
from unisono.directory.service import Directory
from unisono.kernel.expected import ANYTHING, Expected, tag
from unisono.kernel.settings import schema
from unisono.kernel.told import takes_back
from unisono.numbers import NumberFormat
from unisono.numbers.service import Locations
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

Id = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=2_000)]
Form = Literal[
    "plain", "plain_short", "readable", "readable_short", "dialable", "din_5008", "din_5008_short", "plain_hyphen",
    "plain_hyphen_short", "unformatted",
]  # fmt: skip


class ExportKind(msgspec.Struct):
    """A kind of export; `settings` is a JSON Schema, `columns` are the usual ones (none: whatever a contact has).

    `makes_file`: false for one that fills another directory.
    """

    key: str
    title: str
    description: str
    makes_file: bool
    suffix: str
    columns: list[ExportColumn]
    settings: dict[str, object]


class ExportKinds(msgspec.Struct):
    """The kinds that can be configured, and the names that expressions of columns and conditions can use."""

    items: list[ExportKind]
    fields: list[str]
    next: str | None = None


class ExportView(msgspec.Struct):
    """A configured export: secrets among its settings are read as "". `due`: when it runs next by itself.

    `books` null: all; `gone`: those of them that were removed: choose others. `columns` none: the usual ones of its kind.
    `file`: below the operator's folder; "": only kept to be fetched. `size`: bytes of the file that can be fetched now, null if
    there is none. `etag`: of what can be saved; runs do not change it.
    """

    id: str
    name: str
    kind: str
    enabled: bool
    settings: dict[str, object]
    books: list[str] | None
    gone: list[str]
    columns: list[ExportColumn]
    conditions: list[str]
    number_format: Form
    location_id: str
    file: str
    schedule: str
    options: ExportOptions
    size: int | None
    last: RunView | None
    due: datetime | None
    etag: str


class ExportList(msgspec.Struct):
    """Every export with its last run; `folder`: whether the operator has allowed that files are written."""

    items: list[ExportView]
    folder: bool
    next: str | None = None


@takes_back(ExportView)
class ExportInput(msgspec.Struct, forbid_unknown_fields=True):
    """What an admin saves; an empty secret among the settings leaves the stored one.

    All else is not taken, only told.
    """

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    kind: Id
    settings: dict[str, object] = {}
    books: Annotated[list[Id], Meta(max_length=500)] | None = None
    columns: Annotated[list[ExportColumn], Meta(max_length=200)] = []
    conditions: Annotated[list[Text], Meta(max_length=50)] = []
    number_format: Form = "plain"
    location_id: Id = ""
    enabled: bool = True
    file: Annotated[str, Meta(max_length=500)] = ""
    schedule: Annotated[str, Meta(max_length=200)] = ""
    options: ExportOptions = ExportOptions()
    id: Id = ""
    """Only for a preview or a check: whose stored secrets are meant."""


class ExportPreview(msgspec.Struct):
    """The first contacts as they would leave: their columns, and the file as it would begin ("" where there is none).

    `total`: contacts in the books, before any condition.
    """

    columns: list[str]
    rows: list[dict[str, list[str]]]
    text: str
    total: int


class ExportCheck(msgspec.Struct):
    """A connection test that went well."""

    peer: str
    version: str
    records: int | None


class ExportRunInput(msgspec.Struct, forbid_unknown_fields=True):
    """Which kind of run: a dry one reports what is different from the last one, and changes nothing."""

    dry: bool = False


class ExportController(Controller):
    """Exports of contacts into files and other directories."""

    path = "/admin/exports"
    tags = ("administration",)

    @get(operation_id="listExports")
    async def list_exports(self, viewer: Viewer, guard: Guard, directory: Directory) -> ExportList:
        """Every export with the state it is in: last run, next run, size of its file."""
        guard.admin(viewer)
        return ExportList(await _shown(directory, await directory.exports.store.all()), directory.exports.writes_files)

    @get("/kinds", operation_id="listExportKinds")
    async def kinds(self, viewer: Viewer, guard: Guard) -> ExportKinds:
        """The kinds of export that can be configured, with their settings."""
        guard.admin(viewer)
        return ExportKinds(
            [
                ExportKind(
                    each.key, each.title, (each.settings.__doc__ or "").strip(), each.writer is not None, each.suffix,
                    list(each.usual), schema(each.settings),
                )
                for each in KINDS.values()
            ],
            [*FIELDS, *BESIDES],
        )  # fmt: skip

    @post(operation_id="createExport")
    async def create(
        self, data: ExportInput, viewer: Viewer, guard: Guard, directory: Directory, locations: Locations
    ) -> ExportView:
        """Configure an export; it does not run before it is asked or due."""
        guard.admin(viewer)
        return await _saved(directory, locations, "", data)

    @put("/{id:str}", operation_id="updateExport")
    async def update(
        self,
        id: str,
        data: ExportInput,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        locations: Locations,
        expected: Expected,
    ) -> ExportView:
        """Change an export."""
        guard.admin(viewer)
        return await _saved(directory, locations, id, data, expected)

    @delete("/{id:str}", operation_id="deleteExport", status_code=204)
    async def remove(self, id: str, viewer: Viewer, guard: Guard, directory: Directory, expected: Expected) -> None:
        """Forget an export. A file in the operator's folder stays, and so does what it made in another directory."""
        guard.admin(viewer)
        await directory.exports.remove(id, expected)

    # Looking before saving

    @post("/check", operation_id="checkExport", status_code=200)
    async def check(self, data: ExportInput, viewer: Viewer, guard: Guard, directory: Directory) -> ExportCheck:
        """Connection test of another directory, without saving."""
        guard.admin(viewer)
        found = await directory.exports.check(data.id, data.kind, data.settings)
        return ExportCheck(found.peer, found.version, found.records)

    @post("/preview", operation_id="previewExport", status_code=200)
    async def preview(
        self, data: ExportInput, viewer: Viewer, guard: Guard, directory: Directory, locations: Locations
    ) -> ExportPreview:
        """The first contacts as they would leave, without saving."""
        guard.admin(viewer)
        before = await directory.exports.store.get(data.id) if data.id else None
        (await _known(directory, locations, data))(before)
        found = await directory.exports.preview(_wanted(data.id, data))
        return ExportPreview(found.columns, found.rows, found.text, found.total)

    # Runs

    @post("/{id:str}/runs", operation_id="startExportRun", status_code=202)
    async def start(
        self, id: str, data: ExportRunInput, viewer: Viewer, guard: Guard, directory: Directory
    ) -> RunView:
        """Export now; a dry run reports what is different and changes nothing."""
        guard.admin(viewer)
        return run_view(await directory.exports.start(id, Trigger.MANUAL, dry=data.dry))

    @get("/{id:str}/runs", operation_id="listExportRuns")
    async def runs(
        self,
        id: str,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    ) -> Runs:
        """The last runs of an export."""
        guard.admin(viewer)
        await directory.exports.store.get(id)
        return Runs([run_view(run) for run in await directory.exports.last(id, limit)])

    @get("/{id:str}/file", operation_id="fetchExport")
    async def fetch(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> File:
        """The last good file of an export."""
        guard.admin(viewer)
        exporter, path = await directory.exports.file(id)
        found = kind(exporter.kind)
        return File(path, filename=f"{exporter.name}{found.suffix}", media_type=found.media_type)


CONTROLLERS = (ExportController,)


async def _saved(
    directory: Directory, locations: Locations, id: str, data: ExportInput, expected: Expected = ANYTHING
) -> ExportView:
    saved = await directory.exports.save(_wanted(id, data), expected, await _known(directory, locations, data))
    [view] = await _shown(directory, [saved])
    return view


async def _known(directory: Directory, locations: Locations, data: ExportInput) -> Callable[[Exporter | None], None]:
    """Raises `Invalid` for books or a location that are not there, and that the export which is stored does not name either."""
    books, places = await directory.book_ids(), locations.all()

    def check(before: Exporter | None) -> None:
        before = before or Exporter("", "", "")
        check_known("books", data.books or (), books, before.books or ())
        check_known("location_id", [data.location_id], places, [before.location_id])

    return check


def _wanted(id: str, data: ExportInput) -> Exporter:
    return Exporter(
        id, data.name, data.kind, data.enabled, data.settings, None if data.books is None else tuple(data.books),
        tuple(data.columns), tuple(data.conditions), NumberFormat[data.number_format.upper()], data.location_id,
        data.file.strip(), data.schedule.strip(), data.options,
    )  # fmt: skip


async def _shown(directory: Directory, exporters: Sequence[Exporter]) -> list[ExportView]:
    there, standing = await directory.book_ids(), await directory.exports.last_and_due(exporters)
    sizes = [await directory.exports.size(each) for each in exporters]
    return [_view(each, there, size, *standing[each.id]) for each, size in zip(exporters, sizes, strict=True)]


def _view(exporter: Exporter, there: frozenset[str], size: int | None, last: Run | None, due: datetime | None) -> ExportView:
    exporter = shown(exporter)
    return ExportView(
        id=exporter.id,
        name=exporter.name,
        kind=exporter.kind,
        enabled=exporter.enabled,
        settings=exporter.settings,
        books=None if exporter.books is None else list(exporter.books),
        gone=without(exporter.books or (), there),
        columns=list(exporter.columns),
        conditions=list(exporter.conditions),
        number_format=exporter.number_format.name.lower(),  # type: ignore[arg-type]
        location_id=exporter.location_id,
        file=exporter.file,
        schedule=exporter.schedule,
        options=exporter.options,
        size=size,
        last=run_view(last) if last is not None else None,
        due=due,
        etag=tag(exporter),
    )
