"""The resources of a person: where they are, and the properties that they have. Pure.

    /carddav/                          where clients begin
    /carddav/people/<id>/              the principal (RFC 3744)
    /carddav/books/<id>/               the home of the address books
    /carddav/books/<id>/<book>/        an address book
    /carddav/books/<id>/<book>/<contact>.vcf
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from hashlib import blake2b
from urllib.parse import quote, unquote, urlsplit

from unisono.directory.model import Contact
from unisono.directory.phonebooks.carddav import answer
from unisono.directory.phonebooks.carddav.asked import BODY_MOST, CARD, DAV, SERVER, Wanted, Which
from unisono.directory.phonebooks.vcard import Version, card

ROOT = "/carddav/"
SUFFIX = ".vcf"


class Level(Enum):
    """What a resource is."""

    ROOT = 0
    PRINCIPAL = 1
    HOME = 2
    BOOK = 3
    CARD = 4


@dataclass(frozen=True, slots=True)
class Place:
    """What an address means; nothing is said of whether it is there."""

    level: Level
    user_id: str = ""
    book: str = ""
    contact_id: str = ""


def place_of(address: str) -> Place | None:
    """The place of an address or path, however it is escaped; None: none of ours."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    if not f"{path}/".startswith(ROOT):
        return None
    parts = [unquote(part) for part in path[len(ROOT) :].split("/")]
    if parts and not parts[-1]:
        parts.pop()
    match parts:
        case []:
            return Place(Level.ROOT)
        case ["people", user_id]:
            return Place(Level.PRINCIPAL, user_id)
        case ["books", user_id]:
            return Place(Level.HOME, user_id)
        case ["books", user_id, book]:
            return Place(Level.BOOK, user_id, book)
        case ["books", user_id, book, name] if name.endswith(SUFFIX) and len(name) > len(SUFFIX):
            return Place(Level.CARD, user_id, book, name.removesuffix(SUFFIX))
        case _:
            return None


def principal(user_id: str) -> str:
    """The address of a person."""
    return f"{ROOT}people/{quote(user_id, safe='')}/"


def home(user_id: str) -> str:
    """The address of a person's address books."""
    return f"{ROOT}books/{quote(user_id, safe='')}/"


def book(user_id: str, book_id: str) -> str:
    """The address of an address book."""
    return f"{home(user_id)}{quote(book_id, safe='')}/"


def card_path(user_id: str, book_id: str, contact_id: str) -> str:
    """The address of a card."""
    return f"{book(user_id, book_id)}{quote(contact_id, safe='')}{SUFFIX}"


def etag(text: str) -> str:
    """Another one whenever the card is another one (RFC 9110 8.8.3)."""
    return f'"{blake2b(text.encode(), digest_size=12).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class BookState:
    """An address book as it is now. `state` names its contents, `token` is what to synchronise from."""

    id: str
    name: str
    contacts: int
    state: str
    token: str


Properties = Mapping[str, Callable[[], str]]
"""By their names in Clark's notation; what stands in them is written when it is wanted."""

_READ = "<D:privilege><D:read/></D:privilege>"
_REPORTS = "".join(
    f"<D:supported-report><D:report><{name}/></D:report></D:supported-report>"
    for name in ("C:addressbook-query", "C:addressbook-multiget", "D:sync-collection")
)
_DATA = "".join(f'<C:address-data-type content-type="text/vcard" version="{version}"/>' for version in Version)
_COLLATIONS = "".join(
    f"<C:supported-collation>{name}</C:supported-collation>" for name in ("i;unicode-casemap", "i;ascii-casemap")
)
_EXPENSIVE = frozenset({f"{CARD}address-data"})
"""Not among all properties: only who names it gets it (RFC 6352 10.4)."""


def of_root(person: Person) -> Properties:
    """Where clients begin."""
    return {
        f"{DAV}resourcetype": lambda: "<D:collection/>",
        f"{DAV}displayname": lambda: "Unisono",
        f"{DAV}principal-collection-set": lambda: answer.href(f"{ROOT}people/"),
        **_common(person),
    }


def of_principal(person: Person) -> Properties:
    """RFC 3744 4, RFC 6352 7.1."""
    return {
        f"{DAV}resourcetype": lambda: "<D:collection/><D:principal/>",
        f"{DAV}displayname": lambda: answer.text(person.name),
        f"{DAV}principal-URL": lambda: answer.href(principal(person.id)),
        f"{DAV}alternate-URI-set": str,
        f"{DAV}group-membership": str,
        f"{CARD}addressbook-home-set": lambda: answer.href(home(person.id)),
        **_common(person),
    }


def of_home(person: Person) -> Properties:
    """RFC 6352 7.1.1."""
    return {
        f"{DAV}resourcetype": lambda: "<D:collection/>",
        f"{DAV}displayname": lambda: answer.text(person.name),
        f"{DAV}owner": lambda: answer.href(principal(person.id)),
        **_common(person),
    }


def of_book(person: Person, found: BookState) -> Properties:
    """RFC 6352 6.2, RFC 6578 4."""
    return {
        f"{DAV}resourcetype": lambda: "<D:collection/><C:addressbook/>",
        f"{DAV}displayname": lambda: answer.text(found.name),
        f"{DAV}owner": lambda: answer.href(principal(person.id)),
        f"{DAV}getetag": lambda: answer.text(f'"{found.state}"'),
        f"{DAV}sync-token": lambda: answer.text(found.token),
        f"{DAV}supported-report-set": lambda: _REPORTS,
        f"{SERVER}getctag": lambda: answer.text(found.state),
        f"{CARD}addressbook-description": lambda: answer.text(f"{found.name}: {found.contacts:,}"),
        f"{CARD}supported-address-data": lambda: _DATA,
        f"{CARD}supported-collation-set": lambda: _COLLATIONS,
        f"{CARD}max-resource-size": lambda: str(BODY_MOST),
        **_common(person),
    }


def of_card(person: Person, contact: Contact, wanted: Wanted) -> Properties:
    """RFC 4918 15, RFC 6352 6.3, and its data for those reports that ask for it. Each card is written once."""
    text = cache(partial(card, contact))

    def whole() -> str:
        return text(Version.V3, frozenset())

    return {
        f"{DAV}resourcetype": str,
        f"{DAV}getetag": lambda: answer.text(etag(whole())),
        f"{DAV}getcontenttype": lambda: "text/vcard; charset=utf-8",
        f"{DAV}getcontentlength": lambda: str(len(whole().encode())),
        f"{CARD}address-data": lambda: answer.text(text(wanted.version, wanted.lines)),
        **_common(person),
    }


def _common(person: Person) -> Properties:
    return {
        f"{DAV}current-user-principal": lambda: answer.href(principal(person.id)),
        f"{DAV}current-user-privilege-set": lambda: _READ,
    }


def written(path: str, properties: Properties, wanted: Wanted) -> str:
    """A resource with what is wanted of it."""
    match wanted.which:
        case Which.NAMES:
            return answer.response(path, {name: answer.empty(name) for name in properties})
        case Which.ALL:
            found = {name: answer.element(name, value()) for name, value in properties.items() if name not in _EXPENSIVE}
            return answer.response(path, found)
        case Which.NAMED:
            there = {name: answer.element(name, properties[name]()) for name in wanted.names if name in properties}
            return answer.response(path, there, [name for name in wanted.names if name not in properties])
