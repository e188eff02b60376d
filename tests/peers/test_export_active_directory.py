"""Contacts into an organisational unit of a Samba domain controller: nothing else in it is ever touched."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.peers.samba import ADMIN, PASSWORD, Samba
from tests.rooms.directory_rig import UDINE, open_directory, running
from tests.rooms.test_exports_process import workers

from unisono.directory.exporters.active_directory import ActiveDirectoryExport, ActiveDirectorySettings, check
from unisono.directory.exporters.ad_object import USUAL, mark_of
from unisono.directory.exporters.model import ExportColumn, Exporter
from unisono.directory.exporters.selection import Selection
from unisono.directory.exporters.values import writer
from unisono.directory.exporters.written import Written
from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.replicators.mapping import contact_id
from unisono.directory.replicators.source import Record
from unisono.directory.runs.model import Counts, RunState, Trigger
from unisono.directory.service import Directory, NewContact
from unisono.kernel.errors import Fault
from unisono.kernel.settings import parse
from unisono.numbers import NumberFormat
from unisono.storage import Database

pytestmark = [pytest.mark.peer]

EXPORT = "e" * 32


class Notes:
    """What an export has written down; `fails`: the process dies before it writes down what it made."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.fails = False

    def objects(self) -> dict[str, str]:
        return dict(self.kept)

    def note(self, made: Mapping[str, str], gone: Collection[str] = ()) -> None:
        if self.fails and any(made.values()):
            raise InterruptedError
        self.kept.update(made)
        for contact in gone:
            self.kept.pop(contact, None)


def person(name: str, **more: Any) -> Contact:
    first, _, last = name.partition(" ")
    return Contact(contact_id("b", more.pop("key", name)), "b", name, name, first, last, **more)


def settings(samba: Samba, unit: str, **changes: object) -> ActiveDirectorySettings:
    given = {"host": samba.host, "user": ADMIN, "password": PASSWORD, "base": unit, "ca_file": samba.authority, **changes}
    return parse(given, ActiveDirectorySettings)


def run(
    samba: Samba, unit: str, notes: Notes, contacts: Sequence[Contact], *, columns: tuple[ExportColumn, ...] = USUAL,
    dry: bool = False,
) -> Written:  # fmt: skip
    selection = Selection(Exporter("", "", ""), columns)
    written = writer(UDINE, NumberFormat.PLAIN)
    export = ActiveDirectoryExport(
        settings(samba, unit), selection.names, lambda: selection.exported(contacts, written), notes, EXPORT
    )
    export.find(lambda counts: None, dry=dry)
    if not dry:
        export.publish(lambda counts: None)
    return export.written


def there(samba: Samba, unit: str) -> dict[str, dict[str, Any]]:
    """What is in a unit, by common name."""
    samba.admin.search(unit, "(objectClass=*)", "LEVEL", attributes=["*"])
    found = [
        {name: [_text(name, value) for value in values] for name, values in entry["raw_attributes"].items()}
        for entry in samba.admin.response
        if "raw_attributes" in entry
    ]
    return {each["cn"][0]: {n: values[0] if len(values) == 1 else values for n, values in each.items()} for each in found}


def _text(name: str, value: bytes) -> str:
    return str(UUID(bytes_le=value)) if name == "objectGUID" else value.decode(errors="backslashreplace")


def tell(written: Written) -> dict[str, int]:
    counts = written.counts
    return {name: n for name in ("added", "changed", "removed", "unchanged", "failed") if (n := getattr(counts, name))}


ANNA = person(
    "Anna Rossi", company="Rossi & Figli", emails=("anna@rossi.example",), note="Zeile 1\nZeile 2",
    numbers=(ContactNumber(NumberKind.BUSINESS, "0432 1", "+390432111"), ContactNumber(NumberKind.MOBILE, "3", "+393471")),
    addresses=(Address(AddressKind.BUSINESS, "Via Roma 1", "33100", "Udine", "UD", "Italia"),),
)  # fmt: skip
BEN = person("Jörg Groß", company="ACME")


