"""What a run works with, gathered once; the lanes' processes inherit it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from unisono.directory.model import Field
from unisono.directory.replicators.kinds import kind
from unisono.directory.replicators.lane import Lane, Taken
from unisono.directory.replicators.mapping import Mapper, ReadNumber, Rule
from unisono.directory.replicators.model import Layer, Mode, Replicator, Run
from unisono.directory.replicators.source import BadRow, Divisible, Part, Record, Source
from unisono.directory.segment import SegmentBuilder
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
        self._builder = None if self._job.dry else SegmentBuilder(self._job.replicator.book)
        self._lane = Lane(self._job.mapper, self._job.replicator.book, self._builder)

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
            "finish": self._finish,
        }

    def _take(self, items: list[dict[str, Any]]) -> Taken:
        return self._lane.take(map(_item, items))

    def _take_part(self, begin: int, end: int, line: int) -> Taken:
        assert isinstance(self._job.source, Divisible)
        return self._lane.take(self._job.source.read_part(Part(begin, end, line)))

    def _finish(self, path: str) -> tuple[int, str]:
        assert self._builder is not None
        return len(self._builder), self._builder.finish(Path(path))


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
