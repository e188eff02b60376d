"""What the server and the import process say to each other, as JSON lines."""

import msgspec

from unisono.directory.model import Contact
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Imports
from unisono.directory.replicators.source import Check
from unisono.directory.runs.model import BadRow
from unisono.directory.runs.process import Ended, Faulted, Place, Told


class RunOrder(msgspec.Struct, tag="run"):
    """Do a run that has been begun in the database.

    `agreed`: it asks nothing, whatever it changes. `as_made`: contacts are made anew as they were made before. `imports`: what
    is read instead of the source, and becomes the source with the contacts.
    """

    place: Place
    run: str
    agreed: bool = False
    as_made: bool = False
    imports: Imports | None = None


class LookOrder(msgspec.Struct, tag="look"):
    """Look at a source: test the connection, and with `rows` read so many of its first records through the mapping.

    No mapping: the suggested one.
    """

    place: Place
    kind: str
    settings: dict[str, object]
    mapping: tuple[Rule, ...] = ()
    location_id: str = ""
    rows: int = 0


class MapOrder(msgspec.Struct, tag="map"):
    """Apply a mapping to records that are at hand, as `Seen.values` shows them; no source is asked."""

    place: Place
    records: tuple[dict[str, str], ...]
    mapping: tuple[Rule, ...]
    location_id: str = ""


Order = RunOrder | LookOrder | MapOrder


class Seen(msgspec.Struct, frozen=True):
    """One of a source's first records: its columns as they are, and the contact it becomes, or why none."""

    values: dict[str, str]
    contact: Contact | None = None
    bad: BadRow | None = None


class SeenColumn(msgspec.Struct, frozen=True):
    """A column with some of its values."""

    name: str
    samples: tuple[str, ...]


class Looked(msgspec.Struct, tag="looked"):
    """What a look at a source saw."""

    check: Check
    columns: tuple[SeenColumn, ...] = ()
    mapping: tuple[Rule, ...] = ()
    """The mapping that was used."""
    suggested: tuple[Rule, ...] = ()
    rows: tuple[Seen, ...] = ()


class Mapped(msgspec.Struct, tag="mapped"):
    """What records at hand become; `texts`: of each, what every rule of the mapping gives."""

    rows: tuple[Seen, ...]
    texts: tuple[tuple[str, ...], ...]


Answer = Told | Ended | Looked | Mapped | Faulted