def test_contacts_are_made_changed_and_taken_away(samba: Samba) -> None:
    unit, notes = samba.unit(), Notes()
    assert tell(run(samba, unit, notes, [ANNA, BEN], dry=True)) == {"added": 2}
    assert there(samba, unit) == {}
    assert notes.kept == {}
    assert tell(run(samba, unit, notes, [ANNA, BEN])) == {"added": 2}
    found = there(samba, unit)
    assert set(found) == {"Anna Rossi", "Jörg Groß"}
    anna = found["Anna Rossi"]
    assert anna["objectClass"] == ["top", "person", "organizationalPerson", "contact"]
    assert (anna["telephoneNumber"], anna["mobile"], anna["mail"]) == ("+390432111", "+393471", "anna@rossi.example")
    assert (anna["l"], anna["co"], anna["info"]) == ("Udine", "Italia", "Zeile 1\nZeile 2")
    assert anna["adminDescription"] == mark_of(EXPORT, ANNA.id)
    assert notes.kept == {ANNA.id: anna["objectGUID"], BEN.id: found["Jörg Groß"]["objectGUID"]}

    assert tell(run(samba, unit, notes, [ANNA, BEN])) == {"unchanged": 2}
    married = person("Anna Bianchi", key="Anna Rossi", company="Rossi & Figli")
    dry = run(samba, unit, notes, [married], dry=True)
    assert tell(dry) == {"changed": 1, "removed": 1}
    [change] = dry.report.changed
    assert (change.old["sn"], change.new["sn"], change.new["mail"]) == ("Rossi", "Bianchi", "")
    assert [gone.name for gone in dry.report.removed] == [f"CN=Jörg Groß,{unit}"]
    assert set(there(samba, unit)) == {"Anna Rossi", "Jörg Groß"}
    run(samba, unit, notes, [married])
    [(name, now)] = there(samba, unit).items()
    assert (name, now["sn"], now["objectGUID"]) == ("Anna Bianchi", "Bianchi", anna["objectGUID"])
    assert "mail" not in now
    assert tell(run(samba, unit, notes, [married])) == {"unchanged": 1}


def test_what_was_exported_reads_back(samba: Samba) -> None:
    unit = samba.unit()
    run(samba, unit, Notes(), [ANNA])
    [record] = [item for item in samba.source(base=unit, changes="none").read(None) if isinstance(item, Record)]
    values = record.values
    assert (values["displayName"], values["givenName"], values["sn"]) == ("Anna Rossi", "Anna", "Rossi")
    assert (values["telephoneNumber"], values["streetAddress"], values["postalCode"]) == ("+390432111", "Via Roma 1", "33100")


def test_nothing_of_others_is_touched(samba: Samba) -> None:
    unit, notes = samba.unit(), Notes()
    samba.person(unit, "user")
    samba.person(unit, "Somebody Else", "contact", adminDescription=mark_of("a" * 32, ANNA.id))
    samba.person(unit, "Copied Mark", "contact", adminDescription=mark_of(EXPORT, contact_id("b", "nobody")))
    samba.did(samba.admin.add(f"CN=group,{unit}", "group", {"sAMAccountName": f"g{next(samba.numbers)}"}))
    before = there(samba, unit)
    run(samba, unit, notes, [ANNA, BEN])
    samba.person(unit, "Copy of Anna", "contact", adminDescription=mark_of(EXPORT, ANNA.id))
    before["Copy of Anna"] = there(samba, unit)["Copy of Anna"]
    changed = person("Anna Rossi", company="Other")
    assert tell(run(samba, unit, notes, [changed, BEN])) == {"changed": 1, "unchanged": 1}
    assert tell(run(samba, unit, notes, [])) == {"removed": 2}
    assert there(samba, unit) == before
    assert notes.kept == {}


