"""The directory over a real SQLite file: import, look-ups, restart, a full disk."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import event, text

from unisono.directory.events import DirectoryChanged
from unisono.directory.jobs import JobState
from unisono.directory.model import IdentifiedBy, NumberKind
from unisono.directory.service import Directory, NewContact
from unisono.kernel.bus import Bus
from unisono.kernel.errors import Conflict, Fault, Invalid, NotFound, Unavailable
from unisono.storage import Database


def reader_for(location_id: str) -> Any:
    """Numbers of these tests are Italian, with spaces and signs in them."""

    def read(raw: str) -> str:
        digits = "".join(c for c in raw if c.isdigit() or c == "+")
        return digits if digits.startswith("+") else f"+39{digits}" if digits else ""

    return read


CUSTOMERS = """Company;First name;Last name;Phone;Mobile;E-mail;Main phone
Rossi Impianti S.r.l.;;;0432 546-0;;info@rossi.example;
Rossi Impianti S.r.l.;Mario;Rossi;0432 546-12;333 1234567;mario@rossi.example;
Müller Bau GmbH;Jörg;Sørensen;+49 89 36856-17;;;+49 89 36856-0
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.peer)])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def directory(database: Database) -> Directory:
    await database.create_all()
    found = Directory(database, reader_for, Bus())
    await found.load()
    return found


async def test_imports_and_finds(directory: Directory) -> None:
    job = await directory.import_csv(CUSTOMERS.encode(), None, "Customers", "udine")
    assert (job.state, job.imported, job.bad) == (JobState.DONE, 3, [])

    exact = directory.identify("+39043254612")
    assert exact is not None
    assert (exact.name, exact.reason, exact.alternatives) == ("Mario Rossi", IdentifiedBy.EXACT, ())
    unknown = directory.identify("+39043254699")
    assert unknown is None  # three digits of a stem are too few to be sure
    firm = directory.identify("+498936856123")
    assert firm is not None
    assert (firm.name, firm.reason) == ("Müller Bau GmbH", IdentifiedBy.MAIN_NUMBER)
    assert [hit.title for hit in directory.search("muller sorens")] == ["Jörg Sørensen"]


async def test_a_restart_reads_the_same(directory: Directory, database: Database) -> None:
    await directory.import_csv(CUSTOMERS.encode(), None, "Customers", "udine")
    await directory.create(NewContact(company="Bar Sport", numbers=((NumberKind.BUSINESS, "0432 1234"),)), "udine")
    again = Directory(database, reader_for, Bus())
    await again.load()
    assert len(again.index) == 4
    before = directory.identify("+39043254612")
    after = again.identify("+39043254612")
    assert before == after
    assert [(book.name, book.contacts) for book in await again.books()] == [("Customers", 3), ("Own contacts", 1)]


async def test_a_second_import_replaces_the_book_and_keeps_ids(directory: Directory) -> None:
    await directory.import_csv(CUSTOMERS.encode(), None, "Customers", "udine")
    first = directory.identify("+39043254612")
    less = "\n".join(CUSTOMERS.splitlines()[:3])
    await directory.import_csv(less.encode(), None, "Customers", "udine")
    second = directory.identify("+39043254612")
    assert first is not None
    assert second is not None
    assert first.contact.id == second.contact.id
    assert directory.search("sorensen") == []


async def test_nothing_imported_leaves_the_book(directory: Directory) -> None:
    await directory.import_csv(CUSTOMERS.encode(), None, "Customers", "udine")
    with pytest.raises(Invalid, match="No row"):
        await directory.import_csv(b"Company;Phone\n;\n;;;;x\n", None, "Customers", "udine")
    assert directory.identify("+39043254612") is not None


async def test_written_by_hand(database: Database) -> None:
    bus = Bus()
    told: list[object] = []

    async def hear(fact: object) -> None:
        told.append(fact)

    async def resync() -> None:
        raise AssertionError

    subscription = bus.subscribe("test", {DirectoryChanged: hear}, resync=resync)
    await database.create_all()
    directory = Directory(database, reader_for, bus)
    await directory.load()
    made = await directory.create(NewContact(first_name="Ada", numbers=((NumberKind.MOBILE, "333 99"),)), "udine")
    assert directory.get(made.id) == made
    assert directory.identify("+3933399") is not None
    await directory.remove(made.id)
    assert directory.identify("+3933399") is None
    with pytest.raises(NotFound):
        directory.get(made.id)
    with pytest.raises(Invalid):
        await directory.create(NewContact(), "udine")
    assert subscription is not None
    assert bus.depths()["test"][0] == 2


async def test_imported_contacts_are_not_removed_by_hand(directory: Directory) -> None:
    await directory.import_csv(CUSTOMERS.encode(), None, "Customers", "udine")
    hit = directory.search("mario")[0]
    with pytest.raises(Conflict):
        await directory.remove(hit.id)


async def test_full_disk_says_so_and_corrupts_nothing(sqlite: Database) -> None:
    database = sqlite
    await database.create_all()
    directory = Directory(database, reader_for, Bus())
    await directory.load()
    await directory.import_csv(CUSTOMERS.encode(), None, "Customers", "udine")
    await database.engine.dispose()
    event.listen(database.engine.sync_engine, "connect", _small_disk)
    many = "Company;Phone\n" + "".join(f"Firm {n};0432 {n:06}\n" for n in range(5000))
    with pytest.raises(Unavailable) as caught:
        await directory.import_csv(many.encode(), None, "Customers", "udine")
    assert caught.value.code == "disk-full"
    assert directory.identify("+39043254612") is not None
    event.remove(database.engine.sync_engine, "connect", _small_disk)
    await database.engine.dispose()

    again = Directory(database, reader_for, Bus())
    await again.load()
    assert len(again.index) == 3
    async with database.read() as connection:
        assert await connection.scalar(_pragma("integrity_check")) == "ok"


def _small_disk(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA page_count")
    (pages,) = cursor.fetchone()
    cursor.execute(f"PRAGMA max_page_count = {pages + 20}")
    cursor.close()


def _pragma(name: str) -> Any:
    return text(f"PRAGMA {name}")


async def test_a_failed_import_tells_the_admin_why(directory: Directory) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(directory.run())
        job = directory.start_import(b"a;b\nx;y\n", {"a": "no-such-field"}, "Customers", "udine")
        good = directory.start_import(CUSTOMERS.encode(), {"Company": "company"}, "Customers", "udine")
        await directory.idle()
        running.cancel()
    assert (job.state, job.code) == (JobState.FAILED, "unknown-field")
    assert good.state is JobState.DONE
    assert directory.job(good.id) is good
    with pytest.raises(Fault):
        directory.job("nonsense")
