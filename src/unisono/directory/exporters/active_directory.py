"""Contacts in one organisational unit of an Active Directory, and nothing else in it is ever touched.

What this export has made is known twice: our database has the objectGUID of each object it made for a contact, and each object
has a mark that names this export and that contact. Only what both agree about is changed or deleted. Before an object is made,
the database already knows that it is about to be: a run that was interrupted finds it by its mark, and makes no second one.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Annotated, NamedTuple, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta

from unisono.directory.exporters import ad_object
from unisono.directory.exporters.ad_object import MARK
from unisono.directory.exporters.ldap_writer import LdapWriter
from unisono.directory.exporters.model import Exported
from unisono.directory.exporters.writer import Kind
from unisono.directory.exporters.written import MOST_EXAMPLES, Told, Written
from unisono.directory.replicators import faults
from unisono.directory.replicators.ldap_client import Attributes, LdapServerSettings, Search, lowered, told
from unisono.directory.replicators.source import Check
from unisono.directory.runs.model import Failure
from unisono.kernel.errors import Fault
from unisono.kernel.secrets import Secret, no_secret
from unisono.wire.ldap import Result, ResultCode, writes
from unisono.wire.ldap.filter import Present
from unisono.wire.ldap.message import Scope, WriteRequest

_GUID = "objectGUID"
_CLASSES = ("top", "person", "organizationalPerson", "contact")
_AT_ONCE = 50
"""Contacts that are written down before their objects are made."""
_MOST_REFUSED = 50
"""Refusals one after the other that end a run: something is wrong with all of it."""


class ActiveDirectorySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Contacts (objectClass contact) in one organisational unit. Columns are called as attributes."""

    host: Annotated[
        str, Meta(min_length=1, max_length=253, description="Name of a domain controller, as in its certificate (LDAPS).")
    ]
    user: Annotated[str, Meta(min_length=1, max_length=500, description="Who writes: user@domain, or a DN.")]
    base: Annotated[
        str, Meta(min_length=1, max_length=1000, description="The organisational unit, e.g. OU=Contacts,DC=company,DC=example.")
    ]
    password: Annotated[Secret, Meta(description="Their password.")] = msgspec.field(default_factory=no_secret)
    port: Annotated[int, Meta(ge=0, le=65_535, description="0: 636.")] = 0
    ca_file: Annotated[
        str, Meta(max_length=1000, description="File with the authority of the server's certificate; empty: the system's.")
    ] = ""

    def open(self) -> LdapWriter:
        """A connection whose certificate has been checked. Raises `Fault`."""
        return LdapWriter(LdapServerSettings(self.host, self.user, self.password, "tls", self.port, self.ca_file))


class Ledger(Protocol):
    """What is written down about the objects that this export has made."""

    def objects(self) -> dict[str, str]:
        """Their GUIDs by contact; "": it was about to be made."""
        ...

    def note(self, made: Mapping[str, str], gone: Collection[str] = ()) -> None:
        """Write down what was made, or is about to be (""), and what is no more."""
        ...


class _Own(NamedTuple):
    """An object that is ours: what it is called, and what it says."""

    guid: str
    dn: str
    digest: bytes


