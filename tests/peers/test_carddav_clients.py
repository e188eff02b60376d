"""CardDAV, asked by clients not written for it: vdirsyncer, and the source that reads Radicale; over a real socket."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
import vobject
from msgspec.structs import replace
from tests.rooms.test_phonebooks_doors import contact, put
from tests.rooms.web_house import PASSWORD, House, open_house

from unisono.directory.index import Layer
from unisono.directory.ldap.model import Profile
from unisono.directory.model import NumberKind
from unisono.directory.replicators.carddav import CardDavSettings
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.mapping import Mapper
from unisono.directory.replicators.source import Column, Gone, Item, Mark, Record, Source
from unisono.directory.replicators.suggest import suggest
from unisono.directory.replicators.vcard import FIELDS
from unisono.directory.runs.model import BadRow
from unisono.directory.segment import build
from unisono.kernel.errors import Fault
from unisono.kernel.settings import parse
from unisono.web.serve import OPTIONS

pytestmark = pytest.mark.peer

ANNA, BEN = contact(1, "Anna Rossi, «Nina»"), contact(2, "Ben Müller")
BOSS = contact(900, "Zeno Capo", "board")


@dataclass
class Served:
    """The server on a port of loopback."""

    house: House
    url: str

    def source(self, login: str = "anna", path: str = "/", **settings: object) -> Source:
        given = {"url": self.url + path, "user": login, "password": PASSWORD, **settings}
        return KINDS["carddav"].open(parse(given, CardDavSettings))

    async def read(self, source: Source, since: str | None = None) -> list[Item]:
        return await asyncio.to_thread(lambda: list(source.read(since)))


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with open_house(tmp_path) as house:
        put(house, "crm", ANNA, BEN)
        put(house, "board", BOSS)
        await house.rooms.ldap.save(Profile("crm", "Crm", books=("crm",), people=(house.ids["anna"],)))
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            server = uvicorn.Server(uvicorn.Config(house.app, **OPTIONS))
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(server.serve([sock]))
                yield Served(house, f"http://127.0.0.1:{sock.getsockname()[1]}")
                server.should_exit = True
                await running


def names(items: list[Item]) -> set[str]:
    return {str(item.values["FN"]) for item in items if isinstance(item, Record)}


@pytest.mark.parametrize("path", ["/", "/carddav/", "/.well-known/carddav"])
async def test_our_own_source_finds_the_books_and_reads_them(served: Served, path: str) -> None:
    checked = await asyncio.to_thread(served.source(path=path).check)
    assert checked.records == 2
    items = await served.read(served.source(path=path))
    assert names(items) == {"Anna Rossi, «Nina»", "Ben Müller"}


async def test_a_contact_comes_back_as_it_was(served: Served) -> None:
    items = await served.read(served.source())
    record = next(item for item in items if isinstance(item, Record) and "Anna" in str(item.values["FN"]))
    rules = suggest([Column(name, (), FIELDS.get(name, "")) for name in record.values])
    draft = Mapper(rules, lambda raw, region: raw).draft(record)
    assert not isinstance(draft, BadRow)
    again = draft.contact("crm", "k1")
    assert (again.display_name, again.first_name, again.company) == (ANNA.display_name, ANNA.first_name, ANNA.company)
    assert [(number.kind, number.canonical) for number in again.numbers] == [(NumberKind.BUSINESS, "+390432550001")]


async def test_our_own_source_reads_what_changed(served: Served) -> None:
    directory = served.house.rooms.directory
    items = await served.read(served.source())
    [mark] = [item.cursor for item in items if isinstance(item, Mark)]
    assert [item for item in await served.read(served.source(), mark) if not isinstance(item, Mark)] == []
    layers = [part.layer for part in reversed(directory.index.books["crm"])]
    layers.append(Layer(build([contact(3, "Carla Neu")], "crm"), frozenset({BEN.id})))
    directory._index = directory.index.with_book("crm", *layers)
    changed = await served.read(served.source(), mark)
    assert names(changed) == {"Carla Neu"}
    assert [item.key for item in changed if isinstance(item, Gone)] == [
        f"/carddav/books/{served.house.ids['anna']}/crm/{BEN.id}.vcf"
    ]
    put(served.house, "crm", ANNA)
    with pytest.raises(Fault):
        await served.read(served.source(), mark)


async def test_our_own_source_reads_a_book_of_many_answers(served: Served) -> None:
    put(served.house, "crm", *(contact(number, f"Carla {number}") for number in range(4500)))
    items = await served.read(served.source())
    assert len(names(items)) == 4500


async def test_another_person_gets_another_book(served: Served) -> None:
    await served.house.rooms.ldap.save(Profile("b", "B", books=("board",), people=(served.house.ids["ben"],)))
    assert names(await served.read(served.source("ben"))) == {"Zeno Capo"}
    with pytest.raises(Fault):
        await served.read(served.source("ben", password="wrong"))


class Vdirsyncer:
    """vdirsyncer with a folder of its own."""

    def __init__(self, served: Served, folder: Path, password: str = PASSWORD) -> None:
        self.cards = folder / "cards"
        self._config = folder / "config"
        self._config.write_text(
            f"""
