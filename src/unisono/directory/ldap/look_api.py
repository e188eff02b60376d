"""Routes of the admin pages "Phone directories" that only look: state of the door, what somebody sees, a query tried out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, get, post
from msgspec import Meta

from unisono.directory.index import Index
from unisono.directory.ldap.api import Text, Texts
from unisono.directory.ldap.branch import books_of
from unisono.directory.ldap.model import ANONYMOUS, Identity, Kind
from unisono.directory.ldap.plan import Way
from unisono.directory.ldap.profiles import Why, sight_of
from unisono.directory.ldap.service import LdapService, OpenDoor
from unisono.directory.ldap.tree import Tree
from unisono.directory.ldap.trial import try_out
from unisono.directory.service import Directory
from unisono.kernel.errors import NotFound
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer


class LdapCertificate(msgspec.Struct):
    """What the door shows over TLS."""

    names: list[str]
    until: datetime
    self_signed: bool


class LdapWorker(msgspec.Struct):
    """A process that has begun to answer; not `answers`: it says nothing now, and the others answer for it."""

    number: int
    pid: int
    answers: bool
    connections: int
    searches: int
    contacts: int


class LdapRefusal(msgspec.Struct):
    """A bind that was refused; `code` empty: the name or the password was wrong."""

    at: datetime
    name: str
    address: str
    code: str


class LdapState(msgspec.Struct):
    """How the door is. Counts are since the server started; a port of 0 is switched off.

    `running`: it is open; its workers may begin only now, or hang (see their `answers`). `local_only`: no other machine can
    reach it. `unprotected`: binds refused because the password came without TLS.
    """

    running: bool
    host: str
    port: int
    tls_port: int
    addresses: list[str]
    local_only: bool
    certificate: LdapCertificate | None
    workers: list[LdapWorker]
    restarts: int
    connections: int
    accepted: int
    turned_away: int
    cut: int
    searches: int
    searches_per_minute: int
    binds: int
    refused_binds: int
    unprotected: int
    refusals: list[LdapRefusal]
    plain_passwords: str
    active_directory: str


class LdapSeenBook(msgspec.Struct):
    """A book, and its size."""

    id: str
    contacts: int


class LdapSeenNode(msgspec.Struct):
    """What is seen through one node."""

    id: str
    suffix: str
    books: list[str]
    contacts: int


class LdapSight(msgspec.Struct):
    """What somebody sees, why, and by which profiles (ids)."""

    why: Why
    profiles: list[str]
    books: list[LdapSeenBook]
    nodes: list[LdapSeenNode]
    contacts: int


class LdapQuery(msgspec.Struct, forbid_unknown_fields=True):
    """A query to try, as somebody and from some address. Empty `node`: the first."""

    filter: Annotated[str, Meta(max_length=16_384)]
    node: Text = ""
    kind: Kind = Kind.ANONYMOUS
    id: Text = ""
    address: Annotated[str, Meta(max_length=100)] = "127.0.0.1"
    attributes: Texts = []
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50


class LdapStep(msgspec.Struct):
    """A part of the plan, `depth` levels deep; `chosen`: its candidates are looked at."""

    depth: int
    kind: str
    attributes: list[str]
    value: str
    candidates: int
    way: Way
    chosen: bool


class LdapAnswer(msgspec.Struct):
    """How it went; `mended`: the filter had to be read tolerantly. Books of `later` are asked if the others have no hit."""

    read_as: str
    mended: bool
    translated: str
    code: str
    message: str
    books: list[str]
    later: list[str]
    steps: list[LdapStep]
    hits: int
    ldif: str
    size: int
    milliseconds: float


class LdapLookController(Controller):
    """For admins."""

    path = "/admin/ldap"
    tags = ("administration",)

    @get("/state", operation_id="getLdapState")
    async def state(self, viewer: Viewer, guard: Guard, ldap: LdapService) -> LdapState:
        """How the door is."""
        guard.admin(viewer)
        return _state(ldap)

    @get("/sight", operation_id="getLdapSight")
    async def sight(
        self,
        viewer: Viewer,
        guard: Guard,
        ldap: LdapService,
        directory: Directory,
        people: People,
        kind: Kind = Kind.ANONYMOUS,
        id: Text = "",
    ) -> LdapSight:
        """What somebody sees, through every node."""
        guard.admin(viewer)
        _need(kind, id, ldap, people)
        configuration = ldap.configuration()
        sight, index = sight_of(Identity(kind, id, id), configuration), directory.index
        tree = Tree(index, configuration)
        nodes = []
        for branch in tree.branches:
            books = books_of(index.parts(branch.view(sight.view)))
            nodes.append(LdapSeenNode(branch.node.id, branch.suffix, books, _count(index, books)))
        books = books_of(index.parts(sight.view))
        seen = [LdapSeenBook(book, index.count(book)) for book in books]
        return LdapSight(sight.why, [profile.id for profile in sight.profiles], seen, nodes, _count(index, books))

    @post("/test", operation_id="testLdapQuery", status_code=200)
    async def test(
        self, data: LdapQuery, viewer: Viewer, guard: Guard, ldap: LdapService, directory: Directory, people: People
    ) -> LdapAnswer:
        """Try a query: how it is read, translated, planned and answered."""
        guard.admin(viewer)
        node = next((node for node in ldap.nodes() if node.id == data.node), None) if data.node else ldap.nodes()[0]
        if node is None:
            raise NotFound("ldap-unknown", f"There is no node {data.node!r}.", data={"id": data.node})
        _need(data.kind, data.id, ldap, people)
        identity = ANONYMOUS if data.kind is Kind.ANONYMOUS else ldap.bound(data.kind, data.id)
        tree = Tree(directory.index, ldap.configuration())
        trial = await try_out(tree, node.suffix, identity, data.filter, data.attributes, data.limit, data.address)
        return msgspec.convert(trial, LdapAnswer, from_attributes=True)


def _need(kind: Kind, id: str, ldap: LdapService, people: People) -> None:
    """Raise `NotFound` for somebody who is not there (any more)."""
    if kind is Kind.PERSON:
        people.need_user(id)
    if kind is Kind.USER and id not in {user.id for user in ldap.users()}:
        raise NotFound("ldap-unknown", f"There is no user {id!r} (any more).", data={"id": id})


def _count(index: Index, books: Iterable[str]) -> int:
    return sum(index.count(book) for book in books)


def _state(ldap: LdapService) -> LdapState:
    settings, door, now = ldap.settings, ldap.door, ldap.clock.monotonic()
    tally = door.workers.tally if door else None
    total = tally.total() if tally else None
    return LdapState(
        running=door is not None,
        host=settings.host,
        port=settings.port or 0,
        tls_port=settings.tls_port or 0,
        addresses=list(door.addresses) if door else [],
        local_only=door is not None and door.local_only,
        certificate=_certificate(door),
        workers=_workers(door),
        restarts=door.workers.restarts if door else 0,
        connections=total.connections if total else 0,
        accepted=total.accepted if total else 0,
        turned_away=total.refused if total else 0,
        cut=total.cut if total else 0,
        searches=total.searches if total else 0,
        searches_per_minute=tally.searches_per_minute(now) if tally else 0,
        binds=total.binds if total else 0,
        refused_binds=ldap.refused,
        unprotected=total.unprotected if total else 0,
        refusals=[LdapRefusal(each.at, each.name, each.address, each.code) for each in reversed(ldap.refused_binds)],
        plain_passwords=settings.plain_passwords,
        active_directory=settings.active_directory,
    )


def _certificate(door: OpenDoor | None) -> LdapCertificate | None:
    shown = door.certificate if door else None
    return LdapCertificate(list(shown.names), shown.until, shown.self_signed) if shown else None


def _workers(door: OpenDoor | None) -> list[LdapWorker]:
    if door is None:
        return []
    pids, answering = door.workers.pids, door.workers.answering
    return [
        LdapWorker(number, pids.get(number, 0), number in answering, told.connections, told.searches, told.contacts)
        for number, told in sorted(door.workers.tally.workers.items())
    ]


CONTROLLERS = (LdapLookController,)
