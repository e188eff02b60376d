"""Whose search goes on when, and whose password is remembered, in a worker that answers LDAP."""

import asyncio
import ssl
import time
from collections.abc import Callable
from typing import cast

import pytest

from unisono.directory.index import Index, Layer
from unisono.directory.ldap.channel import Channel, Check, Checked
from unisono.directory.ldap.door import Connection, Door, Turns
from unisono.directory.ldap.model import Configuration, Identity, Kind, Node
from unisono.directory.ldap.session import Question
from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.ldap.tree import Tree
from unisono.directory.ldap.worker import Passwords
from unisono.directory.model import Contact
from unisono.directory.segment import build
from unisono.wire.ldap import FrameReader, ResultCode, encode_request, parse_filter, parse_response
from unisono.wire.ldap.control import Control, SortKey, SortRequest
from unisono.wire.ldap.message import Deref, ExtendedName, ExtendedRequest, Result, Scope, SearchRequest, SearchResultDone

SEARCH = SearchRequest("", Scope.BASE, Deref.NEVER, 0, 0, False, parse_filter("(objectClass=*)"))


class Searching:
    """Has something to do for so many turns, each of some seconds."""

    def __init__(self, name: str, turns: int, each: float, told: list[str], all_turns: Turns) -> None:
        self.name, self.left, self.each, self.told, self.turns = name, turns, each, told, all_turns
        self.worked = 0.0

    def begin(self) -> None:
        self.turns.add(cast(Connection, self), self.worked)

    def turn(self) -> None:
        self.told.append(self.name)
        self.worked += self.each
        self.left -= 1
        if self.left:
            self.begin()


async def test_between_two_looks_at_the_sockets_one_has_its_turn() -> None:
    told: list[str] = []
    turns = Turns()
    for name in "abc":
        Searching(name, 3, 0.002, told, turns).begin()
    for count in range(1, 10):
        await asyncio.sleep(0)
        assert len(told) == count
    assert told == list("abcabcabc")
    await asyncio.sleep(0)
    assert len(told) == 9


async def test_who_worked_little_goes_before_the_others_and_nobody_waits_for_ever() -> None:
    told: list[str] = []
    turns = Turns()
    for number in range(20):
        long = Searching(f"long {number}", 1000, 0.002, told, turns)
        long.worked = 1.0
        long.begin()
    short = Searching("short", 5, 0.002, told, turns)
    short.begin()
    for _ in range(10):
        await asyncio.sleep(0)
    assert told.count("short") == 5
    endless = [Searching(f"endless {number}", 1000, 0.0, told, turns) for number in range(3)]
    for one in endless:
        one.begin()
    told.clear()
    for _ in range(100):
        await asyncio.sleep(0)
    assert 15 < sum(name.startswith("long") for name in told) < 35


class Asked:
    """A channel that notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[Check] = []

    def send(self, message: Check) -> None:
        self.sent.append(message)


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_a_password_that_was_right_before_users_changed_is_not_remembered(meanwhile: bool) -> None:
    channel = Asked()
    passwords = Passwords(cast(Channel, channel))
    question = Question("anna", b"secret")
    verdict = asyncio.ensure_future(passwords.verify(question, "192.0.2.1"))
    await asyncio.sleep(0)
    [asked] = channel.sent
    passwords.answered(Checked(asked.id, Identity(Kind.PERSON, "anna", "anna")))
    if meanwhile:
        passwords.forget()
    assert (await verdict).identity is not None
    assert (passwords.remembered(question) is None) == meanwhile


class Wire(asyncio.Transport):
    """The socket of a client that reads only when it is told to."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 4000)})
        self.sent = b""
        self.reading = True
        self.full: Connection | None = None
        """Whose writing is to be paused when something is written."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever too much by itself."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data
        if self.full is not None:
            self.full.pause_writing()

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False


@pytest.mark.parametrize("waits_for", ["its turn", "its reader"])
async def test_of_a_client_for_whom_enough_waits_no_more_is_read(waits_for: str) -> None:
    tree = Tree(Index(), Configuration((Node("meta"),)))
    async with asyncio.TaskGroup() as tasks:
        door = Door(tree, LdapSettings(), Passwords(cast(Channel, Asked())), tasks, None)
        connection, wire = door.plain(), Wire()
        connection.connection_made(wire)
        if waits_for == "its turn":
            connection.resume_writing()
        else:
            connection.pause_writing()
        for number in range(1, 100):
            if not wire.reading:
                break
            connection.data_received(encode_request(number, SEARCH))
        assert number == 65
        assert not wire.sent
        connection.resume_writing()
        for _ in range(number):
            await asyncio.sleep(0)
        assert wire.reading
        assert len(list(FrameReader().feed(wire.sent))) == 2 * 64


@pytest.mark.parametrize("reads", [True, False])
async def test_tls_begins_once_behind_an_answer_that_was_not_read_yet(reads: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree(Index(), Configuration((Node("meta"),)))
    begun: list[asyncio.Transport] = []
    agreed = asyncio.Event()

    async def start_tls(transport: asyncio.Transport, *_: object, **__: object) -> asyncio.Transport:
        begun.append(transport)
        await agreed.wait()
        return Wire()

    monkeypatch.setattr(asyncio.get_running_loop(), "start_tls", start_tls)
    async with asyncio.TaskGroup() as tasks:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        door = Door(tree, LdapSettings(), Passwords(cast(Channel, Asked())), tasks, tls)
        connection, wire = door.plain(), Wire()
        connection.connection_made(wire)
        wire.full = connection
        connection.data_received(encode_request(1, ExtendedRequest(ExtendedName.START_TLS)))
        assert not wire.reading
        if reads:
            connection.resume_writing()
        for _ in range(5):
            await asyncio.sleep(0)
        agreed.set()
        await asyncio.sleep(0)
        said = len(wire.sent)
        connection.data_received(encode_request(2, SEARCH))
        await asyncio.sleep(0)
    assert begun == [wire]
    assert len(wire.sent) == said
    assert not connection.check(time.monotonic() + 50, 100, 1)


async def turns_until(condition: Callable[[], bool]) -> None:
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


async def test_who_does_not_read_keeps_no_place_for_large_sorts() -> None:
    people = [Contact(f"{n:032x}", "crm", display_name=f"A B{n}", last_name=f"B{n}") for n in range(8_000)]
    tree = Tree(Index().with_book("crm", Layer(build(people, "crm"))), Configuration((Node("meta"),)))
    asked = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, 0, 0, False, parse_filter("(cn=*)"))
    sort = Control(SortRequest((SortKey("sn"),)))
    async with asyncio.TaskGroup() as tasks:
        door = Door(tree, LdapSettings(), Passwords(cast(Channel, Asked())), tasks, None)
        connection, wire = door.plain(), Wire()
        connection.connection_made(wire)
        connection.data_received(encode_request(1, asked, (sort,)))
        await turns_until(lambda: door.room.under_way == 1)
        connection.pause_writing()
        await turns_until(lambda: door.room.under_way == 0)
        for _ in range(20):
            await asyncio.sleep(0)  # and it does not go on answering
        assert not wire.sent
        connection.resume_writing()
        await turns_until(lambda: bool(door.times.seconds.get("search")))
    *entries, last = FrameReader().feed(wire.sent)
    assert len(entries) == 8_000
    assert parse_response(last)[1] == SearchResultDone(Result(ResultCode.SUCCESS))
