"""Which records a book has and a run has met, by fingerprints: 20 bytes a record, so that a million fit into little. Pure."""

from array import array
from enum import IntEnum
from itertools import compress

_STORED = 1 << 31
"""The book has it."""
_CLAIMED = 1 << 30
"""What counts of it has been found: in this run, or in a layer looked at before."""
_GONE = 1 << 29
_LINE = _GONE - 1
"""Where this run met it first; 0: not yet."""
_LEAST = 1 << 12


class Verdict(IntEnum):
    """What a record is to the book."""

    NEW = 0
    CHANGED = 1
    SAME = 2
    TWICE = 3
    """Its key was met before in this run."""


class Ledger:
    """A hash table with open addressing, of numbers alone. Keys are never 0."""

    def __init__(self, records: int = 0) -> None:
        size = _LEAST
        while size * 2 < records * 3:
            size *= 2
        self._allocate(size)
        self.stored = 0
        """Records that the book has."""
        self.met = 0
        """Of those, the ones this run has met again."""

    def _allocate(self, size: int) -> None:
        self._mask = size - 1
        self._keys = array("Q", bytes(8 * size))
        self._marks = array("Q", bytes(8 * size))
        self._states = array("I", bytes(4 * size))
        self._used = 0

    def _find(self, key: int) -> int:
        keys, mask = self._keys, self._mask
        at = key & mask
        while keys[at] != key and keys[at]:
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        if self._used * 3 < len(self._keys) * 2:
            return
        old = zip(*[compress(each, self._keys) for each in (self._keys, self._marks, self._states)], strict=True)
        self._allocate(2 * len(self._keys))
        keys, marks, states, mask = self._keys, self._marks, self._states, self._mask
        for key, mark, state in old:
            at = key & mask
            while keys[at]:
                at = (at + 1) & mask
            keys[at], marks[at], states[at] = key, mark, state
            self._used += 1

    def store(self, key: int, mark: int) -> None:
        """The book has this record, with this fingerprint of its content; a later layer wins."""
        at = self._find(key)
        self.stored += not self._states[at] & _STORED
        if not self._keys[at]:
            self._used += 1
        self._keys[at], self._marks[at], self._states[at] = key, mark, _STORED
        self._grow()

    def forget(self, key: int) -> None:
        """A later layer took this record away."""
        at = self._find(key)
        if self._states[at] & _STORED:
            self.stored -= 1
            self._states[at] = 0

    def meet(self, key: int, mark: int, line: int) -> Verdict:
        """The run met a record; `line` at least 1."""
        at = self._find(key)
        state = self._states[at]
        if state & _LINE:
            return Verdict.TWICE
        state |= min(line, _LINE)
        same = state & _STORED and self._marks[at] == mark
        self._states[at] = state if same else state | _CLAIMED
        self._marks[at] = mark
        if not self._keys[at]:
            self._keys[at] = key
            self._used += 1
            self._grow()
        if not state & _STORED:
            return Verdict.NEW
        self.met += 1
        return Verdict.SAME if same else Verdict.CHANGED

    def first(self, key: int) -> tuple[int, int]:
        """Where in this run a key was met first, and the fingerprint of the content there."""
        at = self._find(key)
        return self._states[at] & _LINE, self._marks[at]

    def keep(self, key: int) -> None:
        """What the run met cannot be taken: a layer that has the record still counts, as if it had not been met."""
        self._states[self._find(key)] &= ~_CLAIMED

    def take_away(self, key: int) -> bool:
        """The source says that this record is no more; whether the book has it."""
        at = self._find(key)
        state = self._states[at]
        if not state & _STORED or state & _GONE:
            return False
        self._states[at] |= _GONE
        return True

    def claim(self, key: int) -> bool:
        """Whether a record of an old layer still counts; ask the newest layer first, for only the first one does."""
        at = self._find(key)
        state = self._states[at]
        self._states[at] |= _CLAIMED
        return state & (_STORED | _CLAIMED | _GONE) == _STORED

    def take_unmet(self) -> list[int]:
        """Take away the book's records that the run has not met; gives their keys."""
        found: list[int] = []
        for place, state in enumerate(self._states):
            if state & _STORED and not state & (_LINE | _GONE):
                self._states[place] = state | _GONE
                found.append(self._keys[place])
        return found
