"""PBX links side by side: saved, started, tested, told their devices; secrets stay inside."""

import asyncio
from typing import Annotated

import msgspec
import pytest

from unisono.calls.model import Service
from unisono.calls.port import Accepted, Command, LinkPhase, LinkState, Listener
from unisono.connectors import service
from unisono.connectors.api import steps
from unisono.connectors.manifest import Manifest
from unisono.connectors.service import Connectors, Probe
from unisono.connectors.store import Instance
from unisono.kernel.clock import Clock, ManualClock
from unisono.kernel.errors import Invalid, NotFound
from unisono.kernel.secrets import Secret
from unisono.storage import Database

pytestmark = pytest.mark.usefixtures("tables")


class LampSettings(msgspec.Struct, forbid_unknown_fields=True):
    """A PBX that only has a lamp."""

    host: Annotated[str, msgspec.Meta(description="Where it is.", min_length=1)]
    password: Annotated[Secret, msgspec.Meta(description="Sign-in.")]


class Lamp:
    """Is up when the password is right."""

    def __init__(self, id: str, settings: LampSettings, listener: Listener, clock: Clock) -> None:
        self.id = id
        self.watched: frozenset[str] = frozenset()
        self._settings, self._listener = settings, listener

    async def run(self) -> None:
        password = self._settings.password.reveal()
        phases = {"right": LinkPhase.UP, "slow": LinkPhase.SYNCHRONISING, "mute": LinkPhase.CONNECTING}
        phase = phases.get(password, LinkPhase.REFUSED)
        self._listener.link(self.id, LinkState(phase, "" if password in phases else "wrong-password", peer="lamp"))
        await asyncio.Event().wait()

    def watch(self, devices: frozenset[str]) -> None:
        self.watched = devices

    async def do(self, command: Command) -> Accepted:
        return Accepted()

    def services(self, device: str) -> frozenset[Service]:
        return frozenset()


KINDS = {"lamp": Manifest("lamp", "Lamp", (), frozenset(), LampSettings, Lamp)}


