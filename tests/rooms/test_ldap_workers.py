"""Several workers of the LDAP door: all answer and learn what changed, none notices the end of another, bad files or idlers."""

import asyncio
import os
import resource
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import ANY

import pytest
from tests.rooms.directory_rig import until
from tests.rooms.ldap_house import PASSWORD, Ldap, open_ldap, people, publish, worker_processes
from tests.rooms.web_house import open_house

from unisono.app.check import check
from unisono.app.doors import bind
from unisono.app.ldap import LdapDoor, answering, by_itself
from unisono.app.settings import ServerSettings, Settings, WebSettings
from unisono.directory import manifest
from unisono.directory.ldap import workers
from unisono.directory.ldap.channel import Check, Checked
from unisono.directory.ldap.door import Door
from unisono.directory.ldap.listening import Listener
from unisono.directory.ldap.model import Configuration, LdapUser, Profile
from unisono.directory.ldap.service import LdapService, OpenDoor
from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.model import Book
from unisono.kernel.errors import Unavailable
from unisono.web.services import CheckLevel, StatusCheck
from unisono.wire.ldap import FrameReader, encode_request, parse_filter, parse_response
from unisono.wire.ldap.message import (
    BindRequest,
    BindResponse,
    Deref,
    Request,
    Response,
    Scope,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    Simple,
)
from unisono.wire.ldap.result_code import ResultCode

NAMES = [f"Name {n:03}" for n in range(50)]
SEARCH = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, 0, 0, False, parse_filter("(cn=*)"), ("cn",))
BIND = BindRequest(3, "cn=anna,dc=meta", Simple(PASSWORD.encode()))
IDLERS = 3_000
PER_ADDRESS = 500
OWN_SOCKETS = 9
"""The way to the server, what both workers listen on, its own server twice, and two of the event loop."""


