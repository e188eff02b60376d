"""Routes of the sources that fill books: what is configured, runs. For admins; and the webhook."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.params import HeaderParameter, Parameter
from msgspec import Meta

from unisono.directory.known import check_known
from unisono.directory.model import Book
from unisono.directory.replicators.configure import seen, shown
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.look_api import Id, Rules
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Options, Replicator
from unisono.directory.runs.api import Runs, RunView, run_view
from unisono.directory.runs.model import Mode, Run, Trigger
from unisono.directory.service import Directory
from unisono.directory.shown import BookView
from unisono.kernel.errors import Conflict
from unisono.kernel.expected import ANYTHING, Expected, tag
from unisono.kernel.settings import schema
from unisono.kernel.told import takes_back
from unisono.numbers.service import Locations
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

Name = Annotated[str, Meta(min_length=1, max_length=60)]
_KINDS = tuple(KINDS.values())
"""Loaded when a server starts, and not while somebody waits."""


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
    """A configured source: secrets among its settings are read as "". `due`: when it is read next by itself.

    `etag`: of what can be saved, the book's name too; runs do not change it, nor does the webhook.
    """

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
    etag: str


class Sources(msgspec.Struct):
    """Every source with its last run."""

    items: list[SourceView]
    next: str | None = None


@takes_back(BookView)
class BookRefInput(msgspec.Struct, forbid_unknown_fields=True):
    """A book as a source shows it; `name` "": as it is called."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(max_length=60)] = ""


@takes_back(SourceView)
class SourceInput(msgspec.Struct, forbid_unknown_fields=True):
    """What an admin saves; an empty secret among the settings leaves the stored one.

    `book`: the one it fills, by its name (one that is not there yet is made), or as a source shows it; "": as it is called.
    All else is not taken, only told.
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


class RunInput(msgspec.Struct, forbid_unknown_fields=True):
    """Which kind of run; none: only what changed, where the source can tell."""

    mode: Mode | None = None


class HookSecret(msgspec.Struct):
    """A secret that is shown once."""

    secret: str


class HookInput(msgspec.Struct, forbid_unknown_fields=True):
    """Which source to read."""

    source: Id


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
        sources = await replication.store.all()
        standing = await replication.last_and_due(sources)
        books = {book.id: BookView(book.id, book.name, book.contacts) for book in await directory.books()}
        # A source whose book has gone since goes with it.
        return Sources([_shown(each, books[each.book], *standing[each.id]) for each in sources if each.book in books])

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
                for kind in _KINDS
            ]
        )  # fmt: skip

    @post(operation_id="createSource")
    async def create(
        self, data: SourceInput, viewer: Viewer, guard: Guard, directory: Directory, locations: Locations
    ) -> SourceView:
        """Configure a source; it is not read before it is asked or due."""
        guard.admin(viewer)
        return await _saved(directory, locations, "", "", data)

    @put("/{id:str}", operation_id="updateSource")
    async def update(
        self,
        id: str,
        data: SourceInput,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        locations: Locations,
        expected: Expected,
    ) -> SourceView:
        """Change a source. If contacts come out otherwise now, they are made anew of what is stored."""
        guard.admin(viewer)
        before = await directory.replication.store.get(id)
        return await _saved(directory, locations, id, before.book, data, expected)

    @delete("/{id:str}", operation_id="deleteSource", status_code=204)
    async def remove(self, id: str, viewer: Viewer, guard: Guard, directory: Directory, expected: Expected) -> None:
        """Forget a source; its book stays as it is until it is removed too."""
        guard.admin(viewer)
        await directory.replication.remove(id, expected)

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
        return Runs([run_view(run) for run in await directory.replication.last(id, limit)])

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


async def _saved(
    directory: Directory, locations: Locations, id: str, fills: str, data: SourceInput, expected: Expected = ANYTHING
) -> SourceView:
    replication, places = directory.replication, locations.all()
    wanted = Replicator(
        id, data.name, fills, data.kind, data.enabled, data.settings, tuple(data.mapping), data.location_id, data.link,
        data.schedule, data.options,
    )  # fmt: skip

    def known(before: Replicator | None) -> None:
        check_known("location_id", [data.location_id], places, [before.location_id] if before else ())

    saved = await replication.save(wanted, await _book(directory, fills, data), expected, known)
    book = await directory.book(saved.book)
    size = BookView(book.id, book.name, directory.index.count(book.id))
    return _shown(saved, size, *(await replication.last_and_due([saved]))[saved.id])


async def _book(directory: Directory, fills: str, data: SourceInput) -> Book:
    """The book that a source fills: the one it was made for, which can get another name, but is not exchanged.

    Without a name if none was given: it stays as it is called.
    """
    named, id = (data.book.name, data.book.id) if isinstance(data.book, BookRefInput) else (data.book, fills)
    if id:
        found = await directory.book(id)
        if id != (fills or id):
            message = f"This source fills its book and no other one; to fill {found.name}, make another source."
            raise Conflict("book-stays", message, data={"field": "book", "book": found.name})
        return replace(found, name=(await directory.book_called(named)).name if named else "")
    return await directory.book_called(named or data.name)


def _shown(replicator: Replicator, book: BookView, last: Run | None, due: datetime | None) -> SourceView:
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
        last=run_view(last) if last is not None else None,
        due=due,
        etag=tag(seen(replicator, book.name)),
    )
