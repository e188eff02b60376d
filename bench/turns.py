"""Two works that take turns of the machine, so that whatever else happens on it meets both alike."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

_SECONDS = 2.0
"""Of a turn of the longest work; others have shares of it."""


@dataclass(frozen=True, slots=True)
class Work:
    """A command. `seconds`: about how long it takes, which says how its turns are to be divided over the other's time."""

    command: Sequence[str]
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Taken:
    """CPU seconds of a work and all its children, and the seconds of its turns."""

    cpu_s: float
    wall_s: float


def in_turns(works: Sequence[Work]) -> list[Taken]:
    """Do works; while one has its turn, the others stand still."""
    longest = max(work.seconds for work in works)
    started = [_Started(work.command, work.seconds / longest * _SECONDS) for work in works]
    try:
        while any(each.taken is None for each in started):
            for each in started:
                each.turn(alone=sum(one.taken is None for one in started) == 1)
    finally:
        for each in started:
            each.end()
    return [each.taken for each in started if each.taken is not None]


class _Started:
    def __init__(self, command: Sequence[str], seconds: float) -> None:
        self._command = command
        self._seconds = seconds
        self._wall = 0.0
        # A group of its own, to stop and to let go as a whole.
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        os.killpg(self._process.pid, signal.SIGSTOP)
        self._gone = os.pidfd_open(self._process.pid)
        self.taken: Taken | None = None

    def turn(self, *, alone: bool) -> None:
        """Its turn; to its end if nobody else waits for one."""
        if self.taken is not None:
            return
        begin = time.perf_counter()
        os.killpg(self._process.pid, signal.SIGCONT)
        ended = bool(select.select([self._gone], [], [], None if alone else self._seconds)[0])
        if not ended:
            os.killpg(self._process.pid, signal.SIGSTOP)
        self._wall += time.perf_counter() - begin
        if ended:
            os.close(self._gone)
            _, status, used = os.wait4(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
            if status:
                raise SystemExit(f"{self._command[0]} failed")
            self.taken = Taken(used.ru_utime + used.ru_stime, self._wall)

    def end(self) -> None:
        """Where another one failed, or somebody ended us: in a group of its own it would stand still for ever."""
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
