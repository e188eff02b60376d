"""One connection's side of the protocol (RFC 4511), without its socket.

    answer = session.answer(bytes_from_the_socket)      # at once, if that can be; else:
    session.receive(bytes_from_the_socket)
    while session.ready:
        socket.write(session.work(until))     # until: when others have to have their turn
    if session.question: ...                  # ask whether a password is right, then session.verdict(...)
    if session.starts_tls: ...                # after what was written: begin TLS, then session.secured()
    if session.closing: ...                   # after what was written: close

Requests are answered in their order, one at a time; only Abandon, Cancel and Unbind are heeded at once.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from unisono.directory.ldap.compare import compare
from unisono.directory.ldap.forms import Forms, forms_of
from unisono.directory.ldap.model import ANONYMOUS, Identity, Kind
from unisono.directory.ldap.order import Room
from unisono.directory.ldap.pages import Memory
from unisono.directory.ldap.prepared import Asker
from unisono.directory.ldap.search import Output, Search, check_controls
from unisono.directory.ldap.times import Times
from unisono.directory.ldap.tree import Refused, Tree
from unisono.wire.ldap.control import Control
from unisono.wire.ldap.dn import Dn
from unisono.wire.ldap.errors import BerError, ProtocolError, TextError
from unisono.wire.ldap.framing import FrameReader
from unisono.wire.ldap.message import (
    AbandonRequest,
    BindRequest,
    BindResponse,
    CompareRequest,
    CompareResponse,
    ExtendedName,
    ExtendedRequest,
    ExtendedResponse,
    Request,
    Response,
    Result,
    SearchRequest,
    SearchResultDone,
    Simple,
    UnbindRequest,
    WriteRequest,
    WriteResponse,
)
from unisono.wire.ldap.requests import parse_cancel, parse_request
from unisono.wire.ldap.responses import encode_refusal, encode_response, notice_of_disconnection
from unisono.wire.ldap.result_code import ResultCode

Waiting: TypeAlias = tuple[int, Request, tuple[Control, ...], bytes]

_OPERATIONS = {
    BindResponse: "bind",
    CompareResponse: "compare",
    ExtendedResponse: "extended",
    SearchResultDone: "search",
    WriteResponse: "write",
}
_AT_ONCE = 64 * 1024
"""Bytes that are handed out before the socket has its turn."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one search may use."""

    entries: int = 10_000
    seconds: float = 30.0
    work_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Question:
    """Whether this password is that of this name."""

    name: str
    password: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who it is; None: the password is wrong. `busy`: not now, for the reason in `message`."""

    identity: Identity | None
    busy: bool = False
    message: str = ""


@dataclass(slots=True)
class _Running:
    message_id: int
    request: SearchRequest
    output: Output
    begun: float
    ends: float
    worked: float = 0.0
    told: bool = False
    """Something that it found out while the client did not read waits to be sent."""


class Session:
    """`tree`: gives what is in force. `trusted`: passwords may come without TLS."""

    def __init__(
        self,
        tree: Callable[[], Tree],
        clock: Callable[[], float],
        address: str = "127.0.0.1",
        *,
        limits: Limits = Limits(),
        secure: bool = False,
        trusted: bool = True,
        tls: bool = False,
        answers: Counter[tuple[str, int]] | None = None,
        times: Times | None = None,
        room: Room | None = None,
    ) -> None:
        self._tree = tree
        self._answers = Counter[tuple[str, int]]() if answers is None else answers
        self._times = Times() if times is None else times
        self._clock = clock
        self._begun = 0.0
        """When the last request had its turn."""
        self._limits = limits
        self._reader = FrameReader()
        self._waiting: deque[Waiting] = deque()
        self._running: _Running | None = None
        self._memory = Memory(Room() if room is None else room)
        self._out: list[bytes] = []
        self._at_rest = True
        """Whether nothing is under way, as far as was looked last."""
        self.address = address
        self.secure = secure
        self._trusted = trusted
        self._tls = tls
        self.identity = ANONYMOUS
        self._known: tuple[Tree, Identity, Asker, Forms] | None = None
        self.question: Question | None = None
        self._asked: int = 0
        self.starts_tls = False
        self.closing = False
        self.searches = 0
        self.unindexed = 0
        """Searches for which every contact had to be looked at."""
        self.unprotected = 0
        """Binds refused because their password came without TLS."""

    @property
    def ready(self) -> bool:
        """Whether there is something to do that waits for nobody."""
        if self.question is not None or self.starts_tls:
            return False
        return bool(self._out or self._running is not None or (self._waiting and not self.closing))

    @property
    def outstanding(self) -> int:
        """Requests that are not answered yet."""
        return len(self._waiting) + (self._running is not None) + (self.question is not None)

    @property
    def worked(self) -> float:
        """Seconds of work at the search that is under way."""
        return self._running.worked if self._running is not None else 0.0

    @property
    def quiet(self) -> bool:
        """Whether the search that runs has nothing to send yet."""
        return self._running is not None and not self._running.told

    @property
    def partial(self) -> bool:
        """Whether a message has begun to come and is not whole."""
        return self._reader.waiting > 0

    def answer(self, data: bytes) -> bytes | None:
        """The answer to a search like one before, if nothing else is under way; with None `receive` has to take the bytes."""
        if not self._at_rest:
            return None
        begun = self._clock()
        known, tree = self._known, self._tree()
        if known is None or known[0] is not tree or known[1] is not self.identity:
            known = self._meet(tree)
        found = known[3].answer(data)
        if found is not None:
            self.searches += 1
            self._times.took("search", self._clock() - begun)
        return found

    def receive(self, data: bytes) -> None:
        """Bytes from the client; what comes before TLS has begun is not to be taken for what came over it."""
        if self.closing or self.starts_tls:
            return
        self._at_rest = False
        for pdu in self._reader.feed(data):
            self._take(pdu)
            if self.closing:
                return
        if self._reader.error is not None:
            self._end(ResultCode.PROTOCOL_ERROR, self._reader.error.why)

    def _take(self, pdu: bytes) -> None:
        try:
            message_id, request, controls = parse_request(pdu)
        except ProtocolError as error:
            refusal = encode_refusal(error.message_id, error.request_tag, Result(ResultCode.PROTOCOL_ERROR, message=error.why))
            if refusal is not None:
                self._out.append(refusal)
            return
        except BerError as error:
            self._end(ResultCode.PROTOCOL_ERROR, error.why)
            return
        if isinstance(request, UnbindRequest):
            self._drop_all()
            self.closing = True
        elif isinstance(request, AbandonRequest):
            self._drop(request.message_id)
        elif isinstance(request, ExtendedRequest) and request.name == ExtendedName.CANCEL:
            self._cancel(message_id, request)
        else:
            self._waiting.append((message_id, request, controls, pdu))

    def _end(self, code: ResultCode, why: str) -> None:
        self._drop_all()
        self._out.append(notice_of_disconnection(code, why))
        self.closing = True

    def _drop_all(self) -> None:
        self._waiting.clear()
        self._running = None
        self.question = None

    def _drop(self, message_id: int) -> Request | None:
        """Forget a request that is not answered yet; binds and StartTLS are none that can be (RFC 4511 4.11)."""
        if self._running is not None and self._running.message_id == message_id:
            request, self._running = self._running.request, None
            return request
        for waiting in self._waiting:
            if waiting[0] == message_id and not isinstance(waiting[1], (BindRequest, ExtendedRequest)):
                self._waiting.remove(waiting)
                return waiting[1]
        return None

    def _cancel(self, message_id: int, request: ExtendedRequest) -> None:
        """RFC 3909."""
        try:
            wanted = parse_cancel(request.value)
        except ProtocolError as error:
            self._say(message_id, ExtendedResponse(Result(ResultCode.PROTOCOL_ERROR, message=error.why)))
            return
        dropped = self._drop(wanted)
        if dropped is None:
            self._say(message_id, ExtendedResponse(Result(ResultCode.NO_SUCH_OPERATION)))
            return
        self._say(wanted, _answer_to(dropped, Result(ResultCode.CANCELED)))
        self._say(message_id, ExtendedResponse(Result(ResultCode.SUCCESS)))

    def work(self, until: float) -> bytes:
        """Go on until all is done, or it is `until`, or there is enough to send; what is to be sent."""
        size = 0
        if self._running is not None:
            self._running.told = False
        while self.question is None and not self.starts_tls:
            if self._running is not None:
                size += self._go_on()
            elif self._waiting and not self.closing:
                self._begin(*self._waiting.popleft())
            else:
                break
            if size > _AT_ONCE or self._clock() >= until:
                break
        out = self._out
        self._out = []
        self._at_rest = not (self.outstanding or self.partial or self.starts_tls or self.closing)
        return out[0] if len(out) == 1 else b"".join(out)

    def think(self, until: float) -> None:
        """Go on for a client that does not read: until the search has something to send, and gives back its place to sort."""
        while (running := self._running) is not None and not running.told and self._clock() < until:
            running.told = self._go_on() > 0

    def _go_on(self) -> int:
        """One step of the search that runs; how many bytes it gave."""
        running = self._running
        assert running is not None
        before = self._clock()
        step = next(running.output, b"")
        after = self._clock()
        if step is not None:
            self._out.append(step)
        running.worked += after - before
        if step == b"":
            self._running = None
            self._times.took("search", after - running.begun)
        elif after > running.ends:
            self._stop(running, ResultCode.TIME_LIMIT_EXCEEDED, "")
        elif running.worked > self._limits.work_seconds:
            self._stop(running, ResultCode.ADMIN_LIMIT_EXCEEDED, "No index fits this filter, and it would take too long")
        return len(step or b"")

    def _stop(self, running: _Running, code: ResultCode, why: str) -> None:
        self._running = None
        self._times.took("search", self._clock() - running.begun)
        self._say(running.message_id, SearchResultDone(Result(code, message=why)))

    def _say(self, message_id: int, response: Response, controls: Sequence[Control] = ()) -> None:
        if isinstance(response, BindResponse | CompareResponse | ExtendedResponse | SearchResultDone | WriteResponse):
            self._answers[_OPERATIONS[type(response)], int(response.result.code)] += 1
        self._out.append(encode_response(message_id, response, controls))

    def _begin(self, message_id: int, request: Request, controls: Sequence[Control], pdu: bytes) -> None:
        self._begun = self._clock()
        if isinstance(request, SearchRequest):
            self._search(message_id, request, controls, pdu)
            return
        try:
            check_controls(controls)
            response = self._respond(message_id, request)
        except Refused as refused:
            response = _answer_to(request, Result(refused.code, refused.matched, refused.message))
        if response is not None:
            self._times.took(_OPERATIONS[type(response)], self._clock() - self._begun)
            self._say(message_id, response)

    def _asker(self, tree: Tree) -> tuple[Asker, Forms]:
        known = self._known
        if known is None or known[0] is not tree or known[1] is not self.identity:
            known = self._meet(tree)
        return known[2:]

    def _meet(self, tree: Tree) -> tuple[Tree, Identity, Asker, Forms]:
        """Find out who asks, as this picture knows them."""
        asker = Asker(tree.view(self.identity), tree.like(self.address), self.identity.kind is Kind.ANONYMOUS, self.secure)
        self._known = tree, self.identity, asker, forms_of(tree, asker)
        return self._known

    def _search(self, message_id: int, request: SearchRequest, controls: Sequence[Control], pdu: bytes) -> None:
        self.searches += 1
        tree = self._tree()
        asker, forms = self._asker(tree)
        try:
            search = Search(tree, asker, request, controls, self._limits.entries)
        except Refused as refused:
            self._times.took("search", self._clock() - self._begun)
            self._say(message_id, SearchResultDone(Result(refused.code, refused.matched, refused.message)))
            return
        answer = search.at_once(message_id)
        if answer is not None:
            self._times.took("search", self._clock() - self._begun)
            self._out.append(answer)
            forms.learn(pdu, search)
            return
        self.unindexed += not search.indexed
        seconds = min(request.time_limit or self._limits.seconds, self._limits.seconds)
        output = search.answer(message_id, self._memory)
        self._running = _Running(message_id, request, output, self._begun, self._begun + seconds)

    def _respond(self, message_id: int, request: Request) -> Response | None:
        """The answer; None if it comes later."""
        match request:
            case BindRequest():
                return self._bind(message_id, request)
            case CompareRequest():
                tree = self._tree()
                return CompareResponse(Result(compare(tree, self._asker(tree)[0], request)))
            case ExtendedRequest():
                return self._extended(request)
            case WriteRequest():
                message = "This directory is read-only: its contacts are changed in their sources"
                return WriteResponse(request.kind, Result(ResultCode.UNWILLING_TO_PERFORM, message=message))
        raise AssertionError("handled when it came")

    def _bind(self, message_id: int, request: BindRequest) -> BindResponse | None:
        """RFC 4513 5.1. Whoever binds is nobody until they have shown who they are."""
        self.identity = ANONYMOUS
        self._memory = Memory(self._memory.room)
        if request.version not in (2, 3):
            return _bound(ResultCode.PROTOCOL_ERROR, "Versions 2 and 3 are spoken here")
        if not isinstance(request.authentication, Simple):
            return _bound(ResultCode.AUTH_METHOD_NOT_SUPPORTED, "Bind with name and password")
        password = request.authentication.password
        if not password:
            if request.name:
                return _bound(ResultCode.UNWILLING_TO_PERFORM, "A name without a password proves nothing (RFC 4513 5.1.2)")
            return _bound(ResultCode.SUCCESS)
        if not (self.secure or self._trusted):
            self.unprotected += 1
            return _bound(ResultCode.CONFIDENTIALITY_REQUIRED, "Passwords are taken over TLS: use StartTLS or the LDAPS port")
        self.question = Question(name_in(request.name), password)
        self._asked = message_id
        return None

    def verdict(self, verdict: Verdict) -> None:
        """The answer to `question`."""
        if self.question is None:
            return
        self.question = None
        if verdict.identity is not None:
            self.identity = verdict.identity
            response = _bound(ResultCode.SUCCESS)
        elif verdict.busy:
            response = _bound(ResultCode.BUSY, verdict.message)
        else:
            response = _bound(ResultCode.INVALID_CREDENTIALS)
        self._times.took("bind", self._clock() - self._begun)
        self._say(self._asked, response)

    def _extended(self, request: ExtendedRequest) -> ExtendedResponse:
        match request.name:
            case ExtendedName.WHO_AM_I:
                name = self.identity.name
                return ExtendedResponse(Result(), value=f"u:{name}".encode() if name else b"")
            case ExtendedName.START_TLS if self.secure or not self._tls:
                message = "TLS is there already" if self.secure else "There is no TLS here"
                code = ResultCode.OPERATIONS_ERROR if self.secure else ResultCode.PROTOCOL_ERROR
                return ExtendedResponse(Result(code, message=message), ExtendedName.START_TLS)
            case ExtendedName.START_TLS if self._waiting or self._reader.waiting:
                message = "Nothing may follow before TLS has begun"
                return ExtendedResponse(Result(ResultCode.OPERATIONS_ERROR, message=message), ExtendedName.START_TLS)
            case ExtendedName.START_TLS:
                self.starts_tls = True
                return ExtendedResponse(Result(), ExtendedName.START_TLS)
        return ExtendedResponse(Result(ResultCode.PROTOCOL_ERROR, message=f"The operation {request.name} is not known here"))

    def secured(self) -> None:
        """TLS has begun: what was said before counts no more (RFC 4511 4.14.1)."""
        self.starts_tls = False
        self.secure = True
        self.identity = ANONYMOUS
        self._known = None


@lru_cache(maxsize=1024)
def name_in(text: str) -> str:
    """Who a bind's name means: the value of a name's nearest part, or what was written, if that is no name."""
    try:
        rdns = Dn.parse(text).rdns
    except TextError:
        return text.strip()
    value = rdns[0][0].value if rdns else ""
    return value if isinstance(value, str) else text


def _bound(code: ResultCode, message: str = "") -> BindResponse:
    return BindResponse(Result(code, message=message))


def _answer_to(request: Request, result: Result) -> Response:
    """How a request of this kind is refused."""
    match request:
        case BindRequest():
            return BindResponse(result)
        case CompareRequest():
            return CompareResponse(result)
        case WriteRequest():
            return WriteResponse(request.kind, result)
        case ExtendedRequest():
            return ExtendedResponse(result)
    return SearchResultDone(result)
