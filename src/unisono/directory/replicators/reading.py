"""Reads a source through several hands at once, and judges its records in the order of the source."""

import asyncio
from array import array
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import suppress
from itertools import islice

from unisono.directory.replicators.hands import Hand
from unisono.directory.replicators.lane import Settled, Taken
from unisono.directory.replicators.ledger import Ledger, Verdict
from unisono.directory.replicators.source import Divisible, Gone, Item, Mark, Record, Source
from unisono.directory.runs.model import BadRow
from unisono.kernel.tasks import together

_RECORDS = 2_000
"""Records given to a hand at once, where the source cannot be cut into parts."""

Piece = tuple[str, tuple[object, ...]]
"""What a hand is asked: a name and arguments."""
Keep = Callable[[Settled], Awaitable[None]]


class Reading:
    """One pass over a source. `keep` is given what became of each part."""

    def __init__(self, source: Source, since: str | None, ledger: Ledger, keep: Keep) -> None:
        self._source = source
        self._since = since
        self._ledger = ledger
        self._keep = keep
        self._getting = asyncio.Lock()
        self._turns = asyncio.Condition()
        self._turn = self._given = 0
        self._records = 0
        self.cursor = ""
        """The last mark the source gave."""
        self.gone: list[str] = []
        """Keys of records that are no more, as the source says (and the book has them)."""
        self.share = 0.0
        """How much of the source was read, where that can be told."""

    async def run(self, hands: Sequence[Hand]) -> None:
        """Read everything; raises what the source or a hand raises."""
        divisible = self._source if self._since is None and isinstance(self._source, Divisible) else None
        pieces = self._parts(divisible) if divisible is not None else self._batches()
        try:
            await together(*(self._work(hand, pieces) for hand in hands))
        finally:
            with suppress(ValueError):  # it is being asked in a thread, and ends with this process
                pieces.close()

    async def _work(self, hand: Hand, pieces: Generator[Piece]) -> None:
        while True:
            async with self._getting:
                piece = await asyncio.to_thread(next, pieces, None)
                place = self._given
                self._given += 1
            if piece is None:
                return
            await self._keep(await self._read(hand, place, *piece))

    async def _read(self, hand: Hand, place: int, name: str, args: tuple[object, ...]) -> Settled:
        taken = await hand.call(name, *args, type=Taken)
        async with self._turns:
            await self._turns.wait_for(lambda: self._turn == place)
            verdicts, first = await self._judge(hand, taken)
            self._turn += 1
            self._turns.notify_all()
        return await hand.call("settle", verdicts, first, type=Settled)

    def _parts(self, source: Divisible) -> Generator[Piece]:
        for part in source.parts():
            self.share = part.end / source.size
            yield "take_part", (part.begin, part.end, part.line)

    def _batches(self) -> Generator[Piece]:
        items = self._source.read(self._since)
        try:
            while batch := list(islice(items, _RECORDS)):
                taken = [item for item in batch if self._takes(item)]
                if taken:
                    yield "take", (taken,)
        finally:
            if isinstance(items, Generator):
                items.close()

    def _takes(self, item: Item) -> bool:
        """Whether it is for a hand; marks and what is gone are noted here."""
        match item:
            case Record():
                self._records += 1
                item.line = item.line or self._records
                return True
            case BadRow():
                return True
            case Gone():
                self.gone.append(item.key)
            case Mark():
                self.cursor = item.cursor
        return False

    async def _judge(self, hand: Hand, taken: Taken) -> tuple[bytes, list[int]]:
        keys, marks, lines = array("Q", taken.keys), array("Q", taken.marks), array("I", taken.lines)
        meet = self._ledger.meet
        verdicts = bytearray(len(keys))
        for place, key in enumerate(keys):
            verdicts[place] = meet(key, marks[place], lines[place])
        again = [place for place in range(len(keys)) if self._only_the_key(taken, verdicts, keys, marks, place)]
        while again:
            for place, key in zip(again, array("Q", await hand.call("rename", again, type=bytes)), strict=True):
                keys[place] = key
                verdicts[place] = meet(key, marks[place], lines[place])
            again = [place for place in again if self._only_the_key(taken, verdicts, keys, marks, place)]
        first = [self._ledger.first(key)[0] for key, verdict in zip(keys, verdicts, strict=True) if verdict == Verdict.TWICE]
        return bytes(verdicts), first

    def _only_the_key(
        self, taken: Taken, verdicts: bytearray, keys: "array[int]", marks: "array[int]", place: int
    ) -> bool:
        """Whether a record came twice only by the key made for it: who it is, but not what else is known of them."""
        if verdicts[place] != Verdict.TWICE or not taken.made[place]:
            return False
        return self._ledger.first(keys[place])[1] != marks[place]