[general]
status_path = "{folder}/status"
[pair p]
a = "here"
b = "there"
collections = ["from b"]
conflict_resolution = "b wins"
metadata = ["displayname"]
[storage here]
type = "filesystem"
path = "{self.cards}"
fileext = ".vcf"
[storage there]
type = "carddav"
read_only = true
url = "{served.url}/"
username = "anna"
password = "{password}"
"""
        )

    async def run(self, *arguments: str) -> tuple[int, str]:
        command = (sys.executable, "-m", "vdirsyncer", "--config", str(self._config), *arguments)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self._config.parent), "LC_ALL": "C.UTF-8"}
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
        )
        async with asyncio.timeout(60):
            out, _ = await process.communicate(b"y\n" * 20)
        assert process.returncode is not None
        return process.returncode, out.decode()

    def names(self) -> set[str]:
        return {vobject.readOne(path.read_text(encoding="utf-8")).fn.value for path in self.cards.rglob("*.vcf")}


async def test_vdirsyncer_keeps_a_folder_in_step(served: Served, tmp_path: Path) -> None:
    client = Vdirsyncer(served, tmp_path)
    code, out = await client.run("discover")
    assert code == 0, out
    assert re.findall('^  - "(.*?)"', out, re.MULTILINE) == ["crm"], "address books, and only those of the profile"
    code, out = await client.run("sync")
    assert code == 0, out
    assert client.names() == {"Anna Rossi, «Nina»", "Ben Müller"}
    put(served.house, "crm", replace(ANNA, display_name="Anna Verdi"), contact(3, "Carla Neu"))
    code, out = await client.run("sync")
    assert code == 0, out
    assert client.names() == {"Anna Verdi", "Carla Neu"}
    code, out = await client.run("metasync")
    assert code == 0, out


async def test_vdirsyncer_may_not_write(served: Served, tmp_path: Path) -> None:
    client = Vdirsyncer(served, tmp_path)
    await client.run("discover")
    await client.run("sync")
    config = tmp_path / "config"
    config.write_text(config.read_text().replace("read_only = true\n", ""))
    [book] = client.cards.iterdir()
    await client.run("discover")
    (book / "new.vcf").write_text("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:new\r\nFN:New\r\nEND:VCARD\r\n")
    code, out = await client.run("sync")
    assert code != 0
    assert "403" in out
    assert served.house.rooms.directory.index.count("crm") == 2


async def test_vdirsyncer_is_told_that_its_password_is_wrong(served: Served, tmp_path: Path) -> None:
    code, out = await Vdirsyncer(served, tmp_path, "wrong").run("discover")
    assert code != 0
    assert "401" in out or "nauthor" in out