class ActiveDirectoryExport:
    """One run. `found` begins anew with each call."""

    def __init__(
        self,
        settings: ActiveDirectorySettings,
        names: Collection[str],
        found: Callable[[], Iterable[Exported | None]],
        ledger: Ledger,
        export: str,
    ) -> None:
        self._settings = settings
        self._attributes = tuple(dict.fromkeys((*names, *ad_object.others_of(names))))
        self._found = found
        self._ledger = ledger
        self._export = export
        self._own: dict[str, _Own] = {}
        self._foreign: dict[str, str] = {}
        """Contacts whose objects we may not touch, with why."""
        self._gone: dict[str, _Own] = {}
        self._refused = 0
        self.written = Written()
        self.before = 0

    # Finding out

    def find(self, told: Told, *, dry: bool) -> None:
        """Look at the unit and at every contact; nothing is changed there."""
        with self._settings.open() as client:
            self._look(client, dry=dry)
            self.before = len(self._own)
            left = dict(self._own)
            for exported in self._counted(told):
                own = left.pop(exported.key, None)
                if own is not None:
                    self._compare(client, exported, own)
                elif exported.key in self._foreign:
                    self.written.failed(Failure(exported.key, exported.name, self._foreign[exported.key]))
                else:
                    self.written.added(exported)
            self._gone = left
            for key, own in left.items():
                self.written.removed(key, own.dn)

    def _compare(self, client: LdapWriter, exported: Exported, own: _Own) -> None:
        wanted = ad_object.attributes_of(exported)
        if ad_object.digest_of(wanted) == own.digest:
            self.written.counts.unchanged += 1
        elif len(self.written.report.changed) < MOST_EXAMPLES:
            now = self._attributes_of(client.entry(f"<GUID={own.guid}>", self._attributes) or {})
            differ = _difference(now, wanted)
            self.written.changed(exported, {n: now.get(n, ()) for n in differ}, differ)
        else:
            self.written.counts.changed += 1

    def _counted(self, told: Told) -> Iterator[Exported]:
        self.written.counts.rows = 0
        for exported in self._found():
            self.written.counts.rows += 1
            told(self.written.counts)
            if exported is not None:
                yield exported

    def _look(self, client: LdapWriter, *, dry: bool) -> None:
        """Which objects in the unit are ours."""
        noted = self._ledger.objects()
        contact_of = {guid: contact for contact, guid in noted.items() if guid}
        absent = {contact for contact, guid in noted.items() if guid}
        adopted: dict[str, str] = {}
        copies: set[str] = set()
        search = Search(self._settings.base, Present("objectClass"), (_GUID, MARK, *self._attributes), Scope.ONE)
        for entry in client.pages(search):
            said = lowered(entry)
            guid, marked = _guid(said), ad_object.marked_for(told(said, MARK), self._export)
            contact = contact_of.get(guid, "")
            absent.discard(contact)
            if contact and marked != contact:
                self._foreign[contact] = "taken-over"
            elif marked and not contact and (noted.get(marked) != "" or marked in adopted):
                copies.add(marked)
            elif marked:
                self._own[marked] = _Own(guid, entry.name, ad_object.digest_of(self._attributes_of(said)))
                if not contact:
                    adopted[marked] = guid
        self._foreign.update(dict.fromkeys(copies - self._own.keys() - self._foreign.keys(), "unknown-mark"))
        lost = self._missing(client, noted, absent)
        if not dry and (adopted or lost):
            self._ledger.note(adopted, lost)

    def _missing(self, client: LdapWriter, noted: Mapping[str, str], absent: Collection[str]) -> list[str]:
        """Of what is no longer in the unit: those that are nowhere; what was moved stays where people have put it."""
        lost = []
        for contact in absent:
            if client.entry(f"<GUID={noted[contact]}>", (_GUID,)) is None:
                lost.append(contact)
            else:
                self._foreign[contact] = "moved"
        return lost

    def _attributes_of(self, said: Attributes) -> dict[str, tuple[str, ...]]:
        found = {name: said.get(name.lower(), ()) for name in self._attributes}
        return {name: tuple(value.decode("utf-8", "replace") for value in values) for name, values in found.items() if values}

    # Making it so

    def publish(self, told: Told) -> None:
        """Delete, change and create. What is refused is written down, and the rest goes on."""
        with self._settings.open() as client:
            for key, gone in self._gone.items():
                told(self.written.counts)
                self._remove(client, key, gone)
            waiting: list[Exported] = []
            for exported in self._counted(told):
                own = self._own.get(exported.key)
                if own is not None:
                    self._change(client, exported, own)
                elif exported.key not in self._foreign:
                    waiting.append(exported)
                    if len(waiting) == _AT_ONCE:
                        self._create(client, waiting)
                        waiting = []
            self._create(client, waiting)

    def discard(self) -> None:
        """Nothing is left behind."""

    def _remove(self, client: LdapWriter, key: str, own: _Own) -> None:
        name = f"<GUID={own.guid}>"
        if self._still_ours(client, key, own) is None:
            return
        result = client.write(writes.delete(name))
        if self._went_well(result, Failure(key, own.dn, "refused"), besides=(ResultCode.NO_SUCH_OBJECT,)):
            self._ledger.note({}, [key])

    def _still_ours(self, client: LdapWriter, key: str, own: _Own) -> Attributes | None:
        """What the object says now, if it is still ours."""
        said = client.entry(f"<GUID={own.guid}>", ("distinguishedName", MARK, "cn", *self._attributes))
        if said is None or ad_object.marked_for(told(said, MARK), self._export) != key:
            self.written.failed(Failure(key, own.dn, "taken-over"))
            return None
        return said

    def _change(self, client: LdapWriter, exported: Exported, own: _Own) -> None:
        wanted = ad_object.attributes_of(exported)
        if ad_object.digest_of(wanted) == own.digest:
            return
        said = self._still_ours(client, exported.key, own)
        if said is None:
            return
        failure = Failure(exported.key, exported.name, "refused")
        differ = _difference(self._attributes_of(said), wanted)
        encoded = {name: [text.encode() for text in texts] for name, texts in differ.items()}
        if self._went_well(client.write(writes.replace(f"<GUID={own.guid}>", encoded)), failure):
            names = ad_object.names_of(exported)
            if told(said, "cn") not in names:
                self._named(client, names, lambda rdn: writes.rename(told(said, "distinguishedName"), rdn), failure)

    def _create(self, client: LdapWriter, some: Collection[Exported]) -> None:
        if not some:
            return
        self._ledger.note({exported.key: "" for exported in some})
        made: dict[str, str] = {}
        refused: list[str] = []
        for exported in some:
            dn = self._added(client, exported)
            if not dn:
                refused.append(exported.key)
            elif said := client.entry(dn, (_GUID,)):  # else it stays to be looked for in the next run
                made[exported.key] = _guid(said)
        self._ledger.note(made, refused)

    def _added(self, client: LdapWriter, exported: Exported) -> str:
        """Make an object, and give its name; "" if that was refused."""
        values: dict[str, list[bytes]] = {"objectClass": [each.encode() for each in _CLASSES]}
        values[MARK] = [ad_object.mark_of(self._export, exported.key).encode()]
        for name, texts in ad_object.attributes_of(exported).items():
            values[name] = [text.encode() for text in texts]
        failure = Failure(exported.key, exported.name, "refused")
        base = self._settings.base
        return self._named(client, ad_object.names_of(exported), lambda rdn: writes.add(f"{rdn},{base}", values), failure)

    def _named(
        self, client: LdapWriter, names: Iterable[str], request: Callable[[str], WriteRequest], failure: Failure
    ) -> str:
        """Do something under the first of these names that nobody has; its whole name, or "" if it was refused."""
        result = Result(ResultCode.ENTRY_ALREADY_EXISTS)
        for name in names:
            rdn = ad_object.rdn_of(name)
            result = client.write(request(rdn))
            if result.code != ResultCode.ENTRY_ALREADY_EXISTS:
                break
        return f"{rdn},{self._settings.base}" if self._went_well(result, failure) else ""

    def _went_well(self, result: Result, failure: Failure, besides: Collection[int] = ()) -> bool:
        if result.code == ResultCode.SUCCESS or result.code in besides:
            self._refused = 0
            return True
        code = int(result.code)
        said = ResultCode(code).name.lower().replace("_", " ") if code in list(ResultCode) else f"code {code}"
        failure.message = f"{said} {result.message[:300]}".strip()
        self.written.failed(failure)
        self._refused += 1
        if self._refused == _MOST_REFUSED:
            message = f"{self._settings.host} refuses everything, lastly: {failure.message}. Check the rights of the account."
            raise Fault("export-refused", message, data={"peer": self._settings.host, "reason": failure.message})
        return False


