"""The events that could not be: counted by kind, the newest of each kind with their raw bytes. Bounded in every direction.

A PBX that has gone mad reports the same nonsense thousands of times. So what is kept is not a list of events but, for each
connector, of kinds of nonsense, each with its count and its last examples; a rare kind is not washed away by a frequent one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from unisono.calls.events import AnomaliesChanged
from unisono.calls.impossible import Impossible, Why
from unisono.calls.pbx_events import CallEvent
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault
from unisono.kernel.log import Log

log = Log("calls")

MOST_KINDS: Final = 50
"""Kinds kept of one connector; then the one that was quiet longest is forgotten."""
MOST_EXAMPLES: Final = 5
"""Examples of one kind, the newest."""
MOST_RAW: Final = 16_384
"""Bytes of one example; it is cut behind them."""
_TELL_SECONDS: Final = 1.0
_WRITE_EVERY: Final = 10
"""Every so many tells what changed is written: a storm of events must not become a storm of writes."""

Key = tuple[str, Why, str]
"""Connector, reason, and the event's name."""


@dataclass(frozen=True, slots=True)
class Example:
    """One event that could not be. `size` is the length of what arrived, also where `raw` was cut."""

    at: datetime
    found: Impossible
    raw: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One kind of impossible event of one connector; `examples` are its newest, oldest first."""

    connector: str
    why: Why
    event: str
    count: int
    first: datetime
    last: datetime
    examples: tuple[Example, ...]

    @property
    def key(self) -> Key:
        return self.connector, self.why, self.event


class Store(Protocol):
    """Where anomalies outlive the server: `calls.store.AnomalyStore`."""

    async def load(self) -> list[Anomaly]:
        """Everything stored."""
        ...

    async def write(self, anomalies: Iterable[Anomaly], gone: Iterable[Key]) -> None:
        """Store these in place of what was there; forget those."""
        ...


class Anomalies:
    """Takes note at once; tells that something changed at most once a second, and writes every ten."""

    def __init__(self, bus: Bus, clock: Clock, store: Store) -> None:
        self._bus = bus
        self._clock = clock
        self._store = store
        self._kinds: dict[str, dict[Key, Anomaly]] = {}
        self._told: dict[str, int] = {}
        self._untold: set[str] = set()
        self._unwritten: set[Key] = set()

    async def load(self) -> None:
        """Read what was stored."""
        for anomaly in await self._store.load():
            self._kinds.setdefault(anomaly.connector, {})[anomaly.key] = anomaly
        self._told = {connector: self.count(connector) for connector in self._kinds}

    def note(self, event: CallEvent, found: Impossible) -> None:
        """Count an event that cannot be, and keep its bytes."""
        head = event.head
        example = Example(self._clock.now(), found, head.raw[:MOST_RAW], len(head.raw))
        key = (head.connector, found.why, type(event).__name__)
        kinds = self._kinds.setdefault(head.connector, {})
        old = kinds.get(key)
        if old is None:
            kinds[key] = Anomaly(*key, 1, example.at, example.at, (example,))
            self._make_room(kinds)
        else:
            examples = (*old.examples, example)[-MOST_EXAMPLES:]
            kinds[key] = replace(old, count=old.count + 1, last=example.at, examples=examples)
        self._changed(key)

    def of(self, connector: str) -> list[Anomaly]:
        """What could not be on one connector, the latest first."""
        return sorted(self._kinds.get(connector, {}).values(), key=lambda anomaly: anomaly.last, reverse=True)

    def count(self, connector: str) -> int:
        """How many events of one connector could not be."""
        return sum(anomaly.count for anomaly in self._kinds.get(connector, {}).values())

    def told(self, connector: str) -> int:
        """The same as of the last fact: what is kept up to date by facts shows this."""
        return self._told.get(connector, 0)

    def total(self) -> int:
        """How many events could not be."""
        return sum(self.count(connector) for connector in self._kinds)

    async def clear(self, connector: str) -> None:
        """Forget what could not be on one connector."""
        for key in self._kinds.pop(connector, {}):
            self._changed(key)
        await self.flush()

    async def run(self) -> None:
        """Tell and write what changed; ends only by cancellation."""
        turn = 0
        while True:
            await self._clock.sleep(_TELL_SECONDS)
            turn += 1
            untold, self._untold = self._untold, set()
            for connector in sorted(untold):
                self._told[connector] = self.count(connector)
                self._bus.publish(AnomaliesChanged(connector))
            if turn % _WRITE_EVERY == 0:
                await self.flush()

    async def flush(self) -> None:
        """Write now what changed; what cannot be written stays for the next time."""
        if not self._unwritten:
            return
        keys, self._unwritten = self._unwritten, set()
        there = {key: self._kinds.get(key[0], {}).get(key) for key in keys}
        try:
            await self._store.write(
                [anomaly for anomaly in there.values() if anomaly is not None],
                [key for key, anomaly in there.items() if anomaly is None],
            )
        except BaseException as error:
            self._unwritten |= keys
            if not isinstance(error, Fault):
                raise
            log.warning("anomalies not written", code=error.code)

    def _make_room(self, kinds: dict[Key, Anomaly]) -> None:
        if len(kinds) > MOST_KINDS:
            quiet = min(kinds.values(), key=lambda anomaly: anomaly.last)
            del kinds[quiet.key]
            self._changed(quiet.key)

    def _changed(self, key: Key) -> None:
        self._untold.add(key[0])
        self._unwritten.add(key)
