"""A server that has contacts only, beside one of the same database that links to telephone systems."""

from pathlib import Path

from tests.rooms.web_house import FAST, FakePbx, House, furnish, kept

from unisono.app.check import Level, check
from unisono.app.compose import Rooms
from unisono.app.serve import services
from unisono.app.settings import ServerSettings, Settings
from unisono.calls.port import ELSEWHERE, LinkPhase
from unisono.connectors.store import Instance
from unisono.journal.store import Entries
from unisono.kernel.clock import ManualClock
from unisono.storage import Database
from unisono.web.app import Application
from unisono.web.services import CheckLevel
from unisono.web.status_api import _links


async def test_calls_of_another_server_stay_its_own(tmp_path: Path) -> None:
    clock, calling = ManualClock(), Settings(ServerSettings(data=str(tmp_path)), people=FAST)
    first = Database(calling.server.database_url())
    one = Rooms(calling, first, clock)
    await one.load()
    await one.connectors.save(Instance("", "PBX", "csta", True, "", {"host": "127.0.0.1", "port": 1}))
    async with kept(one.running()):
        house = House(one, clock, Application(services(one)), FakePbx())
        house.ids, house.lines = await furnish(one.people)
        house.ring("1", "101")
        house.answer("1", "101")
        await house.drained()
        await one.calls.flush()
        await one.journal.flush()
        database = Database(calling.server.database_url())
        apart = ServerSettings(data=str(tmp_path / "other"), database=calling.server.database_url(), telephony=False)
        other = Rooms(Settings(apart, people=FAST), database, clock)
        await other.load()
        async with kept(other.running()):
            await other.bus.drained()
            [link] = other.connectors.instances()
            state = other.calls.link_state(link.id)
            assert (state.phase, state.code) == (LinkPhase.STOPPED, ELSEWHERE)
            assert other.connectors.connector(link.id) is None
            assert not list(other.calls.live())
            assert [check.level for check in _links(services(other))] == [CheckLevel.OK]
        assert len(await Entries(database).running()) == 1
        await database.close()
    await first.close()


async def test_the_check_of_such_a_server_tries_no_link(tmp_path: Path) -> None:
    settings = Settings(ServerSettings(data=str(tmp_path), telephony=False))
    database = Database(settings.server.database_url())
    rooms = Rooms(settings, database)
    await rooms.load()
    await rooms.connectors.save(Instance("", "PBX", "csta", True, "", {"host": "127.0.0.1", "port": 1}))
    await database.close()
    [found] = [finding async for finding in check(settings) if finding.what.startswith("connection")]
    assert found.level is Level.OK
    assert "server.telephony" in found.message
