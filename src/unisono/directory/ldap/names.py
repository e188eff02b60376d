"""What nodes of the LDAP door are called: a book of the same name would not be found under another node."""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from unisono.directory.ldap.model import Node
from unisono.directory.ldap.store import Items
from unisono.storage import Database
from unisono.wire.ldap.dn import Ava, Dn, Key


def hides(upper: Node, lower: Node, book: str) -> bool:
    """Whether one node stands where another one would show the book of this id. Pure."""
    if upper.books is not None and book not in upper.books:
        return False
    name = _key(lower.suffix)
    return name[1:] == _key(upper.suffix) and name[0] == (Ava("ou", book).key,)


async def hidden_by(database: Database) -> Callable[[str], bool]:
    """Whether there are nodes of which one hides the book of this id under another one."""
    nodes = [msgspec.convert(data, Node) for kind, data in await Items(database).read() if kind == "node"]
    return lambda book: any(hides(upper, lower, book) for upper in nodes for lower in nodes)


@lru_cache
def _key(suffix: str) -> Key:
    return Dn.parse(suffix).key