def test_what_people_took_over_or_moved_is_theirs(samba: Samba) -> None:
    unit, elsewhere, notes = samba.unit(), samba.unit(), Notes()
    dora = person("Dora D")
    run(samba, unit, notes, [ANNA, BEN, dora])
    samba.change(f"CN=Anna Rossi,{unit}", adminDescription="ours now")
    samba.did(samba.admin.modify_dn(f"CN=Jörg Groß,{unit}", "CN=Jörg Groß", new_superior=elsewhere))
    samba.did(samba.admin.delete(f"CN=Dora D,{unit}"))
    moved = there(samba, elsewhere)
    contacts = [person("Anna Rossi", company="New"), person("Jörg Groß", company="New"), dora]
    written = run(samba, unit, notes, contacts)
    assert tell(written) == {"failed": 2, "added": 1}
    assert {(failure.name, failure.code) for failure in written.report.failed} == {
        ("Anna Rossi", "taken-over"), ("Jörg Groß", "moved"),
    }  # fmt: skip
    found = there(samba, unit)
    assert set(found) == {"Anna Rossi", "Dora D"}
    assert found["Anna Rossi"]["company"] == "Rossi & Figli"
    assert tell(run(samba, unit, notes, [])) == {"removed": 1}
    assert set(there(samba, unit)) == {"Anna Rossi"}
    assert there(samba, elsewhere) == moved


def test_a_run_that_dies_is_taken_up_again_without_doubles(samba: Samba) -> None:
    unit, notes = samba.unit(), Notes()
    notes.fails = True
    with pytest.raises(InterruptedError):
        run(samba, unit, notes, [ANNA, BEN])
    first = there(samba, unit)
    assert set(first) == {"Anna Rossi", "Jörg Groß"}
    assert set(notes.kept.values()) == {""}
    notes.fails = False
    assert tell(run(samba, unit, notes, [ANNA])) == {"unchanged": 1, "removed": 1}
    assert there(samba, unit) == {"Anna Rossi": first["Anna Rossi"]}


def test_without_what_was_written_down_nothing_is_ours(samba: Samba) -> None:
    """A database that was lost or brought back from before: marks alone are not enough."""
    unit = samba.unit()
    run(samba, unit, Notes(), [ANNA])
    written = run(samba, unit, Notes(), [person("Anna Rossi", company="New")])
    assert [failure.code for failure in written.report.failed] == ["unknown-mark"]
    assert tell(run(samba, unit, Notes(), [])) == {}
    assert there(samba, unit)["Anna Rossi"]["company"] == "Rossi & Figli"


def test_many_of_one_name_and_odd_names(samba: Samba) -> None:
    unit, notes = samba.unit(), Notes()
    samba.person(unit, "Anna")
    odd = [' #a, "b" + <c>; \\d = /e/ ', "x" * 200, "Zoë\nΩ", "*()"]
    contacts = [person("Anna", key=str(n)) for n in range(3)] + [person(name) for name in odd]
    written = run(samba, unit, notes, contacts)
    assert (tell(written), written.report.failed) == ({"added": 7}, [])
    assert len(there(samba, unit)) == 8
    assert tell(run(samba, unit, notes, contacts)) == {"unchanged": 7}
    assert tell(run(samba, unit, notes, [])) == {"removed": 7}
    assert set(there(samba, unit)) == {"Anna"}


def test_one_that_is_refused_stops_no_other(samba: Samba) -> None:
    unit, notes = samba.unit(), Notes()
    columns = (*USUAL, ExportColumn("countryCode", "{customer_id}"))
    written = run(samba, unit, notes, [person("Bad", customer_id="x"), ANNA], columns=columns)
    assert [failure.name for failure in written.report.failed] == ["Bad"]
    assert written.report.failed[0].message
    assert set(there(samba, unit)) == {"Anna Rossi"}
    assert set(notes.kept) == {ANNA.id}
    nobody = (*USUAL, ExportColumn("noSuchAttribute", "x"))
    with pytest.raises(Fault) as caught:
        run(samba, unit, notes, [ANNA, *(person(f"n{n}") for n in range(100))], columns=nobody)
    assert caught.value.code == "export-refused"
    assert len(there(samba, unit)) == 1


def test_only_with_a_certificate_that_can_be_checked(samba: Samba) -> None:
    unit = samba.unit()
    assert check(settings(samba, unit)).version.lower() == unit.partition(",")[2].lower()
    for changes, code in (
        ({"ca_file": ""}, "source-certificate"),
        ({"host": "127.0.0.1", "port": 9}, "source-unreachable"),
        ({"port": 389}, "source-unreachable"),
        ({"base": f"OU=nothing,{unit}"}, "source-not-there"),
        ({"password": "wrong"}, "source-sign-in"),
    ):
        with pytest.raises(Fault) as caught:
            check(settings(samba, unit, **changes))
        assert caught.value.code == code, caught.value.message


