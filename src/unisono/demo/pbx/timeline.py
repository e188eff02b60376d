"""The switch's clock: it stands still until it is wound, and what was planned happens in order."""

import heapq
from collections.abc import Callable


class Timer:
    """Something planned; `cancel` takes it back."""

    __slots__ = ("_action", "due")

    def __init__(self, due: float, action: Callable[[], None]) -> None:
        self.due = due
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Take it back; harmless when it has happened."""
        self._action = None

    @property
    def pending(self) -> bool:
        """Whether it is still to come."""
        return self._action is not None

    def fire(self) -> None:
        """Do it, once."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Timeline:
    """Time in seconds from zero."""

    def __init__(self) -> None:
        self.now = 0.0
        self._planned: list[tuple[float, int, Timer]] = []
        self._count = 0

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Plan `action`; zero seconds means before time goes on, but not now."""
        timer = Timer(self.now + max(0.0, seconds), action)
        self._count += 1
        heapq.heappush(self._planned, (timer.due, self._count, timer))
        return timer

    def next_due(self) -> float | None:
        """When the next thing is to happen."""
        while self._planned and not self._planned[0][2].pending:
            heapq.heappop(self._planned)
        return self._planned[0][0] if self._planned else None

    def advance(self, to: float) -> None:
        """Let time go on and everything due happen; never backwards."""
        while (due := self.next_due()) is not None and due <= to:
            self.now = max(self.now, due)
            heapq.heappop(self._planned)[2].fire()
        self.now = max(self.now, to)
