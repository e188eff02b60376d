"""Nodes, templates, users and profiles as values: what an administrator sets of the LDAP door."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias

import msgspec

from unisono.numbers import NumberFormat

Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK = ("127.0.0.0/8", "::1/128")
ROOT = "dc=meta"


class NameOrder(StrEnum):
    """How the name of a person is shown."""

    AS_IS = "as-is"
    """As the source wrote it."""
    FIRST_LAST = "first-last"
    LAST_FIRST = "last-first"
    """Rossi, Mario."""


class ListOrder(StrEnum):
    """In which order contacts are answered to who asks for none."""

    AS_FOUND = "as-found"
    """As they are found: the quickest."""
    LAST_NAME = "last-name"
    FIRST_NAME = "first-name"
    COMPANY = "company"


class ValueRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes the value that a filter asserts: every place where `search` (a regular expression) fits becomes `replace`.

    `attribute`: only in items of this attribute, "": in all. Groups are written `\\1` in `replace`.
    """

    search: str
    replace: str = ""
    attribute: str = ""


class TemplateOrigin(StrEnum):
    """Where a template comes from."""

    READY = "ready"
    """With the server."""
    CHANGED = "changed"
    """With the server, and changed here."""
    OWN = "own"


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of client asks, and what it wants to be answered. Names of attributes are compared without case."""

    id: str = ""
    name: str = ""
    comment: str = ""
    """What this client asks, for people."""
    asks: tuple[str, ...] = ()
    """Filters that it sends; % stands for what is typed."""
    filter_attributes: dict[str, tuple[str, ...]] = {}
    """In filters: the client's attribute to ours; with several, one of them has to fit."""
    filter_values: tuple[ValueRule, ...] = ()
    query_attributes: dict[str, tuple[str, ...]] = {}
    """In the list of attributes asked for: the client's to ours."""
    result_attributes: dict[str, str] = {}
    """In answers: our attribute to the client's."""
    object_classes: tuple[str, ...] = ()
    """Classes that entries have besides ours."""

    @property
    def shapes_answers(self) -> bool:
        """Whether answers differ from what is stored."""
        return bool(self.result_attributes)


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A root under which some books are shown in some way."""

    id: str
    suffix: str = ROOT
    """The distinguished name of its root."""
    name: str = ""
    books: tuple[str, ...] | None = None
    """The books it shows; None: all."""
    phone_books: tuple[str, ...] = ()
    """Books that are asked only if the others have no hit."""
    number_format: NumberFormat = NumberFormat.PLAIN
    name_order: NameOrder = NameOrder.AS_IS
    order: ListOrder = ListOrder.AS_FOUND
    language: str = ""
    """Whose alphabet the order follows, such as "de"; "": that of the location."""
    location_id: str = ""
    """How numbers are read and written here; "": the default location."""
    template_id: str = ""
    networks: tuple[str, ...] = ()
    """Who may reach it; none: everybody."""
    anonymous: tuple[str, ...] = LOOPBACK
    """From where nobody needs to bind; none: from nowhere."""
    size_limit: int = 0
    """Most entries in an answer; 0: the server's limit."""


class LdapUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who exists for this door alone: a telephone, a program."""

    id: str
    name: str
    """What they bind as, compared without case."""
    active: bool = True
    comment: str = ""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sees which books."""

    id: str
    name: str
    books: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    """Ids of users of this door."""
    people: tuple[str, ...] = ()
    """Ids of people of this server."""
    groups: tuple[str, ...] = ()
    """Ids of groups of people."""
    directory_groups: tuple[str, ...] = ()
    """Groups of Active Directory, by common name, account name or distinguished name."""
    everybody: bool = False
    """Also everybody of Active Directory, people and users, as long as they have no profile of their own."""


def networks_of(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks and single addresses, read; raises `ValueError` for what is neither."""
    return tuple(_network(text.strip()) for text in texts)


def _network(text: str) -> Network:
    found = ip_network(text, strict=False)
    if isinstance(found, IPv6Network) and (mapped := found.network_address.ipv4_mapped) and found.prefixlen >= _MAPPED_BITS:
        return IPv4Network((mapped, found.prefixlen - _MAPPED_BITS))
    return found


_MAPPED_BITS = 96
"""Of an IPv4 address written as an IPv6 one (::ffff:0:0/96, RFC 4291 2.5.5.2), those before it."""


def within(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an address lies in one of the networks; an IPv4 address may be written as an IPv6 one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return any(found.version == network.version and found in network for network in networks)


class Kind(StrEnum):
    """Where somebody who bound is known."""

    ANONYMOUS = "anonymous"
    USER = "user"
    """A user of this door."""
    PERSON = "person"
    """A person of this server."""
    DIRECTORY = "directory"
    """Somebody of Active Directory."""


class Identity(msgspec.Struct, frozen=True):
    """Who asks. `name` is what they bound as."""

    kind: Kind = Kind.ANONYMOUS
    id: str = ""
    name: str = ""
    groups: tuple[str, ...] = ()
    """Of somebody of Active Directory: every name of their groups, in small letters."""
    mark: str = ""
    """`Configuration.mark` of who bound, as it was when the password was found right."""


ANONYMOUS = Identity()


class Configuration(msgspec.Struct, frozen=True):
    """Everything that the door has to know besides the contacts; there are no secrets in it."""

    nodes: tuple[Node, ...] = (Node("meta"),)
    templates: tuple[Template, ...] = ()
    profiles: tuple[Profile, ...] = ()
    users: tuple[str, ...] = ()
    """Ids of the users of this door who may bind."""
    people: dict[str, tuple[str, ...]] = {}
    """The groups of everybody who may sign in, by id."""
    locations: tuple[tuple[str, dict[str, object]], ...] = ()
    """As JSON (`numbers.convert`), the default one first."""
    marks: dict[Kind, dict[str, str]] = {}
    """Of each password, by the id of its owner; what it is can neither be read nor be tried out from it."""

    def mark(self, kind: Kind, id: str) -> str:
        """Another one as soon as somebody's password is; "" for who has none here."""
        return self.marks.get(kind, {}).get(id, "")
