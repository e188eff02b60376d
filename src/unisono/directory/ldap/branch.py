"""A node at work: how it reads what is asked, and how its entries are named and shown."""

from collections.abc import Iterable, Sequence

from unisono.directory.index import Index, Part
from unisono.directory.ldap.compiler import Reading
from unisono.directory.ldap.entries import Entry, named
from unisono.directory.ldap.model import ListOrder, NameOrder, Node, Template, networks_of, within
from unisono.directory.ldap.order import alphabetical
from unisono.directory.ldap.schema import (
    CONTACT_CLASSES,
    NAMING,
    SUBSCHEMA,
    class_number,
    distinct_classes,
    plain,
)
from unisono.directory.segment import Attribute
from unisono.directory.views import View
from unisono.numbers import Location, NumberFormat
from unisono.numbers.beginning import beginnings
from unisono.numbers.normalise import stored_text
from unisono.wire.ldap import ber
from unisono.wire.ldap.dn import Ava, Dn, Key
from unisono.wire.ldap.errors import TextError
from unisono.wire.ldap.responses import attribute

_PLAIN = (NumberFormat.PLAIN, NumberFormat.UNFORMATTED)
_REMEMBERED = 8192
"""Numbers read lately."""


def values_below(key: Key) -> list[str]:
    """What a name below a node says: the book, the contact; as far as it is a name of ours."""
    values: list[str] = []
    for rdn, kind in zip(key[::-1], ("ou", NAMING.lower()), strict=False):
        if len(rdn) > 1 or plain(rdn[0][0]) != kind:
            break
        values.append(rdn[0][1])
    return values


