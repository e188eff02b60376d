"""All calls of all PBXs at this moment, found by native identifier, by our identifier or by device.

`step` only reads it; `apply` takes over what a step changed. Every look-up and every change costs the same however many
calls there are.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from unisono.calls.impossible import Impossible
from unisono.calls.model import Call

CallKey = tuple[str, str]
"""Connector and native call identifier."""
Grave = tuple[str, str, str]
"""Connector, native call and device ("": the whole call) of something that was cleared before it was known."""

MOST_GRAVES = 10_000
MOST_ENDED = 20_000
"""Ended calls kept at most, whatever their age."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Which devices' own monitors still have part in a call (ECMA-269, device-type monitors)."""

    devices: frozenset[str] = frozenset()
    left: datetime | None = None
    """When the last of them left; None: there is one."""
    over: bool = False
    """The call's end was concluded, because nobody watches it. It may still be up, and be reported again."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one event changed. `anomalies`: what could not be; whatever they are about was left as it was."""

    changed: tuple[Call, ...] = ()
    anomalies: tuple[Impossible, ...] = ()
    aliases: tuple[tuple[CallKey, str], ...] = ()
    """Native identifiers and the call (our identifier) that they mean from now on."""
    graves: tuple[tuple[Grave, datetime], ...] = ()
    """What was cleared before anything else was heard of it, and when."""
    watches: tuple[tuple[str, Watch], ...] = ()
    """Who watches a call (our identifier) from now on."""


class Picture:
    """The calls that are up and those that ended lately."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._native: dict[CallKey, str] = {}
        self._names: dict[str, list[CallKey]] = {}
        self._live: dict[str, dict[str, None]] = {}
        self._devices: dict[CallKey, dict[str, None]] = {}
        self._ended: OrderedDict[str, datetime] = OrderedDict()
        self._graves: OrderedDict[Grave, datetime] = OrderedDict()
        self._watches: dict[str, Watch] = {}
        self._unwatched: dict[str, datetime] = {}

    def get(self, call_id: str) -> Call | None:
        """The call with our identifier."""
        return self._calls.get(call_id)

    def id_of(self, key: CallKey) -> str | None:
        """Our identifier of a native call, also by one of its former names."""
        return self._native.get(key)

    def by_native(self, connector: str, native: str) -> Call | None:
        """The last call that had this native identifier, up or ended lately."""
        found = self._native.get((connector, native))
        return None if found is None else self._calls.get(found)

    def of_device(self, connector: str, device: str) -> tuple[Call, ...]:
        """The calls in which this device has a live connection, oldest first."""
        return tuple(self._calls[i] for i in self._devices.get((connector, device), ()))

    def live(self, connector: str | None = None) -> Iterator[Call]:
        """The calls that are up, of one connector or of all."""
        for name in list(self._live) if connector is None else [connector]:
            for call_id in list(self._live.get(name, ())):
                yield self._calls[call_id]

    def ended(self) -> Iterator[Call]:
        """The calls that ended lately, oldest first."""
        return (self._calls[i] for i in list(self._ended))

    def grave(self, grave: Grave) -> datetime | None:
        """When this was cleared, if that was heard before anything else of it."""
        return self._graves.get(grave)

    def watch(self, call_id: str) -> Watch | None:
        """Who watches a call; None: the PBX has one stream for all, or no monitor has reported yet."""
        return self._watches.get(call_id)

    def unwatched(self, since: datetime) -> list[tuple[Call, datetime]]:
        """The calls that are up as far as known, but that nobody has watched since this moment or longer; and since when."""
        return [(self._calls[i], left) for i, left in self._unwatched.items() if left <= since]

    def __len__(self) -> int:
        return sum(len(ids) for ids in self._live.values())

    def apply(self, step: Step) -> None:
        """Take over what a step changed."""
        for call in step.changed:
            self.put(call)
        for key, call_id in step.aliases:
            self._name(key, call_id)
        for grave, at in step.graves:
            self._graves[grave] = at
            if len(self._graves) > MOST_GRAVES:
                self._graves.popitem(last=False)
        for call_id, watch in step.watches:
            self._watch(call_id, watch)

    def put(self, call: Call) -> None:
        """Add a call or its newer version."""
        before = self._calls.get(call.id)
        self._calls[call.id] = call
        if before is None or before.native != call.native:
            self._name((call.connector, call.native), call.id)
        self._index_devices(before, call)
        if call.live:
            self._live.setdefault(call.connector, {})[call.id] = None
            return
        self._live.get(call.connector, {}).pop(call.id, None)
        watch = self._watches.get(call.id)
        if watch is not None and not watch.over:
            del self._watches[call.id]
            self._unwatched.pop(call.id, None)
        if call.ended is not None and call.id not in self._ended:
            self._ended[call.id] = call.ended
            if len(self._ended) > MOST_ENDED:
                self._drop(next(iter(self._ended)))

    def forget(self, before: datetime) -> int:
        """Drop calls that ended before this moment, and what was cleared before it; return how many calls."""
        count = 0
        while self._ended and next(iter(self._ended.values())) < before:
            self._drop(next(iter(self._ended)))
            count += 1
        while self._graves and next(iter(self._graves.values())) < before:
            self._graves.popitem(last=False)
        return count

    def _name(self, key: CallKey, call_id: str) -> None:
        if self._native.get(key) != call_id:
            self._native[key] = call_id
            self._names.setdefault(call_id, []).append(key)

    def _watch(self, call_id: str, watch: Watch) -> None:
        self._watches[call_id] = watch
        if watch.left is None or watch.over:
            self._unwatched.pop(call_id, None)
        else:
            self._unwatched[call_id] = watch.left

    def _index_devices(self, before: Call | None, call: Call) -> None:
        old = set() if before is None else _devices(before)
        new = _devices(call)
        for device in old - new:
            key = (call.connector, device)
            ids = self._devices[key]
            del ids[call.id]
            if not ids:
                del self._devices[key]
        for device in new - old:
            self._devices.setdefault((call.connector, device), {})[call.id] = None

    def _drop(self, call_id: str) -> None:
        del self._ended[call_id]
        del self._calls[call_id]
        self._watches.pop(call_id, None)
        for key in self._names.pop(call_id, ()):
            if self._native.get(key) == call_id:
                del self._native[key]


def _devices(call: Call) -> set[str]:
    return {leg.id.device for leg in call.connections if leg.live} if call.live else set()
