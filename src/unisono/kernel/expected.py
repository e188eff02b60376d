"""What somebody who saves has seen of it (RFC 9110 8.8.3, 13.1): on top of something else nothing is saved.

Whoever writes checks it in the transaction that writes: of two saves at the same moment, on whatever servers, the second one
meets what the first one has stored.
"""

from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from unisono.kernel.errors import NotFound, Outdated


def tag(value: object) -> str:
    """The entity tag of a value: another one whenever something else is stored. Leave out secrets: tags are shown."""
    said = msgspec.json.encode(value, order="deterministic")
    return f'"{blake2b(said, digest_size=16).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be stored: a value with one of these `tags` (None: any). `there`: one at all; False: none; None: either."""

    tags: frozenset[str] | None = None
    there: bool | None = None

    def check(self, stored: object | None) -> None:
        """Whether this is expected; None: nothing is stored. Raises `Outdated`, `NotFound`."""
        if stored is None:
            if self.there:
                message = "There is no such thing (any more), and nothing was saved. To make it, send If-None-Match: *."
                raise NotFound("removed-meanwhile", message)
        elif self.there is False:
            raise Outdated("there-already", "There is something with this id already, and it stays. Look, or take another id.")
        elif self.tags is not None and tag(stored) not in self.tags:
            message = "Somebody else has changed this since it was read, and it stays so. Read it again, and do it once more."
            raise Outdated("changed-since", message)


ANYTHING = Expected()
"""Whatever is stored, or nothing."""
