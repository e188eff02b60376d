"""Active Directory as a source: people and contacts, and afterwards only what has changed.

What has changed is told by DirSync, which needs the right "Replicating Directory Changes"; without it by `uSNChanged`, which
every account may read, but which counts anew on every domain controller.
"""

import base64
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from unisono.directory.replicators import cells, dirsync, faults
from unisono.directory.replicators.ldap import SAMPLES, columns_of, values_of
from unisono.directory.replicators.ldap_client import (
    Attributes,
    LdapClient,
    LdapServerSettings,
    Search,
    checked_filter,
    lowered,
    told,
)
from unisono.directory.replicators.source import Check, Column, Gone, Item, Kind, Mark, Record
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Fault
from unisono.wire.ldap import CodecError, Filter
from unisono.wire.ldap.filter import And, Equality, Extensible, GreaterOrEqual, Not, Or, Present
from unisono.wire.ldap.message import SearchResultEntry

ATTRIBUTES = (
    "displayName", "cn", "givenName", "sn", "initials", "company", "department", "title", "physicalDeliveryOfficeName",
    "employeeID", "employeeNumber", "sAMAccountName", "userPrincipalName", "mail", "proxyAddresses", "telephoneNumber",
    "otherTelephone", "mobile", "otherMobile", "homePhone", "otherHomePhone", "ipPhone", "pager", "facsimileTelephoneNumber",
    "otherFacsimileTelephoneNumber", "streetAddress", "postalCode", "l", "st", "co", "wWWHomePage", "info", "description",
)  # fmt: skip
"""What is read unless the settings say otherwise."""
_GUID = "objectGUID"
_STATE = ("userAccountControl", "accountExpires", "isDeleted", "name")
"""What decides besides whether an entry is there: DirSync tells of changes in attributes that it was asked for."""
_BIT_AND = "1.2.840.113556.1.4.803"
_DISABLED = b"2"
_NEVER = (b"0", b"9223372036854775807")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_AT_ONCE = 50
_ANYTHING = Present("objectClass")
_NOTHING = Equality("cn", b"no entry has this name")
_LIFETIME = timedelta(days=55)
"""Tombstones live at least 60 days; whoever asks later misses what was deleted."""
_CATALOGUE = (3268, 3269)


class ActiveDirectorySettings(LdapServerSettings, frozen=True, forbid_unknown_fields=True):
    """A domain, or a part of it."""

    base: Annotated[str, Meta(max_length=1000, description="Where to search from; empty: the whole domain.")] = ""
    filter: Annotated[str, Meta(max_length=5000, description="Which entries are contacts.")] = "(objectCategory=person)"
    attributes: Annotated[tuple[str, ...], Meta(max_length=200, description="Attributes to read; empty: the usual ones.")] = ()
    skip_disabled: Annotated[bool, Meta(description="Leave out accounts that are disabled.")] = True
    skip_expired: Annotated[bool, Meta(description="Leave out accounts that have expired.")] = True
    changes: Annotated[
        Literal["auto", "dirsync", "usn", "none"],
        Meta(description="How changes are found: DirSync if the account may, else uSNChanged; or never: always read all."),
    ] = "auto"


class _Cursor(msgspec.Struct, omit_defaults=True):
    """How far was read: a DirSync cookie, or the last USN of this controller. `time` is the controller's, ISO 8601."""

    domain: str
    time: str
    cookie: str = ""
    controller: str = ""
    usn: int = 0


