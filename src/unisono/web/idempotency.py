"""The same command twice is done once: `Idempotency-Key` gives the first answer again, for 24 hours.

A second request that comes while the first is still at work waits for its answer. Answers that say "try again" (401, 429,
5xx) are not kept. Answers that hold a secret stay in memory only.
"""

import asyncio
import hashlib
from collections import OrderedDict
from datetime import timedelta

from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Invalid
from unisono.web.store import Answer, AnswerStore

KEEP = timedelta(hours=24)
KEY_MOST = 64
BODY_MOST = 256 * 1024
IN_MEMORY = 2_000
PURGE_SECONDS = 3600.0


def check_key(key: str) -> None:
    """Raise `Invalid` for a key that is not 1 to 64 printable characters."""
    if not 1 <= len(key) <= KEY_MOST or not key.isascii() or not key.isprintable():
        raise Invalid("idempotency-key", f"An Idempotency-Key has 1 to {KEY_MOST} printable ASCII characters.")


class Answers:
    """Remembers what was answered to whom for which key."""

    def __init__(self, store: AnswerStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._at_work: dict[tuple[str, str], asyncio.Future[Answer | None]] = {}
        self._recent: OrderedDict[tuple[str, str], tuple[bytes, Answer | None, float]] = OrderedDict()

    async def first(self, user_id: str, key: str, request: bytes) -> Answer | None:
        """The answer to give again; None: this is the first, and `done` must be called in the end, whatever happens.

        `request` is what the request consists of: the same key with another request is a `Conflict`.
        """
        at = (user_id, key)
        while at in self._at_work:
            self._compare(at, request)
            answer = await asyncio.shield(self._at_work[at])
            if answer is not None:
                return answer
        self._at_work[at] = asyncio.get_running_loop().create_future()
        try:
            answer = self._remembered(at, request)
            answer = answer or await self._store.get(user_id, key, self._clock.now() - KEEP)
        except BaseException:
            self._finish(at, None)
            raise
        if answer is not None:
            self._finish(at, answer)
            return answer
        self._remember(at, request, None)
        return None

    async def done(self, user_id: str, key: str, answer: Answer | None, *, secret: bool = False) -> None:
        """The first request was answered; None: with something that is not to be given again."""
        at = (user_id, key)
        try:
            keep = answer is not None and _final(answer.status) and len(answer.body) <= BODY_MOST
            if answer is not None and keep:
                request = self._recent[at][0] if at in self._recent else b""
                self._recent[at] = (request, answer, self._clock.monotonic())
                if not secret:
                    await self._store.put(user_id, key, self._clock.now(), answer)
                    # The database gives it again: thousands of long answers have no place in memory.
                    self._recent[at] = (request, None, self._clock.monotonic())
            else:
                self._recent.pop(at, None)
        finally:
            self._finish(at, answer if answer is not None and _final(answer.status) else None)

    async def run(self) -> None:
        """Throw away what is too old, once an hour. Ends by cancellation only."""
        while True:
            await self._store.purge(self._clock.now() - KEEP)
            await self._clock.sleep(PURGE_SECONDS)

    def _finish(self, at: tuple[str, str], answer: Answer | None) -> None:
        future = self._at_work.pop(at, None)
        if future is not None and not future.done():
            future.set_result(answer)

    def _remembered(self, at: tuple[str, str], request: bytes) -> Answer | None:
        self._compare(at, request)
        found = self._recent.get(at)
        if found and self._clock.monotonic() - found[2] < KEEP.total_seconds():
            return found[1]
        return None

    def _compare(self, at: tuple[str, str], request: bytes) -> None:
        found = self._recent.get(at)
        if found and found[0] and found[0] != _fingerprint(request):
            raise Conflict("idempotency-mismatch", "This Idempotency-Key was used for another request.")

    def _remember(self, at: tuple[str, str], request: bytes, answer: Answer | None) -> None:
        self._recent[at] = (_fingerprint(request), answer, self._clock.monotonic())
        while len(self._recent) > IN_MEMORY:
            self._recent.popitem(last=False)


def _fingerprint(request: bytes) -> bytes:
    # In memory only: a request may hold a password, whose plain hash must not reach the database.
    return hashlib.sha256(request).digest()


def _final(status: int) -> bool:
    return status < 500 and status not in (401, 429)