def check(settings: ActiveDirectorySettings) -> Check:
    """Whether contacts can be made in the unit. Raises `Fault`."""
    with settings.open() as client:
        root = client.root()
        asked = ("allowedChildClassesEffective", "distinguishedName")
        unit = client.entry(settings.base, asked)
        if unit is None:
            raise faults.not_there(client.peer, f"there is no {settings.base}, or this account may not see it")
        allowed = {value.decode("utf-8", "replace").lower() for value in unit.get(asked[0].lower(), ())}
        if "contact" not in allowed:
            raise faults.no_right(client.peer, f"this account may not create contacts in {settings.base}")
        return Check(f"Active Directory {told(root, 'dnsHostName') or client.peer}", told(root, "defaultNamingContext"))


def _difference(now: ad_object.Texts, wanted: ad_object.Texts) -> dict[str, tuple[str, ...]]:
    """The attributes that have to change, with their new values."""
    names = dict.fromkeys((*wanted, *now))
    return {name: tuple(wanted.get(name, ())) for name in names if set(now.get(name, ())) != set(wanted.get(name, ()))}


def _guid(said: Attributes) -> str:
    values = said.get(_GUID.lower(), ())
    return str(UUID(bytes_le=values[0])) if values and len(values[0]) == 16 else ""


KIND = Kind(
    "active-directory",
    "Active Directory",
    ActiveDirectorySettings,
    usual=ad_object.USUAL,
    named=ad_object.named,
    fills=ActiveDirectoryExport,
    check=check,
)