class Client:
    """A connection that stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._last = 0

    @classmethod
    async def open(cls, port: int, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), ssl=tls))

    async def ask(self, request: Request) -> tuple[list[str], Response]:
        """Names of what was found, and the last word. Raises `ConnectionError` if the connection ends."""
        self._last += 1
        self._writer.write(encode_request(self._last, request))
        frames = FrameReader()
        found: list[str] = []
        async with asyncio.timeout(60):
            while data := await self._reader.read(1 << 16):
                for pdu in frames.feed(data):
                    _, response, _ = parse_response(pdu)
                    if not isinstance(response, SearchResultEntry):
                        return found, response
                    found.append(response.attributes[0][1][0].decode() if response.attributes else response.name)
        raise ConnectionError

    async def names(self) -> list[str]:
        """Everybody that is seen."""
        found, last = await self.ask(SEARCH)
        assert isinstance(last, SearchResultDone)
        return found

    def close(self) -> None:
        """At once, without a word."""
        self._writer.transport.abort()


@asynccontextmanager
async def clients(ldap: Ldap, count: int) -> AsyncIterator[list[Client]]:
    made = [await Client.open(ldap.port) for _ in range(count)]
    try:
        yield made
    finally:
        for client in made:
            client.close()


def connections(pid: int) -> int:
    """Sockets that a process has open."""
    files = Path(f"/proc/{pid}/fd")
    return sum(os.readlink(file).startswith("socket:") for file in files.iterdir())


def files(pid: int) -> set[int]:
    """The numbers of the files that a process has open."""
    return {int(number) for number in os.listdir(f"/proc/{pid}/fd")}


async def quiet() -> None:
    """Until no worker has a connection: what it listens on, and the way to the server, is all."""
    await until(lambda: all(connections(pid) <= OWN_SOCKETS for pid in worker_processes()))


def current(ldap: Ldap, book: str) -> Path:
    """The file of a book that counts."""
    return ldap.folder / manifest.read(ldap.folder).books[book][0].segment


async def told(ldap: Ldap) -> dict[str, CheckLevel]:
    """What the status page says of the door."""
    return {found.id: found.level for found in await checks(ldap)}


async def checks(ldap: Ldap, workers: int = 2) -> list[StatusCheck]:
    async def known() -> list[Book]:
        return [Book("crm", "Our customers")]

    service = SimpleNamespace(door=OpenDoor(ldap.workers, ["127.0.0.1"], True, None))
    return await answering(cast("LdapService", service), LdapSettings(port=ldap.port, workers=workers), known)()


async def until_all(every: Sequence[Client], wanted: list[str]) -> None:
    async with asyncio.timeout(60):
        for client in every:
            while sorted(await client.names()) != sorted(wanted):
                pass


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Ldap]:
    async with open_ldap(tmp_path, workers=2) as ldap:
        publish(ldap.folder, {"crm": people(NAMES, "crm"), "board": people(["Zeno Capo"], "board", 200)})
        await until(lambda: len(worker_processes()) == 2)
        async with clients(ldap, 30) as every:
            await until_all(every, [*NAMES, "Zeno Capo"])
        await quiet()
        yield ldap


async def test_both_answer_and_both_learn_what_changed(two: Ldap) -> None:
    before = [connections(pid) for pid in worker_processes()]
    async with clients(two, 40) as every:
        for client in every:
            assert len(await client.names()) == len(NAMES) + 1
        served = [connections(pid) - was for pid, was in zip(worker_processes(), before, strict=True)]
        assert sum(served) == 40
        assert min(served) > 4, served
        publish(two.folder, {"crm": people(["Franco Nuovo"], "crm")})
        await until_all(every, ["Franco Nuovo"])
        # Somebody who may no longer sign in sees nothing any more, on connections on which they are signed in.
        for client in every:
            await client.ask(BIND)
            assert await client.names() == ["Franco Nuovo"]
        two.workers.configure(Configuration(people={}))
        await until_all(every, [])


async def test_one_that_dies_is_replaced_and_the_other_goes_on(two: Ldap) -> None:
    first, second = worker_processes()
    before = connections(second)
    async with clients(two, 20) as every:
        for client in every:
            assert len(await client.names()) == len(NAMES) + 1
        kept = connections(second) - before
        os.kill(first, signal.SIGKILL)
        await until(lambda: len(two.workers.tally.workers) == 1)
        assert await told(two) == {"ldap": CheckLevel.WARNING}
        alive = 0
        for client in every:
            with suppress(ConnectionError):
                alive += len(await client.names()) == len(NAMES) + 1
        assert alive == kept
    async with clients(two, 20) as fresh:
        for client in fresh:
            assert len(await client.names()) == len(NAMES) + 1
    await until(lambda: len(worker_processes()) == 2)
    assert second in worker_processes()
    assert two.workers.restarts == 1


async def test_who_comes_to_one_that_died_waits_for_no_other_to_start(two: Ldap, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel goes on sending every other connection there; the one that lives takes them until there are two again."""
    first, second = worker_processes()
    start, may_start = asyncio.create_subprocess_exec, asyncio.Event()

    async def later(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        await may_start.wait()
        return await start(*arguments, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", later)
    os.kill(first, signal.SIGKILL)
    async with clients(two, 20) as every:
        for client in every:
            assert len(await client.names()) == len(NAMES) + 1
        assert worker_processes() == [second]
    may_start.set()
    await until(lambda: len(two.workers.tally.workers) == 2, 20)
    await quiet()
    [third] = set(worker_processes()) - {second}
    before = {pid: connections(pid) for pid in (second, third)}
    async with clients(two, 40) as every:
        for client in every:
            assert len(await client.names()) == len(NAMES) + 1
        served = {pid: connections(pid) - before[pid] for pid in before}
        assert min(served.values()) > 4, served


async def test_no_socket_that_others_share_makes_them_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether `accept` waits is one for all who listen there: a moment of it would hold another worker up."""
    loop = asyncio.get_running_loop()
    create, waits = loop.create_server, []

    async def noting(*arguments: Any, sock: socket.socket, **options: Any) -> asyncio.Server:
        waits.append(os.get_blocking(sock.fileno()))
        return await create(*arguments, sock=sock, **options)

    monkeypatch.setattr(loop, "create_server", noting)
    # As a worker has them, by the numbers of their files.
    with ExitStack() as opened:
        own, others, secured = (opened.enter_context(socket.socket(fileno=bind("127.0.0.1", 0).detach())) for _ in range(3))
        door = cast("Door", SimpleNamespace(plain=asyncio.Protocol, secured=asyncio.Protocol))
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        listener = Listener(0, ((own, None), (others, secured)), door, tls)
        await listener.open()
        for numbers in ((1,), (), (1,)):
            await listener.stand_in(numbers)
        listener.close()
        assert waits == [False] * 5


async def test_who_has_no_file_left_to_stand_in_with_goes_on_with_its_own(two: Ldap) -> None:
    """Else its clients would come to the next one, which has no more files than it had."""
    first, second = worker_processes()
    own = files(second)
    before = resource.prlimit(second, resource.RLIMIT_NOFILE)
    async with clients(two, 20) as every:
        for client in every:
            await client.names()
        taken = files(second)
        assert taken > own
        free = next(number for number in range(before[0]) if number not in taken)
        resource.prlimit(second, resource.RLIMIT_NOFILE, (free, before[1]))
        os.kill(first, signal.SIGKILL)
        await until(lambda: len(two.workers.tally.workers) == 1)
        await until(lambda: len(two.workers.tally.workers) == 2)
        alive = 0
        for client in every:
            with suppress(ConnectionError):
                alive += len(await client.names()) == len(NAMES) + 1
    assert alive == len(taken - own)
    assert second in worker_processes()
    assert two.workers.restarts == 1


async def test_who_comes_to_one_that_hangs_does_not_wait_until_it_is_ended(tmp_path: Path) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with open_ldap(tmp_path, workers=3, missed_seconds=7.0, silent_seconds=600.0) as ldap:
        before = {pid: connections(pid) for pid in worker_processes()}
        stuck = ldap.workers.pids[0]
        assert len(ldap.workers.answering) == 3
        os.kill(stuck, signal.SIGSTOP)
        plain = [asyncio.create_task(Client.open(ldap.port)) for _ in range(20)]
        secured = [asyncio.create_task(Client.open(ldap.tls_port, tls=trusting)) for _ in range(20)]
        async with asyncio.timeout(60):
            every = await asyncio.gather(*plain, *secured)
            for client in every:
                assert len(await client.names()) == 4
                client.close()
        assert ldap.workers.pids[0] == stuck
        assert len(worker_processes()) == 3
        await until(lambda: len(ldap.workers.answering) == 2)
        [found] = await checks(ldap, 3)
        assert (found.level, found.data) == (CheckLevel.WARNING, {"alive": 2, "count": 3})
        os.kill(stuck, signal.SIGCONT)
        await until(lambda: {pid: connections(pid) for pid in worker_processes()} == before)
        await until(lambda: len(ldap.workers.answering) == 3)


async def test_one_that_hangs_is_replaced(tmp_path: Path) -> None:
    async with open_ldap(tmp_path, workers=2, silent_seconds=8.0) as ldap:
        stuck = ldap.workers.pids[0]
        os.kill(stuck, signal.SIGSTOP)
        await until(lambda: ldap.workers.pids[0] != stuck, 40)
        await until(lambda: len(ldap.workers.tally.workers) == 2, 40)
        assert stuck not in worker_processes()
        assert ldap.workers.restarts == 1


async def test_who_is_asked_about_passwords_and_does_not_answer_holds_no_worker_up(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def silent(_: Check) -> Checked:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with open_ldap(tmp_path, check=silent) as ldap, clients(ldap, 1) as [client]:
        [first] = worker_processes()
        waiting = asyncio.ensure_future(client.ask(BIND))
        await asked.wait()
        os.kill(first, signal.SIGKILL)
        await until(lambda: worker_processes() not in ([], [first]), 20)
        async with clients(ldap, 1) as [after]:
            assert len(await after.names()) == 4
        with pytest.raises(ConnectionError):
            await waiting


async def test_a_new_password_ends_what_was_bound_with_the_old_one(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, open_ldap(tmp_path, check=house.rooms.ldap.check) as ldap:
        rooms, anna, old = house.rooms, house.ids["anna"], b"correct horse battery"
        rooms.ldap.attach(ldap.workers.configure)
        await rooms.ldap.save(LdapUser("boss", "boss"), "let me ring")
        await rooms.ldap.save(Profile("p", "Board", ("board",), users=("boss",)))

        async def come(client: Client, name: str, password: bytes) -> None:
            _, answer = await client.ask(BindRequest(3, name, Simple(password)))
            assert isinstance(answer, BindResponse)
            assert answer.result.code is ResultCode.SUCCESS

        async with clients(ldap, 4) as (boss, person, ben, nobody):
            await come(boss, "boss", b"let me ring")
            await come(person, "anna", old)
            await come(ben, "ben", old)
            assert await boss.names() == ["Zeno Capo"]
            assert len(await person.names()) == len(await ben.names()) == len(await nobody.names()) == 4
            await rooms.people.keep_hash(anna, rooms.people.password_hash(anna), "the same password with later parameters")
            await rooms.ldap.save(LdapUser("boss", "boss", comment="another comment"))
            await rooms.ldap.save(LdapUser("boss", "boss"), "another one")
            await until_all([boss], [])
            assert len(await person.names()) == 4, "the password is the same"
            await rooms.people.save_user(rooms.people.need_user(anna), "a new horse battery")
            await until_all([person], [])
            assert len(await ben.names()) == len(await nobody.names()) == 4
            await come(boss, "boss", b"another one")
            await come(person, "anna", b"a new horse battery")
            assert await boss.names() == ["Zeno Capo"]
            assert len(await person.names()) == 4


async def test_a_file_that_is_cut_off_is_let_go_of_and_taken_again(two: Ldap) -> None:
    """Nobody asks in between, so that nobody reads what is not there any more: the workers notice by themselves."""
    pids = worker_processes()
    file = current(two, "crm")
    os.truncate(file, 100)
    await until(lambda: two.workers.missing == {0: {"crm": ANY}, 1: {"crm": ANY}})
    async with clients(two, 10) as every:
        await until_all(every, ["Zeno Capo"])
        assert worker_processes() == pids
        assert two.workers.missing == {0: {"crm": ANY}, 1: {"crm": ANY}}
        assert await told(two) == {"ldap": CheckLevel.OK, "ldap-books": CheckLevel.ERROR}
        assert (await checks(two))[1].data == {"books": "Our customers"}
        file.unlink()
        publish(two.folder, {"crm": people(NAMES, "crm"), "board": people(["Zeno Capo"], "board", 200)})
        await until_all(every, [*NAMES, "Zeno Capo"])
    assert worker_processes() == pids
    assert two.workers.missing == {0: {}, 1: {}}
    assert await told(two) == {"ldap": CheckLevel.OK}


async def test_who_reads_what_was_cut_off_is_started_anew_and_serves_the_rest(
    two: Ldap, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(workers.log, "warning", lambda words, **more: told.append(str(more.get("why"))))
    file = current(two, "crm")
    os.truncate(file, 0)
    lost = 0
    async with clients(two, 20) as every:
        for client in every:
            try:
                await client.names()
            except ConnectionError:
                lost += 1
    async with clients(two, 20) as fresh:
        await until_all(fresh, ["Zeno Capo"])
    assert len(worker_processes()) == 2
    assert two.workers.restarts <= 2
    # The first who asked was probably faster than the look of a worker, every fifth of a second.
    assert len(told) == two.workers.restarts
    assert all("SIGBUS" in why for why in told)
    assert bool(lost) == bool(told)


async def test_a_file_that_vanishes_serves_on_and_is_missed_by_who_comes_later(two: Ldap) -> None:
    file = current(two, "crm")
    file.unlink()
    async with clients(two, 10) as every:
        await until_all(every, [*NAMES, "Zeno Capo"])
    for pid in worker_processes():
        os.kill(pid, signal.SIGKILL)
    async with clients(two, 10) as every:
        await until_all(every, ["Zeno Capo"])
        publish(two.folder, {"crm": people(NAMES, "crm"), "board": people(["Zeno Capo"], "board", 200)})
        await until_all(every, [*NAMES, "Zeno Capo"])


def resident(pid: int) -> int:
    """Bytes of memory that a process has to itself."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))


async def test_thousands_that_say_nothing_are_no_burden(tmp_path: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 2 * IDLERS:
        pytest.skip(f"{IDLERS} connections need more open files than this machine allows")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    async with open_ldap(tmp_path, LdapSettings(connections_per_address=PER_ADDRESS)) as ldap:
        [pid] = worker_processes()
        async with clients(ldap, 1) as [client]:
            expected = await client.names()
            before = resident(pid)
            idlers: list[Client] = []
            try:
                for number in range(IDLERS):
                    idlers.append(await Client.open(ldap.port, f"127.0.1.{1 + number // PER_ADDRESS}"))
                    if number % 300 == 0:
                        assert await client.names() == expected
                await until(lambda: connections(pid) > IDLERS)
                took = []
                for _ in range(100):
                    begun = asyncio.get_running_loop().time()
                    assert await client.names() == expected
                    took.append(asyncio.get_running_loop().time() - begun)
                assert sorted(took)[50] < 0.05
                assert (resident(pid) - before) / IDLERS < 20_000
                assert await idlers[0].names() == expected
                one_more = await Client.open(ldap.port, "127.0.1.1")
                with pytest.raises((AssertionError, ConnectionError)):
                    await one_more.names()
                one_more.close()
            finally:
                for idler in idlers:
                    idler.close()


def test_no_port_is_shared_with_another_server(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0, shared=True) as other:
        port = int(other.getsockname()[1])
        with pytest.raises(Unavailable, match=f"port {port}"):
            LdapDoor.open(Settings(server=ServerSettings(data=str(tmp_path)), ldap=LdapSettings(port=port, workers=2)))


def test_a_server_that_was_told_nothing_answers_where_a_port_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with bind("127.0.0.1", 0) as taken, bind("127.0.0.1", 0) as freed:
        ports = [int(sock.getsockname()[1]) for sock in (taken, freed)]
        freed.close()
        monkeypatch.setattr("unisono.app.ldap.LDAP_PORT", ports[1])
        monkeypatch.setattr("unisono.app.ldap.LDAPS_PORT", ports[0])
        assert by_itself(LdapSettings()) == LdapSettings(port=ports[1], tls_port=0)
        monkeypatch.setattr("unisono.app.ldap.LDAPS_PORT", ports[1])
        assert by_itself(LdapSettings()) == LdapSettings(port=ports[1], tls_port=ports[1])
        monkeypatch.setenv("PATH", "")  # nothing there to make a certificate
        assert by_itself(LdapSettings()) == LdapSettings(port=ports[1], tls_port=0)
        for told in (LdapSettings(port=0, tls_port=714), LdapSettings(port=712), LdapSettings(tls_port=714)):
            assert by_itself(told) == told


async def test_check_says_what_a_server_does_that_was_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def said(ldap: LdapSettings) -> list[tuple[str, str, str]]:
        settings = Settings(server=ServerSettings(data=str(tmp_path)), web=WebSettings(port=0, tls_port=0), ldap=ldap)
        found = [each async for each in check(settings) if each.what.startswith("port")]
        return [(each.what, each.level.value, each.message) for each in found]

    with bind("127.0.0.1", 0) as taken, bind("127.0.0.1", 0) as freed:
        busy, free = (int(sock.getsockname()[1]) for sock in (taken, freed))
        freed.close()
        monkeypatch.setattr("unisono.app.check.LDAP_PORT", free)
        monkeypatch.setattr("unisono.app.check.LDAPS_PORT", busy)
        plain, tls = await said(LdapSettings())
        assert plain == (f"port {free}", "ok", "LDAP answers here, as no port of it is set. Free to listen on 127.0.0.1.")
        assert tls[:2] == (f"port {busy}", "warning")
        assert tls[2].startswith("LDAP over TLS stays switched off: no port of it is set, and the usual one is taken. Cannot")
        monkeypatch.setattr("unisono.app.check.can_have_certificate", lambda: False)
        assert "no openssl" in (await said(LdapSettings()))[1][2]
        assert await said(LdapSettings(port=0)) == []
        assert [what for what, *_ in await said(LdapSettings(port=free))] == [f"port {free}"]
