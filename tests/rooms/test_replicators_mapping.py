"""A mapping changes, and the stored records are contacts of a book already."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.rooms.directory_rig import open_directory, running
from tests.rooms.replicators_rig import BOOK, MAPPING, Office, as_it_is, layers

from unisono.directory.replicators.mapping import Rule
from unisono.directory.runs.model import Mode, Run, RunState, Trigger
from unisono.directory.settings import DirectorySettings
from unisono.storage import Database


@pytest.fixture
async def office(sqlite: Database, tmp_path: Path) -> AsyncIterator[Office]:
    settings = DirectorySettings(files=str(tmp_path / "files"))
    async with running(await open_directory(sqlite, tmp_path, settings=settings)) as directory:
        office = Office(directory, tmp_path)
        await office.configure()
        yield office


async def test_a_stored_record_that_a_new_mapping_refuses_keeps_its_contact(office: Office) -> None:
    """However often the book is made anew or written anew; and it is taken again with a mapping that can."""
    rows = [f"{n};Contact {n};0432 55{n:04};" for n in range(20)]
    rows[7] = f"7;Contact 7;0432 550007;{'x' * 1500}"
    office.write(*rows)
    await office.read()
    told = {"key": "7", "field": "company", "characters": 3009, "most": 2000}

    async def kept(run: Run) -> None:
        assert (run.state, run.counts.failed) == (RunState.DONE, 1)
        [bad] = (await office.runs.runs.report(run.id)).bad
        assert (bad.line, bad.code, bad.data) == (0, "stored-text-too-long", told)
        assert len(office.names()) == 20
        found = office.directory.identify("+390432550007")
        assert found is not None
        assert (found.name, found.contact.company) == ("Contact 7", "")

    doubled = Rule("company", "{Note}{Name}{Note}")
    await office.configure(mapping=(*MAPPING, doubled))
    for _ in range(2):
        [made, *_] = await office.runs.last(office.id, 1)
        await kept(await office.runs.wait(made))
        made = await office.runs.wait(await office.runs.start(office.id, Mode.REMAKE, Trigger.MANUAL))
        await kept(made)
    rows[10:] = [f"{n};Renamed {n};0432 55{n:04};" for n in range(10, 20)]
    office.write(*rows)
    run = await office.read()
    assert (run.counts.changed, run.counts.unchanged) == (10, 10)
    assert await layers(office) == [(20, 0)]  # all of it was written anew
    await kept(run)

    saved = await office.runs.store.get(office.id)
    changed = replace(saved, mapping=(*MAPPING, doubled, Rule("business_city", "{Name}")))
    await office.runs.store.save(changed, BOOK, as_it_is(changed))
    run = await office.read()  # the whole book comes out otherwise; what is refused is told once
    assert (run.state, run.counts.failed, run.counts.changed) == (RunState.DONE, 1, 19)
    assert [bad.code for bad in (await office.runs.runs.report(run.id)).bad] == ["text-too-long"]
    assert office.who("+390432550007") == "Contact 7"
    await office.configure(mapping=MAPPING)
    [made, *_] = await office.runs.last(office.id, 1)
    assert (await office.runs.wait(made)).counts.failed == 0
    assert len(office.names()) == 20
