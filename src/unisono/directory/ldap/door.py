"""The sockets of an LDAP worker: connections with limits, TLS, and turns for everybody."""

import asyncio
import ssl
import time
from collections import Counter, deque
from typing import Protocol, cast

from unisono.directory.ldap.channel import Figures
from unisono.directory.ldap.model import networks_of, within
from unisono.directory.ldap.order import Room
from unisono.directory.ldap.session import Limits, Question, Session, Verdict
from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.ldap.times import Times
from unisono.directory.ldap.tree import Tree
from unisono.wire.ldap.responses import notice_of_disconnection
from unisono.wire.ldap.result_code import ResultCode

SLICE = 0.002
"""Seconds that a connection works before the others have their turn."""
_FIRST = 0.0005
"""The same when a request has just come: many may come at once, and none of them is known to be long."""
_SHORT_SECONDS = 0.01
"""A search that has worked no longer goes first."""
_PASSED_MOST = 3
"""Turns in a row that searches which have worked longer wait for those."""
_OUTSTANDING = 64
"""Requests of one connection that wait; before they are answered no more is read from it."""
_BUFFER = 256 * 1024
"""Bytes that may wait to be read by a client before no more is made for it."""
_HANDSHAKE_SECONDS = 10.0
_ADDRESSES = 4096
"""Addresses of which it is remembered what they may do."""


class Verifier(Protocol):
    """Who knows passwords."""

    def remembered(self, question: Question) -> Verdict | None:
        """What was found out lately."""
        ...

    async def verify(self, question: Question, address: str) -> Verdict:
        """Find out."""
        ...


