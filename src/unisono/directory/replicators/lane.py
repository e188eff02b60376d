"""From records to what a layer is made of: fingerprints first, then contacts of those that are new or changed. Pure.

Several lanes may work side by side, each in a process of its own, on parts of one source. Which records are new only the run
knows, so each part goes back and forth: `take` gives fingerprints, the run judges them (`ledger.py`), `settle` does the rest.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from unisono.directory.model import Contact
from unisono.directory.replicators.ledger import Verdict
from unisono.directory.replicators.mapping import Draft, Mapper, digest
from unisono.directory.replicators.pages import PageWriter, Shapes, key_print, read_marks, read_page
from unisono.directory.replicators.source import Record, Value, Values
from unisono.directory.runs.model import BadRow, Change

MOST_BAD = 1_000
"""Bad rows that a report lists; further ones are counted."""
MOST_CHANGES = 50
"""Examples of each kind that a report shows."""
_SHOWN = 200
"""Characters of a value in a report."""
_TAKEN_BACK = frozenset({"private", "nothing-findable"})
"""What a record may become so that its contact goes; with any other fault the contact stays as it was."""
TOLD = 2
"""For `Lane.adopt`: a record that counts, and of which the run has told already that it cannot be taken as it is now."""


class Taken(msgspec.Struct):
    """The records of a part: fingerprints of key and content, line, and whether the key was made here, of each."""

    keys: bytes
    marks: bytes
    lines: bytes
    made: bytes


class Settled(msgspec.Struct):
    """What became of a part. `gone`: keys of contacts that their records no longer allow; `pages`: (marks, data).

    `stays`: fingerprints of the keys of contacts that stay as they were, because their records cannot be taken now.
    """

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    odd_numbers: int = 0
    gone: list[str] = []
    stays: list[int] = []
    pages: list[tuple[bytes, bytes]] = []
    bad: list[BadRow] = []
    odd: list[BadRow] = []
    """Numbers and addresses that cannot be read, or numbers that share a text; the contact is taken all the same."""
    new: list[Change] = []
    """Examples of what was added, with the record's values."""
    altered: list[Change] = []
    """Examples of what was changed; the old values are for the run to look up."""


class _Waiting(msgspec.Struct, gc=False):
    record: Record
    key: str
    key_mark: int
    draft: Draft | None
    shape: tuple[str, ...]
    packed: bytes
    mark: int
    times: int = 1


class Builder(Protocol):
    """What takes the contacts of a layer."""

    def add(self, contact: Contact) -> None:
        """One more."""
        ...


