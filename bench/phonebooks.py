"""Phone books over HTTP: how long telephones and address books wait, and how long everybody else does. Prints JSON.

    python bench/phonebooks.py [--contacts 100000]

The whole server in one process, asked without a network, over contacts of `contacts.py`. Meanwhile a task wakes up every two
milliseconds: by how much it was late is the longest time that the event loop served nobody.
"""

import argparse
import asyncio
import base64
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httpx

from contacts import contact, people
from unisono.app.compose import Rooms
from unisono.app.serve import services
from unisono.app.settings import ServerSettings, Settings
from unisono.directory.index import Layer
from unisono.directory.phonebooks.model import Fleet, Make
from unisono.directory.segment import Segment, SegmentBuilder
from unisono.people.model import User
from unisono.people.settings import PeopleSettings
from unisono.storage import Database
from unisono.web.app import Application
from unisono.web.settings import LimitSettings

PASSWORD = "a long pass phrase"
BOOK = "bench"
UNLIMITED = LimitSettings(address_rate=1_000_000, address_burst=1_000_000)
QUICK = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=64, argon2_parallelism=1)
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
SYNC = (
    f"<D:sync-collection {SPACES}><D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>"
    "</D:sync-collection>"
)
QUERY = (
    f"<C:addressbook-query {SPACES}><D:prop><C:address-data/></D:prop><C:filter>"
    '<C:prop-filter name="{}"><C:text-match>{}</C:text-match></C:prop-filter></C:filter></C:addressbook-query>'
)
LETTERS = "abcdefghiklmnoprstvz"
TYPED = ("mar", "rossi", "m r", "müll tho", "0432", "srl")

Ask = Callable[[int], Awaitable[httpx.Response]]


async def lateness(found: list[float]) -> None:
    """Wake up every two milliseconds, for ever."""
    while True:
        begin = time.perf_counter()
        await asyncio.sleep(0.002)
        found.append(time.perf_counter() - begin - 0.002)


async def measure(ask: Ask, times: int) -> dict[str, Any]:
    """How long answers take, in milliseconds, and how long others waited."""
    late: list[float] = [0.0]
    took: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(lateness(late))
        for number in range(times):
            begin = time.perf_counter()
            answer = await ask(number)
            took.append(time.perf_counter() - begin)
            assert answer.status_code in (200, 207, 304), answer.text[:200]
        watch.cancel()
    size = len(answer.content)
    return {
        "median_ms": round(1000 * statistics.median(took), 1),
        "worst_ms": round(1000 * max(took), 1),
        "others_wait_ms": round(1000 * max(late), 1),
        "bytes": size,
    }


async def furnished(folder: Path, contacts: int) -> Rooms:
    """A server with so many contacts, a fleet of each kind that is measured, and a person."""
    settings = Settings(server=ServerSettings(data=str(folder)), people=QUICK, limits=UNLIMITED)
    rooms = Rooms(settings, Database(settings.server.database_url()))
    await rooms.load()
    builder = SegmentBuilder(BOOK)
    for person in people(contacts):
        builder.add(contact(person, BOOK))
    builder.finish(folder / "segment")
    rooms.directory._index = rooms.directory.index.with_book(BOOK, Layer(Segment.open(folder / "segment")))
    await rooms.people.save_user(User("", "anna", "Anna"), PASSWORD)
    return rooms


def client(rooms: Rooms) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(cast("Any", Application(services(rooms))), client=("192.0.2.1", 1))
    return httpx.AsyncClient(transport=transport, base_url="https://unisono.example")


async def device(rooms: Rooms, make: Make) -> httpx.AsyncClient:
    """A telephone of a fleet of its own."""
    await rooms.phonebooks.save(Fleet(make, make, make))
    _, key = await rooms.phonebooks.add_key(make, "bench")
    phone = client(rooms)
    phone.base_url = httpx.URL(f"https://unisono.example/phonebooks/{make}/")
    phone.headers["Authorization"] = f"Bearer {key}"
    return phone


async def pages(rooms: Rooms) -> dict[str, Any]:
    """What a telephone asks that shows pages."""
    async with await device(rooms, Make.CISCO) as phone:
        return {
            "page": await measure(lambda n: phone.get(f"directory.xml?at=0~{LETTERS[n % 20]}"), 200),
            "search": await measure(lambda n: phone.get(f"search?q={TYPED[n % 6]}"), 60),
            "lookup": await measure(lambda n: phone.get(f"lookup?number=04325{n:05}"), 200),
        }


async def books(rooms: Rooms) -> dict[str, Any]:
    """What a telephone asks that keeps a book, and a program that takes everything."""
    async with await device(rooms, Make.GRANDSTREAM) as phone:
        tag = {"If-None-Match": (await phone.get("phonebook.xml")).headers["etag"]}
        return {
            "book": await measure(lambda n: phone.get("phonebook.xml"), 10),
            "unchanged": await measure(lambda n: phone.get("phonebook.xml", headers=tag), 100),
            "cards": await measure(lambda n: phone.get("contacts.vcf"), 1),
        }


async def address_books(rooms: Rooms) -> dict[str, Any]:
    """What programs ask by CardDAV."""
    [user] = [user for user in rooms.people.users() if user.login == "anna"]
    book = f"/carddav/books/{user.id}/{BOOK}/"
    pair = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()
    async with client(rooms) as program:
        program.headers.update({"Authorization": f"Basic {pair}", "Depth": "0"})
        await program.request("PROPFIND", book)
        indexed, unindexed = QUERY.format("FN", "rossini"), QUERY.format("NOTE", "zzzz")
        return {
            "state": await measure(lambda n: program.request("PROPFIND", book), 100),
            "query": await measure(lambda n: program.request("REPORT", book, content=indexed), 10),
            "query_without_index": await measure(lambda n: program.request("REPORT", book, content=unindexed), 1),
            "sync": await measure(lambda n: program.request("REPORT", book, content=SYNC), 5),
        }


async def run(contacts: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        rooms = await furnished(Path(folder), contacts)
        found = {"contacts": contacts, **await pages(rooms), **await books(rooms), **await address_books(rooms)}
        await rooms.database.close()
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    print(json.dumps(asyncio.run(run(parser.parse_args().contacts)), indent=1))


if __name__ == "__main__":
    main()