class ActiveDirectory:
    """A domain, through one of its controllers."""

    def __init__(self, settings: ActiveDirectorySettings) -> None:
        self._settings = settings
        self._filter = checked_filter(settings.filter)
        self._wanted = settings.attributes or ATTRIBUTES

    def check(self) -> Check:
        with LdapClient(self._settings) as client:
            domain = _Domain(client)
            for _ in client.search(self._search(domain, self._filter, size=1)):
                pass
            notes = () if self._cursor(domain).cookie or not self._incremental else (BadRow(0, "deleted-unseen"),)
            return Check(f"Active Directory {told(domain.root, 'dnsHostName') or client.peer}", domain.name, notes=notes)

    def columns(self) -> Sequence[Column]:
        with LdapClient(self._settings) as client:
            domain = _Domain(client)
            return columns_of(client.search(self._search(domain, self._living(domain), size=SAMPLES)), self._wanted)

    def read(self, since: str | None) -> Iterator[Item]:
        with LdapClient(self._settings) as client:
            domain = _Domain(client)
            if since is not None:
                yield from self._changes(domain, _parsed(since))
                return
            cursor = self._cursor(domain) if self._incremental else None  # before, so that nothing falls in between
            for entry in client.pages(self._search(domain, self._living(domain))):
                yield _record(entry)
            if cursor is not None:
                yield Mark(msgspec.json.encode(cursor).decode())

    @property
    def _incremental(self) -> bool:
        """A global catalogue has only a part of what there is, and counts its own changes."""
        return self._settings.changes != "none" and self._settings.port not in _CATALOGUE

    def _search(self, domain: "_Domain", wanted: Filter, size: int = 0) -> Search:
        return Search(self._settings.base or domain.name, wanted, (*self._wanted, _GUID), size=size)

    def _living(self, domain: "_Domain") -> Filter:
        """The filter, without the accounts that are to be left out."""
        parts: list[Filter] = [self._filter]
        if self._settings.skip_disabled:
            parts.append(Not(Extensible("userAccountControl", _DISABLED, _BIT_AND)))
        if self._settings.skip_expired:
            ticks = int((domain.now - _EPOCH).total_seconds()) * 10_000_000
            never = tuple(Equality("accountExpires", value) for value in _NEVER)
            later = GreaterOrEqual("accountExpires", str(ticks).encode())
            parts.append(Or((Not(Present("accountExpires")), *never, later)))
        return And(tuple(parts))

    def _cursor(self, domain: "_Domain") -> _Cursor:
        """Where to go on from later."""
        if self._settings.changes in ("auto", "dirsync"):
            try:
                cookie = _drained(self._dirsync(domain, b"", _NOTHING))
                return _Cursor(domain.name, domain.now.isoformat(), base64.b64encode(cookie).decode())
            except Fault as fault:
                if self._settings.changes == "dirsync" or fault.code not in ("source-forbidden", "source-refused"):
                    raise
        return _Cursor(domain.name, domain.now.isoformat(), "", domain.controller, domain.usn)

    def _changes(self, domain: "_Domain", since: _Cursor) -> Iterator[Item]:
        if since.domain != domain.name or domain.now - datetime.fromisoformat(since.time) > _LIFETIME:
            raise faults.read_all(domain.client.peer)
        if since.cookie:
            changed: Generator[SearchResultEntry, None, bytes] = self._dirsync(
                domain, base64.b64decode(since.cookie), _ANYTHING
            )
            touched, cookie = _collected(changed)
            now = _Cursor(domain.name, domain.now.isoformat(), base64.b64encode(cookie).decode())
        else:
            if since.controller != domain.controller or since.usn > domain.usn:
                raise faults.read_all(domain.client.peer)
            touched, _ = _collected(self._by_usn(domain, since.usn))
            now = _Cursor(domain.name, domain.now.isoformat(), "", domain.controller, domain.usn)
        yield from self._again(domain, touched)
        yield Mark(msgspec.json.encode(now).decode())

    def _again(self, domain: "_Domain", touched: dict[bytes, bool]) -> Iterator[Item]:
        """What the touched entries are now; those that the filter no longer finds are gone."""
        living = self._living(domain)
        waiting = iter(touched)
        while some := tuple(islice(waiting, _AT_ONCE)):
            named = Or(tuple(Equality(_GUID, guid) for guid in some if not touched[guid]))
            found: set[str] = set()
            if named.filters:
                for entry in domain.client.pages(self._search(domain, And((living, named)))):
                    record = _record(entry)
                    if isinstance(record, Record):
                        found.add(record.key)
                    yield record
            yield from (Gone(key) for key in map(_key, some) if key not in found)

    def _dirsync(self, domain: "_Domain", cookie: bytes, wanted: Filter) -> Generator[SearchResultEntry, None, bytes]:
        search = Search(domain.name, wanted, (*self._wanted, *_STATE, _GUID))
        while True:
            controls = yield from domain.client.search(search, (dirsync.request(cookie),))
            try:
                answer = dirsync.answer(controls)
            except CodecError as error:
                raise faults.garbled(domain.client.peer, str(error)) from error
            if answer is None:
                raise faults.refused(domain.client.peer, "it does not know DirSync")
            more, cookie = answer
            if not more:
                return cookie

    def _by_usn(self, domain: "_Domain", usn: int) -> Generator[SearchResultEntry, None, bytes]:
        changed = GreaterOrEqual("uSNChanged", str(usn + 1).encode())
        search = Search(domain.name, changed, (_GUID, "isDeleted"), controls=(dirsync.SHOW_DELETED,))
        yield from domain.client.pages(search)
        return b""


class _Domain:
    """What a controller says about itself and its domain."""

    def __init__(self, client: LdapClient) -> None:
        self.client = client
        self.root: Attributes = client.root()
        self.name = told(self.root, "defaultNamingContext")
        if not self.name:
            raise faults.garbled(client.peer, "it has no domain; it may be an LDAP directory of another kind")
        self.usn = int(told(self.root, "highestCommittedUSN") or 0)
        try:
            self.now = datetime.strptime(told(self.root, "currentTime")[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError as error:
            raise faults.garbled(client.peer, "it does not know what time it is") from error

    @property
    def controller(self) -> str:
        """Which database counts the USNs: a controller that was restored counts others than before."""
        service = told(self.root, "dsServiceName")
        found = self.client.entry(service, ("invocationId",)) or {}
        return f"{service} {found.get('invocationid', (b'',))[0].hex()}"


def _record(entry: SearchResultEntry) -> Record | BadRow:
    guid = lowered(entry).get(_GUID.lower(), ())
    values = values_of(entry)
    return cells.record(_key(guid[0]) if guid else entry.name, values)


def _key(guid: bytes) -> str:
    return str(UUID(bytes_le=guid)) if len(guid) == 16 else guid.hex()


def _collected(changed: Generator[SearchResultEntry, None, bytes]) -> tuple[dict[bytes, bool], bytes]:
    """The GUIDs of what was touched, each with whether it is deleted; and the next cookie."""
    touched: dict[bytes, bool] = {}
    while True:
        try:
            found = lowered(next(changed))
        except StopIteration as end:
            return touched, end.value
        for guid in found.get(_GUID.lower(), ()):
            touched[guid] = told(found, "isDeleted") == "TRUE"


def _drained(changed: Generator[SearchResultEntry, None, bytes]) -> bytes:
    return _collected(changed)[1]


def _parsed(cursor: str) -> _Cursor:
    try:
        return msgspec.json.decode(cursor, type=_Cursor)
    except msgspec.DecodeError as error:
        raise faults.read_all("The server") from error


KIND = Kind(
    "active-directory",
    "Active Directory",
    ActiveDirectorySettings,
    ActiveDirectory,
    incremental=True,
    harmless=frozenset({"base", "filter", "attributes", "skip_disabled", "skip_expired", "changes"}),
)
