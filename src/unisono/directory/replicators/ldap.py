"""LDAP servers as sources."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from msgspec import Meta

from unisono.directory.model import Field
from unisono.directory.replicators import cells, faults
from unisono.directory.replicators.ldap_client import LdapClient, LdapServerSettings, Search, checked_filter, told
from unisono.directory.replicators.source import Check, Column, Item, Kind, Record, Value
from unisono.directory.runs.model import BadRow
from unisono.wire.ldap import Control
from unisono.wire.ldap.control import ManageDsaIt, PagedResults
from unisono.wire.ldap.message import Scope, SearchResultEntry

SAMPLES = 50
_LOOKED_AT = 500
"""Entries that are looked at for columns, where nobody says which attributes there are."""
_UNREAD = frozenset({
    "userpassword", "unicodepwd", "jpegphoto", "thumbnailphoto", "thumbnaillogo", "photo", "audio", "usercertificate",
    "cacertificate", "usersmimecertificate", "userpkcs12", "objectguid", "objectsid", "msexchmailboxguid", "logonhours",
})  # fmt: skip
"""Attributes that are no text, or no business of a telephone book."""
FIELDS = {
    "displayname": Field.DISPLAY_NAME,
    "cn": Field.DISPLAY_NAME,
    "givenname": Field.FIRST_NAME,
    "sn": Field.LAST_NAME,
    "company": Field.COMPANY,
    "o": Field.COMPANY,
    "department": Field.DEPARTMENT,
    "ou": Field.DEPARTMENT,
    "title": Field.JOB_TITLE,
    "physicaldeliveryofficename": Field.OFFICE_ROOM_NUMBER,
    "roomnumber": Field.OFFICE_ROOM_NUMBER,
    "employeenumber": Field.CUSTOMER_ID,
    "telephonenumber": Field.PHONE_BUSINESS,
    "othertelephone": Field.PHONE_BUSINESS_2,
    "mobile": Field.PHONE_MOBILE,
    "othermobile": Field.PHONE_MOBILE,
    "homephone": Field.PHONE_HOME,
    "otherhomephone": Field.PHONE_HOME_2,
    "ipphone": Field.PHONE_OTHER,
    "pager": Field.PHONE_PAGER,
    "facsimiletelephonenumber": Field.FAX_BUSINESS,
    "otherfacsimiletelephonenumber": Field.FAX_BUSINESS,
    "mail": Field.EMAIL,
    "streetaddress": Field.BUSINESS_STREET,
    "street": Field.BUSINESS_STREET,
    "postalcode": Field.BUSINESS_POSTAL_CODE,
    "l": Field.BUSINESS_CITY,
    "st": Field.BUSINESS_STATE,
    "co": Field.BUSINESS_COUNTRY,
    "wwwhomepage": Field.WEB,
    "labeleduri": Field.WEB,
    "description": Field.NOTE,
    "info": Field.NOTE,
}
"""What attributes of inetOrgPerson and Active Directory mean; of several for one field the first that is there."""
_SEVERAL = frozenset({Field.PHONE_MOBILE, Field.FAX_BUSINESS})


class LdapSettings(LdapServerSettings, frozen=True, forbid_unknown_fields=True):
    """A part of a directory."""

    base: Annotated[str, Meta(max_length=1000, description="Where to search from; empty: what the server names first.")] = ""
    filter: Annotated[str, Meta(max_length=5000, description="Which entries are contacts.")] = "(objectClass=person)"
    scope: Annotated[Literal["subtree", "one"], Meta(description="All below the base, or one level.")] = "subtree"
    attributes: Annotated[tuple[str, ...], Meta(max_length=200, description="Attributes to read; empty: all.")] = ()
    key: Annotated[
        str, Meta(max_length=200, description="The attribute that names an entry for ever; empty: entryUUID, else its DN.")
    ] = ""


class Ldap:
    """A search."""

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        self._filter = checked_filter(settings.filter)

    def check(self) -> Check:
        with LdapClient(self._settings) as client:
            root = client.root()
            for _ in client.search(self._search(client, size=1)):
                pass
            vendor = told(root, "vendorName") or "LDAP"
            return Check(f"{vendor} {client.peer}", told(root, "vendorVersion"))

    def columns(self) -> Sequence[Column]:
        with LdapClient(self._settings) as client:
            return columns_of(client.search(self._search(client, size=_LOOKED_AT)), self._settings.attributes)

    def read(self, since: str | None) -> Iterator[Item]:
        with LdapClient(self._settings) as client:
            search = self._search(client)
            paged = PagedResults.OID.encode() in client.root().get("supportedcontrol", ())
            for entry in client.pages(search) if paged else client.search(search):
                yield self._record(entry)

    def _search(self, client: LdapClient, size: int = 0) -> Search:
        settings = self._settings
        base = settings.base or told(client.root(), "namingContexts")
        if not base:
            raise faults.wrong_setting("base", f"{client.peer} names no tree of its own: enter where to search from.")
        wanted = settings.attributes or ("*",)
        scope = Scope.SUBTREE if settings.scope == "subtree" else Scope.ONE
        # Entries that are referrals to other servers are then plain entries, and the filter leaves them out.
        return Search(base, self._filter, (*wanted, settings.key or "entryUUID"), scope, size, (Control(ManageDsaIt()),))

    def _record(self, entry: SearchResultEntry) -> Record | BadRow:
        values = values_of(entry)
        name = self._settings.key or "entryUUID"
        key = next((value for each, value in values.items() if each.lower() == name.lower()), entry.name)
        return cells.record(key, values)


def values_of(entry: SearchResultEntry) -> dict[str, Value]:
    """The attributes of an entry that are text, one value or several."""
    found: dict[str, Value] = {}
    for name, values in entry.attributes:
        if name.lower().partition(";")[0] in _UNREAD:
            continue
        texts = tuple(text for text in map(_text, values) if text)
        if texts:
            found[name] = texts[0] if len(texts) == 1 else texts
    return found


def columns_of(entries: Iterable[SearchResultEntry], wanted: Sequence[str] = ()) -> Sequence[Column]:
    """The columns of some entries, and those wanted that no entry has, those with a meaning first."""
    samples: dict[str, list[str]] = {}
    for entry in entries:
        for name, value in values_of(entry).items():
            samples.setdefault(name, []).append(value if isinstance(value, str) else ", ".join(value))
    there = {name.lower() for name in samples} | _UNREAD
    samples.update({name: [] for name in wanted if name.lower() not in there})
    order = {name: place for place, name in enumerate(FIELDS)}
    names = sorted(samples, key=lambda name: (order.get(name.lower(), len(order)), name.lower()))
    taken: set[Field] = set()
    found = []
    for name in names:
        meaning = FIELDS.get(name.lower())
        meaning = meaning if meaning not in taken or meaning in _SEVERAL else None
        if meaning is not None:
            taken.add(meaning)
        found.append(Column(name, tuple(samples[name][:SAMPLES]), meaning.value if meaning else ""))
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return ""


KIND = Kind(
    "ldap",
    "LDAP directory",
    LdapSettings,
    Ldap,
    harmless=frozenset({"base", "filter", "scope", "attributes", "key"}),
)