class Heard(Probe):
    """Keeps every link state, by link."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, list[LinkPhase]] = {}

    def link(self, connector: str, state: LinkState) -> None:
        super().link(connector, state)
        self.links.setdefault(connector, []).append(state.phase)


def instance(password: str = "right", id: str = "", **more: object) -> Instance:
    return Instance(id, "Hall", "lamp", True, "", {"host": "h", "password": password, **more})


async def test_links_are_saved_started_changed_and_stopped(database: Database) -> None:
    heard = Heard()
    devices = {"101"}
    connectors = Connectors(database, heard, ManualClock(), lambda _: frozenset(devices), KINDS)
    async with asyncio.TaskGroup() as tasks:
        connectors.start(tasks)
        first = await connectors.save(instance())
        second = await connectors.save(instance("wrong"))
        await asyncio.sleep(0)
        assert heard.links == {first.id: [LinkPhase.UP], second.id: [LinkPhase.REFUSED]}
        lamp = connectors.connector(first.id)
        assert isinstance(lamp, Lamp)
        devices.add("102")
        connectors.rewatch()
        assert lamp.watched == {"101", "102"}
        await connectors.save(instance("", id=first.id))  # an empty secret keeps the stored one
        await asyncio.sleep(0)
        assert heard.links[first.id] == [LinkPhase.UP, LinkPhase.STOPPED, LinkPhase.UP]
        await connectors.remove(first.id)
        await connectors.remove(second.id)
    again = Connectors(database, heard, ManualClock(), lambda _: frozenset(), KINDS)
    await again.load()
    assert again.instances() == []
    with pytest.raises(NotFound):
        again.instance(first.id)


async def test_saved_twice_at_once_runs_once(database: Database) -> None:
    made: list[Lamp] = []

    class Slow(Lamp):
        """Takes its time to stop."""

        running = 0

        async def run(self) -> None:
            made.append(self)
            Slow.running += 1
            try:
                await super().run()
            finally:
                await asyncio.sleep(0)
                Slow.running -= 1

    kinds = {"lamp": Manifest("lamp", "Lamp", (), frozenset(), LampSettings, Slow)}
    connectors = Connectors(database, Heard(), ManualClock(), lambda _: frozenset(), kinds)
    async with asyncio.TaskGroup() as tasks:
        connectors.start(tasks)
        saved = await connectors.save(instance())
        await asyncio.sleep(0)
        await asyncio.gather(*(connectors.save(instance(id=saved.id)) for _ in range(3)))
        await asyncio.sleep(0)
        assert Slow.running == 1
        assert connectors.connector(saved.id) is made[-1]
        await connectors.stop()
        assert Slow.running == 0


async def test_what_another_server_saves_and_removes_runs_and_stops_here(database: Database) -> None:
    ends, changed, running = asyncio.Event(), asyncio.Event(), list[str]()

    class Slow(Lamp):
        """Is torn down when it is allowed to."""

        async def run(self) -> None:
            running.append(self._settings.host)
            changed.set()
            try:
                await super().run()
            finally:
                await ends.wait()
                running.remove(self._settings.host)
                changed.set()

    async def until(*wanted: str) -> None:
        async with asyncio.timeout(60):
            while running != list(wanted):
                changed.clear()
                await changed.wait()

    kinds = {"lamp": Manifest("lamp", "Lamp", (), frozenset(), LampSettings, Slow)}
    second = Database(database.url.render_as_string(hide_password=False))
    here, there = (Connectors(each, Heard(), ManualClock(), lambda _: frozenset(), kinds) for each in (database, second))
    for each in (here, there):
        await each.load()
    async with asyncio.TaskGroup() as tasks:
        here.start(tasks)
        there.leave_to_another()
        saved = await there.save(instance())
        await here.shared.refresh()
        await until("h")
        await there.save(instance(id=saved.id, host="i"))
        await here.shared.refresh()  # does not wait until the link is down
        assert here.instance(saved.id).settings["host"] == "i"
        await asyncio.sleep(0)
        assert running == ["h"]
        ends.set()
        await until("i")
        await there.remove(saved.id)
        await here.shared.refresh()
        assert here.instances() == []
        await until()
        # Nobody has told this server yet.
        again = await here.save(instance())
        await until("h")
        await there.remove(again.id)
        with pytest.raises(NotFound):
            await here.remove(again.id)
        assert running == []
        await here.stop()
    await second.close()


async def test_a_kind_that_was_taken_away_keeps_nothing_else_from_running(database: Database) -> None:
    before = Connectors(database, Heard(), ManualClock(), lambda _: frozenset(), {**KINDS, "bulb": KINDS["lamp"]})
    gone = await before.save(Instance("", "Attic", "bulb", True, "", {"host": "h", "password": "right"}))
    kept = await before.save(instance())
    heard = Heard()
    after = Connectors(database, heard, ManualClock(), lambda _: frozenset(), KINDS)
    await after.load()
    async with asyncio.TaskGroup() as tasks:
        after.start(tasks)
        await asyncio.sleep(0)
        assert heard.links == {gone.id: [LinkPhase.REFUSED], kept.id: [LinkPhase.UP]}
        assert after.shown(gone).settings == {"host": "", "password": ""}
        assert after.shown(kept).settings == {"host": "h", "password": ""}
        await after.remove(gone.id)
        await after.stop()


async def test_a_test_says_how_far_it_got_and_saves_nothing(database: Database) -> None:
    connectors = Connectors(database, Heard(), ManualClock(), lambda _: frozenset(), KINDS)
    good = await connectors.test("lamp", {"host": "h", "password": "right"})
    assert [step.ok for step in steps(good)] == [True, True, True]
    bad = await connectors.test("lamp", {"host": "h", "password": "wrong"})
    assert [step.ok for step in steps(bad)] == [True, False, None]
    assert connectors.instances() == []


@pytest.mark.parametrize(
    ("password", "code", "reached"),
    [("slow", "link-slow", [True, True, False]), ("mute", "link-timeout", [False, None, None])],
)
async def test_a_test_that_comes_to_no_end_says_where_it_stopped(
    database: Database, monkeypatch: pytest.MonkeyPatch, password: str, code: str, reached: list[bool | None]
) -> None:
    monkeypatch.setattr(service, "TEST_SECONDS", 0.01)
    connectors = Connectors(database, Heard(), ManualClock(), lambda _: frozenset(), KINDS)
    state = await connectors.test("lamp", {"host": "h", "password": password})
    assert (state.phase, state.code) == (LinkPhase.WAITING, code)
    assert [step.ok for step in steps(state)] == reached
    assert state.message
    assert state.remedy


async def test_wrong_settings_name_the_field(database: Database) -> None:
    connectors = Connectors(database, Heard(), ManualClock(), lambda _: frozenset(), KINDS)
    for wrong, kind in (({"host": ""}, "lamp"), ({"port": 1}, "lamp"), ({}, "bulb")):
        with pytest.raises(Invalid) as caught:
            await connectors.save(Instance("", "Hall", kind, True, "", {"host": "h", "password": "x", **wrong}))
        assert caught.value.message
    with pytest.raises(Invalid):
        await connectors.save(Instance("", " ", "lamp", True, "", {"host": "h", "password": "x"}))


async def test_a_stored_password_goes_to_no_other_peer(database: Database) -> None:
    connectors = Connectors(database, Heard(), ManualClock(), lambda _: frozenset(), KINDS)
    saved = await connectors.save(instance())
    for attempt in (
        connectors.test("lamp", {"host": "elsewhere", "password": ""}, saved.id),
        connectors.save(Instance(saved.id, "Hall", "lamp", True, "", {"host": "elsewhere", "password": ""})),
    ):
        with pytest.raises(Invalid) as caught:
            await attempt
        assert caught.value.code == "secret-again"
    assert (await connectors.test("lamp", {"host": "h", "password": ""}, saved.id)).phase is LinkPhase.UP
