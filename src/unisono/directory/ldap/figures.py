"""What the door does, added up over its workers and their restarts, for administrators and for Prometheus. Pure."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import asdict

from unisono.directory.ldap.channel import Figures
from unisono.directory.ldap.times import Times

_MINUTE = 60.0
_LASTING = ("accepted", "refused", "cut", "searches", "unindexed", "binds", "unprotected", "cpu")
"""What only grows; the others are as they are now."""


@dataclass(frozen=True, slots=True)
class RefusedBind:
    """Somebody who was not let in. `code`: why; empty: name or password is wrong."""

    at: datetime
    name: str
    address: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class DoorCertificate:
    """What the door shows over TLS."""

    names: tuple[str, ...]
    until: datetime
    self_signed: bool


class Tally:
    """Adds the figures up that workers tell every few seconds."""

    def __init__(self) -> None:
        self.workers: dict[int, Figures] = {}
        """What each worker told last."""
        self._ended: dict[str, float] = dict.fromkeys(_LASTING, 0)
        self._answers: Counter[str] = Counter()
        self._times = Times()
        self._minute: deque[tuple[float, int]] = deque()

    def heard(self, worker: int, figures: Figures, now: float) -> None:
        """A worker told its figures; `now` in seconds of any clock that only goes forward."""
        self.workers[worker] = figures
        self._minute.append((now, self.total().searches))
        while self._minute[0][0] < now - _MINUTE:
            self._minute.popleft()

    def gone(self, worker: int) -> None:
        """A worker has ended; what it did counts on."""
        figures = asdict(self.workers.pop(worker, Figures()))
        for name in _LASTING:
            self._ended[name] += figures[name]
        self._answers.update(figures["answers"])
        self._times.add(figures["times"], figures["seconds"])

    def total(self) -> Figures:
        """All workers together; contacts are the same for all."""
        told = [asdict(figures) for figures in self.workers.values()]
        lasting = {name: self._ended[name] + sum(each[name] for each in told) for name in _LASTING}
        answers, times = Counter(self._answers), Times()
        times.add(self._times.counts, self._times.seconds)
        for each in told:
            answers.update(each["answers"])
            times.add(each["times"], each["seconds"])
        connections = sum(each["connections"] for each in told)
        contacts = max((each["contacts"] for each in told), default=0)
        return Figures(
            **lasting,
            connections=connections,
            contacts=contacts,
            answers=dict(answers),
            times=times.counts,
            seconds=times.seconds,
        )

    def searches_per_minute(self, now: float) -> int:
        """Searches of the last minute, less while the door is younger."""
        recent = [searches for at, searches in self._minute if at >= now - _MINUTE]
        return recent[-1] - recent[0] if recent else 0
