"""Routes of the sources that fill books: what is configured, look before you save, runs. For admins; and the webhook."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Controller, MediaType, Request, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, HeaderParameter, Parameter
from msgspec import Meta

from unisono.directory.known import check_known
from unisono.directory.model import Book
from unisono.directory.replicators.configure import shown
from unisono.directory.replicators.kinds import KINDS, kind_of_file
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Options, Replicator
from unisono.directory.replicators.orders import Looked, Seen
from unisono.directory.runs.api import Runs, RunView, run_view
from unisono.directory.runs.model import Mode, Run, Trigger
from unisono.directory.service import Directory
from unisono.directory.shown import BookView, ContactView, Problem, contact_view, problem
from unisono.directory.uploads import MAX_FILE
from unisono.kernel.errors import Conflict
from unisono.kernel.settings import schema
from unisono.numbers.service import Locations
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

PREVIEW_ROWS = 50
_TIMES = 3
_OVERHEAD = 1024 * 1024
"""Bytes of an upload that are not the file."""

Id = Annotated[str, Meta(max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Rules = Annotated[list[Rule], Meta(max_length=500)]


class SourceKind(msgspec.Struct):
    """A kind of source; `settings` is a JSON Schema, `suffixes` how its files are called."""

    key: str
    title: str
    description: str
    incremental: bool
    suffixes: list[str]
    settings: dict[str, object]


class SourceKinds(msgspec.Struct):
    """The kinds that can be configured."""

    items: list[SourceKind]
    next: str | None = None


class SourceView(msgspec.Struct):
    """A configured source: secrets among its settings are read as "". `due`: when it is read next by itself."""

    id: str
    name: str
    book: BookView
    kind: str
    enabled: bool
    settings: dict[str, object]
    mapping: list[Rule]
    location_id: str
    link: str
    schedule: str
    options: Options
    webhook: bool
    last: RunView | None
    due: datetime | None


class Sources(msgspec.Struct):
    """Every source with its last run."""

    items: list[SourceView]
    next: str | None = None


class BookRefInput(msgspec.Struct, forbid_unknown_fields=True):
    """A book as a source shows it. `contacts` is not taken, only told; `name` "": as it is called."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(max_length=60)] = ""
    contacts: int = 0


class SourceInput(msgspec.Struct, forbid_unknown_fields=True):
    """What an admin saves; an empty secret among the settings leaves the stored one.

    `book`: the one it fills, by its name (one that is not there yet is made), or as a source shows it.
    """

    name: Name
    kind: Id
    settings: dict[str, object]
    mapping: Rules
    book: Annotated[str, Meta(max_length=60)] | BookRefInput = ""
    enabled: bool = True
    location_id: Id = ""
    link: Annotated[str, Meta(max_length=2_000)] = ""
    schedule: Annotated[str, Meta(max_length=200)] = ""
    options: Options = Options()


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


class RunInput(msgspec.Struct, forbid_unknown_fields=True):
    """Which kind of run; none: only what changed, where the source can tell."""

    mode: Mode | None = None


class FileForm(msgspec.Struct):
    """The file to keep."""

    file: UploadFile


class FileView(msgspec.Struct):
    """A file that is kept: what to write into the setting `file`, and the kind of source that reads it."""

    file: str
    kind: str


class HookSecret(msgspec.Struct):
    """A secret that is shown once."""

    secret: str


class HookInput(msgspec.Struct, forbid_unknown_fields=True):
    """Which source to read."""

    source: Id


_Multipart = Body(media_type=RequestEncodingType.MULTI_PART)
HOOK_HEADER = "X-Unisono-Secret"