class Lane:
    """One of the lanes of a run. `builder`: what makes the layer's segment; None where nothing is written (dry run).

    `last_good`: the contact that a stored record was before, by its key; None if nobody knows any more.
    """

    def __init__(
        self, mapper: Mapper, book: str, builder: Builder | None, last_good: Callable[[str], Contact | None] = lambda key: None
    ) -> None:
        self._last_good = last_good
        self._mapper = mapper
        self._columns = mapper.columns
        self._book = book
        self._builder = builder
        self._shapes = Shapes()
        self._page = PageWriter()
        self._waiting: list[_Waiting] = []
        self._settled = Settled()
        self._told_bad = self._told_odd = self._told_new = self._told_changed = 0

    def take(self, items: Iterable[Record | BadRow]) -> Taken:
        """Take the records of a part; `settle` has to follow."""
        self._settled = Settled()
        waiting = self._waiting = []
        keys, marks, lines, made = array("Q"), array("Q"), array("I"), bytearray()
        for item in items:
            self._settled.rows += 1
            if isinstance(item, BadRow):
                self._refuse(item)
                continue
            shape, packed, mark = self._shapes.packed(item.values)
            # How their UTF-8 begins: quicker to see than by the expression.
            if b"\0" in packed or b"\xe2" in packed or b"\xc2\xad" in packed or b"\xef\xbb" in packed:
                item = without_unseen(item)
                shape, packed, mark = self._shapes.packed(item.values)
            key = self._mapper.key(item)
            draft = None
            if not key:
                draft_or_bad = self._mapper.draft(item)
                if isinstance(draft_or_bad, BadRow):
                    self._refuse(draft_or_bad)
                    continue
                draft = draft_or_bad
                key = _made(draft, 1)
            if draft is not None:
                # Rows without a key that differ in nothing that counts are one: columns nobody reads do not count.
                mark = self._shapes.packed({n: v for n, v in item.values.items() if n in self._columns})[2]
            key_mark = key_print(key)
            waiting.append(_Waiting(item, key, key_mark, draft, shape, packed, mark))
            marks.append(mark)
            keys.append(key_mark)
            lines.append(item.line)
            made.append(draft is not None)
        return Taken(keys.tobytes(), marks.tobytes(), lines.tobytes(), bytes(made))

    def rename(self, places: Sequence[int]) -> bytes:
        """Give records whose made key others have the next one; gives the keys' fingerprints."""
        keys = array("Q")
        for place in places:
            waiting = self._waiting[place]
            assert waiting.draft is not None
            waiting.times += 1
            waiting.key = _made(waiting.draft, waiting.times)
            waiting.key_mark = key_print(waiting.key)
            keys.append(waiting.key_mark)
        return keys.tobytes()

    def settle(self, verdicts: bytes, first: Sequence[int]) -> Settled:
        """Make contacts of what is new or changed. `first`: for each record that came twice, in order, where it was before."""
        lines = iter(first)
        for waiting, verdict in zip(self._waiting, verdicts, strict=True):
            if verdict == Verdict.SAME:
                self._settled.unchanged += 1
            elif verdict == Verdict.TWICE:
                self._refuse(_twice(waiting, next(lines)))
            else:
                self._make(waiting, changed=verdict == Verdict.CHANGED)
        self._waiting = []
        return self._settled

    def adopt(self, marks: bytes, data: bytes, kept: bytes, keep_page: bool) -> Settled:
        """Make contacts of a stored page's records, of those that `kept` (a byte each) names; `keep_page`: store them again.

        A record that the mapping refuses now keeps its last good contact, and is stored again; it may be taken another time.
        """
        self._settled = Settled()
        for (key, values), (key_mark, mark), wanted in zip(read_page(data), read_marks(marks), kept, strict=True):
            if not wanted:
                continue
            record = Record(key, values)
            draft = self._mapper.draft(record)
            if isinstance(draft, BadRow):
                if wanted != TOLD:
                    self._refuse(BadRow(0, f"stored-{draft.code}", {"key": key[:200], **draft.data}))
                if draft.code in _TAKEN_BACK:
                    continue
                contact = self._last_good(key)
            else:
                self._settled.unchanged += 1
                contact = draft.contact(self._book, key)
            if contact is not None and self._builder is not None:
                self._builder.add(contact)
            if keep_page:
                shape, packed, _ = self._shapes.packed(values)
                self._store(key, key_mark, mark, shape, packed)
        return self._settled

    def rest(self) -> list[tuple[bytes, bytes]]:
        """The last page, which is not full."""
        return [self._page.take()] if len(self._page) else []

    def _make(self, waiting: _Waiting, *, changed: bool) -> None:
        draft = waiting.draft or self._mapper.draft(waiting.record)
        if isinstance(draft, BadRow):
            self._refuse(draft)
            if changed and draft.code in _TAKEN_BACK:
                self._settled.gone.append(waiting.key)
            elif changed:
                self._settled.stays.append(waiting.key_mark)
            return
        contact = draft.contact(self._book, waiting.key)
        if draft.odd:
            self._tell_odd(draft.odd)
        if changed:
            self._settled.changed += 1
        else:
            self._settled.added += 1
        self._tell(waiting, contact.name, changed=changed)
        if self._builder is not None:
            self._builder.add(contact)
            self._store(waiting.key, waiting.key_mark, waiting.mark, waiting.shape, waiting.packed)

    def _store(self, key: str, key_mark: int, mark: int, shape: tuple[str, ...], packed: bytes) -> None:
        self._page.add(key, key_mark, mark, shape, packed)
        if self._page.full:
            self._settled.pages.append(self._page.take())

    def _refuse(self, bad: BadRow) -> None:
        self._settled.failed += 1
        if self._told_bad < MOST_BAD:
            self._told_bad += 1
            self._settled.bad.append(bad)

    def _tell_odd(self, odd: Sequence[BadRow]) -> None:
        self._settled.odd_numbers += len(odd)
        some = odd[: max(0, MOST_BAD - self._told_odd)]
        self._told_odd += len(some)
        self._settled.odd += some

    def _tell(self, waiting: _Waiting, name: str, *, changed: bool) -> None:
        told = self._told_changed if changed else self._told_new
        if told >= MOST_CHANGES:
            return
        change = Change(waiting.key, name, new=as_shown(waiting.record.values))
        if changed:
            self._told_changed += 1
            self._settled.altered.append(change)
        else:
            self._told_new += 1
            self._settled.new.append(change)


def without_unseen(record: Record) -> Record:
    """The same record, without signs that nobody sees: NUL, which no database takes, and what turns the direction of a text or
    breaks it nowhere, by which a name that was copied from a window is another one than it looks. Joiners of letters stay."""
    if not _UNSEEN.search("".join((record.key, *map(_joined, record.values.values())))):
        return record
    values = {name: _without(value) for name, value in record.values.items()}
    return Record(record.key.replace("\0", ""), values, record.line)


_UNSEEN = re.compile("[\0\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def _without(value: Value) -> Value:
    return _UNSEEN.sub("", value) if isinstance(value, str) else tuple(_UNSEEN.sub("", text) for text in value)


def _joined(value: Value) -> str:
    return value if isinstance(value, str) else "".join(value)


def as_shown(values: Values) -> dict[str, str]:
    """A record's filled columns as a report shows them."""
    texts = ((name, as_text(value)) for name, value in values.items())
    return {name: text for name, text in texts if text}


def as_text(value: Value) -> str:
    """A column's value in one line."""
    text = value if isinstance(value, str) else "; ".join(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _made(draft: Draft, times: int) -> str:
    more = (str(times),) if times > 1 else ()
    return f"row-{digest(*draft.made_key, *more).hex()}"


def _twice(waiting: _Waiting, first: int) -> BadRow:
    if waiting.draft is not None:
        return BadRow(waiting.record.line, "row-twice", {"first": first})
    return BadRow(waiting.record.line, "key-twice", {"key": waiting.key[:200], "first": first})