def test_an_account_that_may_not_write_is_told_before(samba: Samba) -> None:
    unit = samba.unit()
    name = f"w{next(samba.numbers)}"
    reader = samba.person(unit, name, sAMAccountName=name, userPrincipalName=f"{name}@corp.company.example")
    samba.did(samba.admin.extend.microsoft.modify_password(reader, PASSWORD))
    with pytest.raises(Fault) as caught:
        check(settings(samba, unit, user=f"{name}@corp.company.example"))
    assert caught.value.code == "source-forbidden"


@pytest.fixture
async def directory(sqlite: Database, tmp_path: Path) -> AsyncIterator[Directory]:
    async with running(await open_directory(sqlite, tmp_path)) as made:
        yield made


async def test_through_the_export_process_with_its_question(samba: Samba, directory: Directory) -> None:
    unit = samba.unit()
    given: dict[str, object] = {
        "host": samba.host, "user": ADMIN, "password": PASSWORD, "base": unit, "ca_file": samba.authority,
    }  # fmt: skip
    found = await directory.exports.check("", "active-directory", given)
    assert found.peer == "Active Directory dc1.corp.company.example"
    for name in ("Anna", "Ben", "Carl"):
        await directory.create(NewContact(name), "")
    export = await directory.exports.save(Exporter("", "AD", "active-directory", settings=given))

    async def now(*, dry: bool = False) -> tuple[RunState, Counts]:
        run = await directory.exports.wait(await directory.exports.start(export.id, Trigger.MANUAL, dry=dry))
        return run.state, run.counts

    assert await now() == (RunState.DONE, Counts(rows=3, total=3, added=3))
    assert set(there(samba, unit)) == {"Anna", "Ben", "Carl"}
    assert len(await directory.exports.store.objects(export.id)) == 3
    await directory.remove((await directory.search("anna"))[0].id)
    assert await now(dry=True) == (RunState.DONE, Counts(rows=2, total=2, removed=1, unchanged=2))
    assert await now() == (RunState.ASKS, Counts(rows=2, total=2, removed=1, unchanged=2))
    assert set(there(samba, unit)) == {"Anna", "Ben", "Carl"}
    [asking, *_] = await directory.exports.runs.runs(export.id)
    done = await directory.exports.wait(await directory.exports.confirm(asking.id))
    assert (done.state, done.counts.removed) == (RunState.DONE, 1)
    assert set(there(samba, unit)) == {"Ben", "Carl"}
    assert len(await directory.exports.store.objects(export.id)) == 2


async def test_a_process_that_is_killed_halfway_leaves_no_doubles(samba: Samba, directory: Directory) -> None:
    unit = samba.unit()
    given: dict[str, object] = {
        "host": samba.host, "user": ADMIN, "password": PASSWORD, "base": unit, "ca_file": samba.authority,
    }  # fmt: skip
    for number in range(MANY):
        await directory.create(NewContact(f"Name {number % 100}"), "")
    export = await directory.exports.save(Exporter("", "AD", "active-directory", settings=given))
    begun = await directory.exports.start(export.id, Trigger.MANUAL)
    async with asyncio.timeout(60):
        while len(await asyncio.to_thread(objects, samba, unit)) < MANY // 4:
            pass
    [worker] = workers()
    os.kill(worker, signal.SIGKILL)
    assert (await directory.exports.wait(begun)).code == "export-lost"
    before = objects(samba, unit)
    assert len(before) < MANY
    done = await directory.exports.wait(await directory.exports.start(export.id, Trigger.MANUAL))
    assert (done.state, done.counts.failed) == (RunState.DONE, 0)
    assert done.counts.added + done.counts.unchanged == MANY
    assert done.counts.unchanged >= len(before)
    found = objects(samba, unit)
    assert len(found) == MANY
    assert before <= found
    assert len(await directory.exports.store.objects(export.id)) == MANY


MANY = 250


def objects(samba: Samba, unit: str) -> set[str]:
    """The marks of what is in a unit."""
    entries = samba.admin.extend.standard.paged_search(unit, "(objectClass=contact)", "LEVEL", attributes=["adminDescription"])
    return {entry["raw_attributes"]["adminDescription"][0].decode() for entry in entries if "raw_attributes" in entry}