class Branch:
    """One node with its template and location. Raises `ValueError` for a suffix, pattern or network that is none."""

    def __init__(self, node: Node, template: Template, location: Location, changed: str) -> None:
        self.node = node
        self.template = template
        self.location = location
        self.changed = changed
        """When the picture came into force, as a GeneralizedTime."""
        self.dn = Dn.parse(node.suffix)
        self.suffix = str(self.dn)
        self.key = self.dn.key
        self.classes = distinct_classes((*CONTACT_CLASSES, *template.object_classes))
        self.class_attribute = attribute(b"objectClass", [name.encode() for name in self.classes])
        self.common = {
            "structuralObjectClass": "inetOrgPerson",
            "createTimestamp": changed,
            "modifyTimestamp": changed,
            "creatorsName": self.suffix,
            "modifiersName": self.suffix,
            "subschemaSubentry": SUBSCHEMA,
            "hasSubordinates": "FALSE",
        }
        """Operational attributes that all entries of contacts have alike."""
        self.reading = Reading(
            self.read,
            self.read_beginning,
            frozenset(map(class_number, self.classes)),
            {name.lower(): value for name, value in self.common.items()},
            self.entry_id,
            named(self.dn),
        )
        self.as_stored = node.number_format in _PLAIN and node.name_order is NameOrder.AS_IS and not template.shapes_answers
        listed = node.order is not ListOrder.AS_FOUND
        self.sort_key = alphabetical(node.order, node.language or location.language) if listed else None
        """What contacts are sorted by if a client asks for no order; None: not at all."""
        self.networks = networks_of(node.networks)
        self.anonymous = networks_of(node.anonymous)
        self.shown: dict[tuple[str, int], dict[Attribute, list[bytes]]] = {}
        """Entries as they are shown, by segment and ordinal, where that is not as they are stored."""
        self._read: dict[str, str] = {}
        self._names: dict[str, tuple[bytes, bytes]] = {}

    def reachable(self, address: str) -> bool:
        """Whether this address may ask here."""
        return not self.networks or within(address, self.networks)

    def open_to(self, address: str) -> bool:
        """Whether this address need not bind."""
        return within(address, self.anonymous)

    def read(self, text: str) -> str:
        """The super-canonical form of a number as people of this node write it."""
        found = self._read.get(text)
        if found is None:
            found = stored_text(text, self.location)
            if found != text:  # what is written like that is read as quickly as remembered
                if len(self._read) >= _REMEMBERED:
                    self._read.clear()
                self._read[text] = found
        return found

    def read_beginning(self, text: str) -> Sequence[str]:
        """What the beginning of a number can mean here."""
        return beginnings(text, self.location)

    def view(self, view: View) -> View:
        """What somebody with this view sees of the node."""
        books = self.node.books
        if books is None:
            return view
        return View(frozenset(books) if view.books is None else view.books.intersection(books))

    def parts(self, index: Index, view: View) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """The parts asked first, and those asked only if these have no hit."""
        seen = list(index.parts(self.view(view)))
        later = self.node.phone_books
        return tuple(p for p in seen if p.book not in later), tuple(p for p in seen if p.book in later)

    # Names: metaID=<id>,ou=<book>,<suffix>

    def names(self, book: str) -> tuple[bytes, bytes]:
        """What stands in an entry's name before the id and behind it."""
        found = self._names.get(book)
        if found is None:
            found = self._names[book] = f"{NAMING}=".encode(), f",{self.book_dn(book)}".encode()
        return found

    def book_dn(self, book: str) -> str:
        """The name of a book's entry."""
        return f"{Ava('ou', book)},{self.suffix}"

    def entry_id(self, name: str) -> str | None:
        """The id in the name of a contact's entry, whatever the book; "" in another name, None in what is no name."""
        try:
            key = Dn.parse(name).key
        except TextError:
            return None
        found = values_below(key[:2])
        return found[1] if len(found) == 2 and key[2:] == self.key else ""

    def contact_dn(self, part: Part, ordinal: int) -> str:
        """The name of a contact's entry."""
        return f"{Ava(NAMING, part.segment.id(ordinal).decode())},{self.book_dn(part.book)}"

    def encoded_name(self, part: Part, ordinal: int) -> bytes:
        """The name of a contact's entry as an LDAPDN."""
        contact_id = part.segment.id(ordinal)
        before, behind = self.names(part.book)
        if len(contact_id) == 32 and contact_id.isalnum():
            return ber.tlv(ber.OCTET_STRING, before + contact_id + behind)
        return ber.encode_text(self.contact_dn(part, ordinal))

    # Entries that are no contacts

    def root_entry(self, subordinates: bool) -> Entry:
        """The entry of the node itself."""
        kinds = {"dc": "domain", "o": "organization", "ou": "organizationalUnit"}
        rdn = self.dn.rdns[0] if self.dn.rdns else (Ava("ou", self.node.name or self.node.id),)
        main = kinds.get(rdn[0].name.lower(), "extensibleObject")
        description = {"description": (self.node.name,)} if self.node.name else {}
        called = {ava.name: (ava.value if isinstance(ava.value, str) else ava.value.hex(),) for ava in rdn}
        user = {"objectClass": ("top", main), **description, **called}
        return Entry(self.suffix, user, self._operational(self.suffix, main, subordinates))

    def book_entry(self, book: str, subordinates: bool) -> Entry:
        """The entry of a book."""
        dn = self.book_dn(book)
        user = {"objectClass": ("top", "organizationalUnit"), "ou": (book,)}
        return Entry(dn, user, self._operational(dn, "organizationalUnit", subordinates))

    def _operational(self, dn: str, main: str, subordinates: bool) -> dict[str, tuple[str, ...]]:
        return {
            "structuralObjectClass": (main,),
            "entryDN": (dn,),
            "createTimestamp": (self.changed,),
            "modifyTimestamp": (self.changed,),
            "creatorsName": (self.suffix,),
            "modifiersName": (self.suffix,),
            "subschemaSubentry": (SUBSCHEMA,),
            "hasSubordinates": ("TRUE" if subordinates else "FALSE",),
        }


def books_of(parts: Iterable[Part]) -> list[str]:
    """The books of these parts, each once."""
    return list(dict.fromkeys(part.book for part in parts))