class Turns:
    """Who goes on next: one connection between two looks at the sockets, so that what can be answered at once waits for one.

    A search that has worked little so far goes before those that have worked long, but every few turns one of them has its own.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._short: deque[Connection] = deque()
        self._long: deque[Connection] = deque()
        self._passed = 0
        """How often those that worked long were passed over."""

    def add(self, connection: "Connection", worked: float) -> None:
        """It has more to do, after so many seconds of work at it."""
        if not (self._short or self._long):
            self._loop.call_soon(self._next)
        (self._long if worked > _SHORT_SECONDS else self._short).append(connection)

    def _next(self) -> None:
        long = self._long and (not self._short or self._passed >= _PASSED_MOST)
        self._passed = 0 if long else self._passed + 1
        queue = self._long if long else self._short
        connection = queue.popleft()
        if self._short or self._long:
            self._loop.call_soon(self._next)
        connection.turn()


class Door:
    """What all connections share. `tree` is replaced whenever something changed."""

    def __init__(
        self, tree: Tree, settings: LdapSettings, verifier: Verifier, tasks: asyncio.TaskGroup, tls: ssl.SSLContext | None
    ) -> None:
        self.tree = tree
        self.settings = settings
        self.verifier = verifier
        self.tasks = tasks
        self.tls = tls
        self.limits = Limits(settings.size_limit, settings.time_limit, settings.work_seconds)
        self._plain = networks_of(tuple(filter(None, settings.plain_passwords.replace(" ", "").split(","))))
        self._trusted: dict[str, bool] = {}
        self._connections: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._accepted = self._refused = self._cut = self._searches = self._unindexed = self._unprotected = 0
        self.binds = 0
        self.times = Times()
        self.room = Room()
        self.turns = Turns()
        self.answers: Counter[tuple[str, int]] = Counter()
        """Last words, by operation and result code; a search that went well is only among the searches."""

    def current(self) -> Tree:
        """What is in force."""
        return self.tree

    def trusts(self, address: str) -> bool:
        """Whether passwords may come from there without TLS."""
        found = self._trusted.get(address)
        if found is None:
            if len(self._trusted) >= _ADDRESSES:
                self._trusted.clear()
            found = self._trusted[address] = within(address, self._plain)
        return found

    def plain(self) -> "Connection":
        """A connection that begins without TLS."""
        return Connection(self, secure=False)

    def secured(self) -> "Connection":
        """A connection that begins with TLS."""
        return Connection(self, secure=True)

    def admit(self, connection: "Connection", address: str) -> bool:
        """Whether one more connection may be had."""
        most, per_address = self.settings.connections, self.settings.connections_per_address
        if len(self._connections) >= most or self._addresses[address] >= per_address:
            self._refused += 1
            return False
        self._accepted += 1
        self._connections.add(connection)
        self._addresses[address] += 1
        return True

    def forget(self, connection: "Connection", address: str) -> None:
        """A connection is no more."""
        self._searches += connection.searches
        self._unindexed += connection.unindexed
        self._unprotected += connection.unprotected
        self._connections.discard(connection)
        self._addresses[address] -= 1
        if self._addresses[address] <= 0:
            del self._addresses[address]

    def look_after(self) -> None:
        """End what hangs; call it every second."""
        now = time.monotonic()
        for connection in list(self._connections):
            self._cut += connection.check(now, self.settings.idle_seconds, self.settings.stall_seconds)

    def close(self) -> None:
        """End all connections."""
        for connection in list(self._connections):
            connection.say_goodbye(ResultCode.UNAVAILABLE, "The server stops")

    def figures(self) -> Figures:
        """What there is and was."""
        return Figures(
            connections=len(self._connections),
            accepted=self._accepted,
            refused=self._refused,
            cut=self._cut,
            searches=self._searches + sum(connection.searches for connection in self._connections),
            unindexed=self._unindexed + sum(connection.unindexed for connection in self._connections),
            binds=self.binds,
            contacts=len(self.tree.index),
            unprotected=self._unprotected + sum(connection.unprotected for connection in self._connections),
            cpu=time.process_time(),
            answers={f"{kind} {ResultCode(code).name.lower()}": count for (kind, code), count in self.answers.items()},
            times=self.times.counts,
            seconds=self.times.seconds,
        )


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, door: Door, *, secure: bool) -> None:
        self._door = door
        self._secure = secure
        self._transport: asyncio.Transport | None = None
        self._session: Session | None = None
        self._asked: Question | None = None
        self._address = ""
        self._heard = self._partial = self._full = 0.0
        self._scheduled = self._reading_paused = False
        self._loop = asyncio.get_running_loop()

    @property
    def searches(self) -> int:
        """Searches so far."""
        return self._session.searches if self._session is not None else 0

    @property
    def unindexed(self) -> int:
        """Those of them for which every contact had to be looked at."""
        return self._session.unindexed if self._session is not None else 0

    @property
    def unprotected(self) -> int:
        """Binds refused so far because their password came without TLS."""
        return self._session.unprotected if self._session is not None else 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self._transport = transport
        transport.set_write_buffer_limits(high=_BUFFER)
        peer = transport.get_extra_info("peername")
        self._address = peer[0] if isinstance(peer, tuple) else ""
        if not self._door.admit(self, self._address):
            transport.write(notice_of_disconnection(ResultCode.BUSY, "Too many connections"))
            transport.close()
            return
        self._heard = time.monotonic()
        self._session = Session(
            self._door.current,
            time.monotonic,
            self._address,
            limits=self._door.limits,
            secure=self._secure,
            trusted=self._door.trusts(self._address),
            tls=self._door.tls is not None,
            answers=self._door.answers,
            times=self._door.times,
            room=self._door.room,
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if self._session is not None:
            self._door.forget(self, self._address)
            self._session = None
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        session, transport = self._session, self._transport
        if session is None or transport is None:
            return
        self._heard = time.monotonic()
        if not (self._full or self._scheduled):
            answer = session.answer(data)
            if answer is not None:
                transport.write(answer)
                return
        session.receive(data)
        if not session.partial:
            self._partial = 0.0
        elif not self._partial:
            self._partial = self._heard
        self._heed(session, transport)
        if not self._scheduled:
            self._work(_FIRST)

    def pause_writing(self) -> None:
        """Called by the loop: the client does not read."""
        self._full = time.monotonic()

    def resume_writing(self) -> None:
        """Called by the loop: it does again."""
        self._full = 0.0
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled and self._session is not None:
            self._scheduled = True
            self._door.turns.add(self, self._session.worked)

    def turn(self) -> None:
        """Go on for a while; called by `Turns`."""
        self._scheduled = False
        self._work(SLICE)

    def _work(self, seconds: float) -> None:
        session, transport = self._session, self._transport
        if session is None or transport is None or session.starts_tls:
            return
        until = time.monotonic() + seconds
        if self._full:
            session.think(until)
            if session.quiet:
                self._schedule()
            return
        out = session.work(until)
        while session.question is not None and self._ask(session, session.question):
            out += session.work(until)
        if out:
            transport.write(out)
        if session.starts_tls:
            transport.pause_reading()  # what comes now is TLS
            self._reading_paused = False
            self._door.tasks.create_task(self._start_tls(transport))
            return
        if session.ready:
            self._schedule()
        elif session.closing:
            transport.close()
            return
        self._heed(session, transport)

    def _heed(self, session: Session, transport: asyncio.Transport) -> None:
        """Read no more from a client of whom enough waits."""
        too_many = session.outstanding >= _OUTSTANDING
        if too_many != self._reading_paused:
            self._reading_paused = too_many
            if too_many:
                transport.pause_reading()
            else:
                transport.resume_reading()

    def _ask(self, session: Session, question: Question) -> bool:
        """Have a password checked; whether the verdict is there already."""
        if self._asked is question:
            return False
        self._asked = question
        self._door.binds += 1
        known = self._door.verifier.remembered(question)
        if known is None:
            self._door.tasks.create_task(self._verify(session, question))
            return False
        session.verdict(known)
        return True

    async def _verify(self, session: Session, question: Question) -> None:
        verdict = await self._door.verifier.verify(question, self._address)
        if session.question is question:
            session.verdict(verdict)
            self._schedule()

    async def _start_tls(self, transport: asyncio.Transport) -> None:
        tls = self._door.tls
        assert tls is not None
        try:
            secured = await self._loop.start_tls(
                transport, self, tls, server_side=True, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
        except OSError:  # also what TLS itself raises
            transport.abort()
            return
        if secured is None or self._session is None:
            return
        secured.set_write_buffer_limits(high=_BUFFER)
        self._transport = secured
        self._full = 0.0  # of what is under TLS the client has to read nothing yet
        self._session.secured()

    def check(self, now: float, idle: float, stall: float) -> bool:
        """End the connection if it hangs; whether it did."""
        if self._transport is None or self._session is None:
            return False
        if self._full and now - self._full > stall:
            self._transport.abort()
            return True
        if self._partial and now - self._partial > stall:
            self.say_goodbye(ResultCode.TIME_LIMIT_EXCEEDED, "The message took too long to come")
            return True
        if now - self._heard > idle and not self._session.outstanding:
            self.say_goodbye(ResultCode.TIME_LIMIT_EXCEEDED, "Nothing happened for a long time")
        return False

    def say_goodbye(self, code: ResultCode, why: str) -> None:
        """A last word, and the end."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(notice_of_disconnection(code, why))
            self._transport.close()
