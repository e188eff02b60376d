"""What a run works with, gathered once; the lanes' processes inherit it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from unisono.directory.manifest import RUNS, segment_name
from unisono.directory.model import Contact, Field
from unisono.directory.replicators.kinds import kind
from unisono.directory.replicators.lane import Lane, Taken
from unisono.directory.replicators.mapping import Mapper, ReadNumber, Rule, contact_id
from unisono.directory.replicators.model import Imports, Layer, Replicator
from unisono.directory.replicators.source import Divisible, Part, Record, Source
from unisono.directory.runs.model import BadRow, Mode, Run
from unisono.directory.segment import Segment, SegmentBuilder, SegmentDamaged
from unisono.directory.segment.merge import merge
from unisono.kernel.settings import parse
from unisono.numbers import Location
from unisono.numbers.normalise import stored_text


@dataclass(frozen=True)
class Job:
    """A run with what it reads and writes."""

    replicator: Replicator
    run: Run
    home: Location
    """Whose way of writing the numbers have, where a record says no country."""
    folder: Path
    """Where segments are written."""
    layers: tuple[Layer, ...] = ()
    """What the book consists of."""
    edition: int = 0
    imports: Imports | None = None
    """What the book's source becomes with the contacts; `replicator` is that already."""
    otherwise: bool = False
    """Whether the same records become other contacts now than those that the layers were made of."""

    @property
    def runs(self) -> Path:
        """Where the hands leave contacts that are not merged yet."""
        return runs_of(self.folder, self.run.id)

    @property
    def dry(self) -> bool:
        """Whether nothing is written."""
        return self.run.mode is Mode.DRY

    @cached_property
    def source(self) -> Source:
        """The source, opened."""
        found = kind(self.replicator.kind)
        return found.open(parse(self.replicator.settings, found.settings))

    @cached_property
    def mapper(self) -> Mapper:
        """The mapping, ready to be applied. Raises `Invalid`."""
        rules = self.replicator.mapping
        if self.replicator.link and all(rule.field != Field.DIRECT_LINK for rule in rules):
            rules = (*rules, Rule(Field.DIRECT_LINK.value, self.replicator.link))
        return Mapper(rules, reader(self.home))

    def last_good(self, key: str) -> Contact | None:
        """The contact of a record as the book has it; None if its index is not here (any more)."""
        id = contact_id(self.replicator.book, key)
        for segment in self._segments:
            ordinal = segment.find(id)
            if ordinal is not None:
                return segment.contact(ordinal)
        return None

    @cached_property
    def _segments(self) -> Sequence[Segment]:
        """Those of the book's layers that are here, the newest first."""
        found = []
        for layer in reversed(self.layers):
            with suppress(SegmentDamaged):
                found.append(Segment.open(self.folder / segment_name(layer.book, layer.id, layer.digest), verify=True))
        return found

    def prepare(self) -> None:
        """Find out what every hand needs to know, before they are forked. Raises `Fault`."""
        self.runs.mkdir(mode=0o700, exist_ok=True)
        if self.run.mode is not Mode.REMAKE and self.mapper and isinstance(self.source, Divisible):
            self.source.columns()

    def calls(self) -> dict[str, Callable[..., object]]:
        """What can be asked of a hand in this job."""
        return Work(self).calls()


class Work:
    """One hand's part of a job."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._builder: SegmentBuilder | None = None
        self.begin()

    def begin(self) -> None:
        """Begin a layer."""
        book = self._job.replicator.book
        self._builder = None if self._job.dry else SegmentBuilder(book, folder=self._job.runs)
        self._lane = Lane(self._job.mapper, self._job.replicator.book, self._builder, self._job.last_good)

    def calls(self) -> dict[str, Callable[..., object]]:
        """What can be asked, by name."""
        return {
            "begin": self.begin,
            "take": self._take,
            "take_part": self._take_part,
            "rename": lambda places: self._lane.rename(places),
            "settle": lambda verdicts, first: self._lane.settle(verdicts, first),
            "adopt": lambda *page: self._lane.adopt(*page),
            "rest": lambda: self._lane.rest(),
            "leave": self._leave,
            "merge": self._merge,
        }

    def _take(self, items: list[dict[str, Any]]) -> Taken:
        return self._lane.take(map(_item, items))

    def _take_part(self, begin: int, end: int, line: int) -> Taken:
        assert isinstance(self._job.source, Divisible)
        return self._lane.take(self._job.source.read_part(Part(begin, end, line)))

    def _leave(self) -> tuple[int, list[str]]:
        """How many contacts were made here, and the files in which they lie."""
        assert self._builder is not None
        return len(self._builder), [str(path) for path in self._builder.leave()]

    def _merge(self, runs: list[str], path: str) -> str:
        """Make one segment of what all hands have left; its digest."""
        self.begin()
        return merge([Segment.open(Path(run)) for run in runs], Path(path), self._job.replicator.book)


def runs_of(folder: Path, run: str) -> Path:
    """Where a run leaves contacts that are not merged yet."""
    return folder / f"{run}{RUNS}"


def _item(sent: dict[str, Any]) -> Record | BadRow:
    return msgspec.convert(sent, Record) if "key" in sent else msgspec.convert(sent, BadRow)


def reader(home: Location) -> ReadNumber:
    """Reads numbers as they are written at a location, or as people of another country write them."""

    @lru_cache(maxsize=300)
    def of(region: str) -> Location:
        return Location.simple(region, region)

    def read(raw: str, region: str) -> str:
        location = home if region in ("", home.country) else of(region)
        return stored_text(raw, location)

    return read
