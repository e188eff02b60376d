"""What nodes of the LDAP door are called, for who names a book: one of the same name would not be found under another node."""

from collections.abc import Callable

import msgspec

from unisono.directory.ldap.model import Node
from unisono.directory.ldap.store import Items
from unisono.storage import Database
from unisono.wire.ldap.dn import Ava, Dn


async def hidden_by(database: Database) -> Callable[[str], bool]:
    """Whether a node stands where another one would show the book of this id (`check.check_hides`)."""
    nodes = [msgspec.convert(data, Node) for kind, data in await Items(database).read() if kind == "node"]
    keys = {Dn.parse(node.suffix).key for node in nodes}
    names = {key[0] for key in keys if key[1:] in keys}
    return lambda book: (Ava("ou", book).key,) in names
