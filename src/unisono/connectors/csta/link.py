"""One connection to a PBX: frames, requests with their answers, time-outs, the trace. It knows nothing of calls.

Everything that arrives is handled in its order: an answer's `heard` runs before the next frame is looked at, so that what a
snapshot says is told before the events that followed it. Between two frames others have their turns: what the first one told
is under way to the windows when the second is read.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from unisono.connectors.csta import faults
from unisono.connectors.csta.faults import LinkFault
from unisono.connectors.trace import Trace
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault
from unisono.kernel.tasks import backoff, together, turns
from unisono.net import Stream
from unisono.wire.csta import (
    EVENT,
    CodecError,
    Edition,
    Envelope,
    Frame,
    FrameReader,
    Garbage,
    InvokeIds,
    Message,
    Request,
    Response,
    UnknownMessage,
    encode,
    frame,
    read,
)
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory

MOST_PENDING = 1_000
MOST_UNREADABLE = 100
"""Unreadable frames in a row after which the link is given up."""
TICK = 1.0
TURNS = 2
"""One in which those who follow calls take what a frame told, one in which they hand it on."""
PATIENCE = 10
"""How often an overloaded PBX is asked again."""

R = TypeVar("R", bound=Response)
_PASSWORD = re.compile(rb"(<(?:\w+:)?password\b[^>]*>)[^<]*")


class RequestFailed(Exception):
    """A request has got no positive answer: an error of the PBX, no answer in time, or one that cannot be read."""

    def __init__(self, error: CSTAErrorCode | None, why: str, *, late: bool = False) -> None:
        super().__init__(why)
        self.error = error
        self.why = why
        self.late = late
        """Whether no answer came in time."""

    @property
    def unsupported(self) -> bool:
        """Whether the PBX does not have this service at all."""
        return self.error is not None and self.error.value in ("serviceNotSupported", "invalidMsgID")

    @property
    def overload(self) -> bool:
        """Whether the PBX would answer the same request later."""
        return self.error is not None and (
            self.error.category is ErrorCategory.PERFORMANCE_MANAGEMENT
            or self.error.value in ("outstandingReqLimitExceeded", "resourceBusy", "internalResourceBusy")
        )


class Hearer(Protocol):
    """Who hears what the PBX says by itself; every method returns at once."""

    def heard(self, envelope: Envelope, invoke_id: str, raw: bytes) -> None:
        """A request or an event arrived."""
        ...

    def unreadable(self, why: str, raw: bytes) -> None:
        """Something arrived that is no message."""
        ...


@dataclass(slots=True, eq=False)
class _Pending:
    answer: "asyncio.Future[Response]"
    deadline: float
    heard: Callable[[Response], None] | None


class Link:
    """Requests and answers over one stream. `run` ends by raising a `Fault`; all that wait for answers then fail too."""

    def __init__(self, stream: Stream, clock: Clock, trace: Trace, hearer: Hearer, *, answer: float, silence: float) -> None:
        self.peer = stream.name
        self.edition = Edition.ED4
        self.namespace = ""
        """The namespace to write in when it is not the edition's own."""
        self.settled = False
        """Whether the edition has been negotiated; until then we answer in the one the peer uses."""
        self._stream = stream
        self._clock = clock
        self._trace = trace
        self._hearer = hearer
        self._answer = answer
        self._silence = silence
        self._ids = InvokeIds()
        self._pending: dict[str, _Pending] = {}
        self._reader = FrameReader()
        self._last_heard = clock.monotonic()
        self._asked_at: float | None = None
        self._unreadable = 0
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue(MOST_PENDING * 2)
        self._dead: Fault | None = None

    async def run(self, probe: Callable[[], None]) -> None:
        """Read, write and watch the time until the link fails; `probe` is called when it has been silent too long."""
        try:
            await together(self._read(), self._write(), self._watch(probe))
        except Fault as fault:
            self.fail(fault)
            raise

    def fail(self, fault: Fault) -> None:
        """Let everyone who waits for an answer fail."""
        self._dead = self._dead or fault
        pending, self._pending = self._pending, {}
        for one in pending.values():
            if not one.answer.done():
                one.answer.set_exception(self._dead)
                one.answer.exception()  # whoever awaited it may be gone already

    async def request(
        self, message: Request, kind: type[R], *, heard: Callable[[R], None] | None = None, seconds: float | None = None
    ) -> R:
        """Send a request and wait for its answer of class `kind`; `heard` runs the moment it arrives.

        Raises `RequestFailed` for a refusal or no answer in time, `LinkFault` when the link breaks.
        """
        if self._dead is not None:
            raise self._dead
        if len(self._pending) >= MOST_PENDING:
            raise RequestFailed(None, "Too many requests wait for their answers.")
        invoke_id = self._ids.next(self._pending)
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def arrived(response: Response) -> None:
            if heard is not None and isinstance(response, kind):
                heard(response)

        deadline = self._clock.monotonic() + (self._answer if seconds is None else seconds)
        self._pending[invoke_id] = _Pending(answer, deadline, arrived)
        try:
            self.send(message, invoke_id)
            response = await answer
        except CodecError as error:
            raise RequestFailed(None, error.why) from error
        finally:
            self._pending.pop(invoke_id, None)
        if isinstance(response, CSTAErrorCode):
            raise RequestFailed(response, str(response))
        if not isinstance(response, kind):
            raise RequestFailed(None, f"The PBX answered with {type(response).__name__}.")
        return response

    async def patiently(self, message: Request, kind: type[R], *, heard: Callable[[R], None] | None = None) -> R:
        """The same as `request`, but again and again, more slowly each time, while the PBX says that it is overloaded."""
        for attempt in range(PATIENCE):
            try:
                return await self.request(message, kind, heard=heard)
            except RequestFailed as failed:
                if not failed.overload:
                    raise
            await self._clock.sleep(backoff(attempt, first=0.25, most=5.0))
        return await self.request(message, kind, heard=heard)

    def send(self, message: Message, invoke_id: str = EVENT) -> None:
        """Put a message into the outbox; it is full only when the peer reads nothing, which ends the link."""
        try:
            self._outbox.put_nowait(self._framed(message, invoke_id))
        except asyncio.QueueFull:
            raise LinkFault("link-stalled", f"{self.peer} does not read what it is sent.") from None

    def _framed(self, message: Message, invoke_id: str) -> bytes:
        return frame(invoke_id, encode(message, self.edition, self.namespace))

    async def farewell(self, message: Request) -> None:
        """Send a last request behind everything else, when `run` has ended."""
        if self._dead is None:
            await self._stream.write(self._framed(message, self._ids.next(self._pending)), timeout=1.0)

    async def expected(self, key: str) -> None:
        """Wait until `came` is called with this key, as long as for an answer; raises like `request`."""
        if self._dead is not None:
            raise self._dead
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._pending[key] = _Pending(answer, self._clock.monotonic() + self._answer, None)
        try:
            await answer
        finally:
            self._pending.pop(key, None)

    def came(self, key: str) -> None:
        """What `expected` waits for is there."""
        self._answered(key, Response())

    def ask(self, message: Request) -> None:
        """Send a request whose answer does not matter, only that one comes."""
        self.send(message, self._ids.next(self._pending))

    async def _write(self) -> None:
        while True:
            data = await self._outbox.get()
            self._trace.add(self._clock.now(), mask(data), sent=True)
            await self._stream.write(data)

    async def _read(self) -> None:
        while data := await self._stream.read():
            self._last_heard = self._clock.monotonic()
            self._asked_at = None
            for count, item in enumerate(self._reader.feed(data)):
                if count:
                    await turns(TURNS)
                self._take(item)
        raise faults.closed(self.peer)

    def _take(self, item: Frame | Garbage) -> None:
        match item:
            case Garbage(why, data, intact):
                self._odd(why, data)
                if not intact:
                    raise faults.garbage(self.peer, why, data)
            case Frame(invoke_id, body):
                try:
                    envelope = read(body)
                except CodecError as error:
                    self._odd(error.why, body)
                    self._answered(invoke_id, CSTAErrorCode(ErrorCategory.UNSPECIFIED, "unreadable answer"))
                    return
                self._unreadable = 0
                self._trace.add(self._clock.now(), mask(_whole(item)), sent=False)
                if not self.settled and envelope.edition is not None:
                    self.edition, self.namespace = envelope.edition, envelope.namespace
                self._dispatch(envelope, invoke_id, body)

    def _dispatch(self, envelope: Envelope, invoke_id: str, body: bytes) -> None:
        match envelope.message:
            case Response() as response:
                self._answered(invoke_id, response)
            case UnknownMessage(name) if name.endswith("Response"):
                self._answered(invoke_id, CSTAErrorCode(ErrorCategory.UNSPECIFIED, f"unknown answer {name}"))
            case _:
                self._hearer.heard(envelope, invoke_id, body)

    def _odd(self, why: str, data: bytes) -> None:
        self._unreadable += 1
        self._trace.add(self._clock.now(), mask(data), sent=False, note=why)
        self._hearer.unreadable(why, data)
        if self._unreadable >= MOST_UNREADABLE:
            raise faults.garbage(self.peer, f"{self._unreadable} unreadable frames in a row.", data)

    def _answered(self, invoke_id: str, response: Response) -> None:
        pending = self._pending.pop(invoke_id, None)
        if pending is None or pending.answer.done():
            return
        if pending.heard is not None:
            pending.heard(response)
        pending.answer.set_result(response)

    async def _watch(self, probe: Callable[[], None]) -> None:
        while True:
            await self._clock.sleep(TICK)
            now = self._clock.monotonic()
            for invoke_id, pending in list(self._pending.items()):
                if now >= pending.deadline and not pending.answer.done():
                    self._pending.pop(invoke_id, None)
                    pending.answer.set_exception(RequestFailed(None, "The PBX did not answer in time.", late=True))
                    pending.answer.exception()
            if self._asked_at is not None and now - self._asked_at >= self._answer:
                raise faults.silent(self.peer, now - self._last_heard)
            if self._asked_at is None and now - self._last_heard >= self._silence:
                self._asked_at = now
                probe()


def _whole(item: Frame) -> bytes:
    return frame(item.invoke_id, item.body)


def mask(data: bytes) -> bytes:
    """A frame without its password."""
    return _PASSWORD.sub(rb"\1***", data) if b"password" in data else data