class SourceController(Controller):
    """Sources that fill books."""

    path = "/admin/sources"
    tags = ("administration",)

    @get(operation_id="listSources")
    async def list_sources(self, viewer: Viewer, guard: Guard, directory: Directory) -> Sources:
        """Every source with the state it is in: last run, next run, size of its book."""
        guard.admin(viewer)
        replication = directory.replication
        books = {book.id: BookView(book.id, book.name, book.contacts) for book in await directory.books()}
        last = await replication.runs.last_runs()
        return Sources([_shown(directory, each, books[each.book], last.get(each.id)) for each in await replication.store.all()])

    @get("/kinds", operation_id="listSourceKinds")
    async def kinds(self, viewer: Viewer, guard: Guard) -> SourceKinds:
        """The kinds of source that can be configured, with their settings."""
        guard.admin(viewer)
        return SourceKinds(
            [
                SourceKind(
                    kind.key, kind.title, (kind.settings.__doc__ or "").strip(), kind.incremental, list(kind.suffixes),
                    schema(kind.settings),
                )
                for kind in KINDS.values()
            ]
        )  # fmt: skip

    @post(operation_id="createSource")
    async def create(
        self, data: SourceInput, viewer: Viewer, guard: Guard, directory: Directory, locations: Locations
    ) -> SourceView:
        """Configure a source; it is not read before it is asked or due."""
        guard.admin(viewer)
        return await _saved(directory, locations, Replicator("", "", "", ""), data)

    @put("/{id:str}", operation_id="updateSource")
    async def update(
        self, id: str, data: SourceInput, viewer: Viewer, guard: Guard, directory: Directory, locations: Locations
    ) -> SourceView:
        """Change a source. If contacts come out otherwise now, they are made anew of what is stored."""
        guard.admin(viewer)
        return await _saved(directory, locations, await directory.replication.store.get(id), data)

    @delete("/{id:str}", operation_id="deleteSource", status_code=204)
    async def remove(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> None:
        """Forget a source; its book stays as it is until it is removed too."""
        guard.admin(viewer)
        await directory.replication.remove(id)

    # Looking before saving

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
        path = await directory.uploads.keep(data.file.read, data.file.filename)
        return FileView(str(path), found.key)

    # Runs

    @post("/{id:str}/runs", operation_id="startSourceRun", status_code=202)
    async def start(self, id: str, data: RunInput, viewer: Viewer, guard: Guard, directory: Directory) -> RunView:
        """Read a source now; a dry run reports what would change and changes nothing."""
        guard.admin(viewer)
        return run_view(await directory.replication.start(id, data.mode, Trigger.MANUAL))

    @get("/{id:str}/runs", operation_id="listSourceRuns")
    async def runs(
        self,
        id: str,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    ) -> Runs:
        """The last runs of a source."""
        guard.admin(viewer)
        await directory.replication.store.get(id)
        return Runs([run_view(run) for run in await directory.replication.runs.runs(id, limit)])

    # Webhook

    @post("/{id:str}/hook", operation_id="renewSourceHook", status_code=201)
    async def renew_hook(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> HookSecret:
        """A new secret for the webhook of this source; it is shown this once, and the old one holds no more."""
        guard.admin(viewer)
        return HookSecret(await directory.replication.renew_secret(id))

    @delete("/{id:str}/hook", operation_id="deleteSourceHook", status_code=204)
    async def remove_hook(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> None:
        """Nobody may start this source by webhook any more."""
        guard.admin(viewer)
        await directory.replication.forget_secret(id)


class HookController(Controller):
    """What other programs call; each call brings the secret of the source it is about."""

    path = "/hooks"
    tags = ("hooks",)

    @post("/sources", operation_id="sourceHook", status_code=202)
    async def source(
        self,
        data: HookInput,
        request: Request[Any, Any, Any],
        directory: Directory,
        secret: Annotated[str, HeaderParameter(name=HOOK_HEADER, max_length=200)],
    ) -> RunView:
        """Read a source, because something in it has changed."""
        address = request.client.host if request.client else ""
        return run_view(await directory.replication.hooked(data.source, secret, address))


CONTROLLERS = (SourceController, HookController)


async def _saved(directory: Directory, locations: Locations, before: Replicator, data: SourceInput) -> SourceView:
    replication = directory.replication
    check_known("location_id", [data.location_id], locations.all(), [before.location_id])
    wanted = Replicator(
        before.id, data.name, before.book, data.kind, data.enabled, data.settings, tuple(data.mapping), data.location_id,
        data.link, data.schedule, data.options, before.secret,
    )  # fmt: skip
    book = await _book(directory, before, data)
    saved = await replication.save(wanted, book)
    size = BookView(book.id, book.name, directory.index.count(book.id))
    return _shown(directory, saved, size, (await replication.runs.last_runs()).get(saved.id))


async def _book(directory: Directory, before: Replicator, data: SourceInput) -> Book:
    """The book that a source fills: the one it was made for, which can get another name, but is not exchanged."""
    named, id = (data.book.name, data.book.id) if isinstance(data.book, BookRefInput) else (data.book, before.book)
    if id:
        found = await directory.book(id)
        if id != (before.book or id):
            message = f"This source fills its book and no other one; to fill {found.name}, make another source."
            raise Conflict("book-stays", message, data={"field": "book", "book": found.name})
        return replace(found, name=(await directory.book_called(named)).name if named else found.name)
    return await directory.book_called(named or data.name)


async def _look(directory: Directory, locations: Locations, data: LookInput, rows: int) -> Looked:
    before = await directory.replication.store.get(data.id) if data.id else Replicator("", "", "", "")
    check_known("location_id", [data.location_id], locations.all(), [before.location_id])
    return await directory.replication.look(data.id, data.kind, data.settings, tuple(data.mapping), data.location_id, rows)


def _shown(directory: Directory, replicator: Replicator, book: BookView, last: Run | None) -> SourceView:
    return SourceView(
        id=replicator.id,
        name=replicator.name,
        book=book,
        kind=replicator.kind,
        enabled=replicator.enabled,
        settings=shown(replicator),
        mapping=list(replicator.mapping),
        location_id=replicator.location_id,
        link=replicator.link,
        schedule=replicator.schedule,
        options=replicator.options,
        webhook=bool(replicator.secret),
        last=run_view(directory.replication.as_it_stands(last)) if last is not None else None,
        due=directory.replication.due(replicator, last),
    )


def _check(found: Looked) -> CheckView:
    check = found.check
    return CheckView(check.peer, check.version, check.records, [problem(note) for note in check.notes])


def _row(seen: Seen) -> RowView:
    contact = contact_view(seen.contact) if seen.contact is not None else None
    return RowView(seen.values, contact, problem(seen.bad) if seen.bad is not None else None)
