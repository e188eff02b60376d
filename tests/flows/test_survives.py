"""What must not be lost: a server killed in the middle of its work, a full disk, events that come twice."""

import asyncio
import resource
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.flows.stand import Pbx, Server, copy, fill

from unisono.calls.model import Result
from unisono.storage import Database

LOAD = 60


@pytest.fixture
async def pbx(tmp_path: Path) -> AsyncIterator[Pbx]:
    running = Pbx(tmp_path, extensions=LOAD)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    asyncio.run(fill(folder, load_lines=LOAD))
    return folder


@pytest.fixture
async def server(tmp_path: Path, pbx: Pbx, filled: Path) -> AsyncIterator[Server]:
    await copy(filled, tmp_path, pbx)
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


async def rows(server: Server, statement: str) -> list[tuple[Any, ...]]:
    database = Database(f"sqlite+aiosqlite:///{server.folder / 'unisono.sqlite3'}")
    async with database.read() as connection:
        found = [tuple(row) for row in await connection.execute(text(statement))]
    await database.close()
    return found


async def change(server: Server, statement: str) -> None:
    database = Database(f"sqlite+aiosqlite:///{server.folder / 'unisono.sqlite3'}")
    async with database.write() as connection:
        await connection.execute(text(statement))
    await database.close()


async def journal_is_idle(server: Server) -> None:
    """No entry is running any more (the last writes are behind by some milliseconds)."""
    while await rows(server, "SELECT 1 FROM journal_entry WHERE running = 1") or await rows(
        server, "SELECT 1 FROM open_call WHERE ended IS NULL"
    ):
        pass


async def test_kill_in_the_middle_of_fifty_calls(pbx: Pbx, server: Server) -> None:
    async with asyncio.timeout(90):
        await pbx.until(lambda state: state["monitors"] >= LOAD)
        await pbx.do("load", per_second=30, seconds=2, talk=600, ring=0.2)
        await pbx.until(lambda state: state["load"]["answered"] == LOAD)
        devices = {call["id"]: call["called"] for call in (await pbx.do("state"))["calls"]}
        ids = sorted(devices)
        finished, vanished, kept = ids[:5], ids[5:10], ids[10:]
        for id in finished:
            await pbx.do("hang-up", at=devices[id])
        while len(await rows(server, "SELECT 1 FROM open_call WHERE ended IS NOT NULL")) < len(finished):
            pass
        known = dict(await rows(server, "SELECT native, id FROM open_call"))
        server.kill()
        for id in vanished:
            await pbx.do("hang-up", at=devices[id])
        server.start()
        while len(await rows(server, "SELECT 1 FROM open_call WHERE ended IS NOT NULL")) < len(finished + vanished):
            pass
        for id in kept:
            await pbx.do("hang-up", at=devices[id])
        await journal_is_idle(server)
    server.stop()
    stored = await rows(server, "SELECT native, id, json_extract(call, '$.result') FROM open_call")
    assert {native: id for native, id, _ in stored} == known, "no call is lost, none is known twice"
    results = {native: result for native, _, result in stored}
    assert {results[id] for id in finished + kept} == {Result.ANSWERED}
    assert {results[id] for id in vanished} == {Result.LOST_SIGHT}
    entries = await rows(server, "SELECT call_id, count(*) FROM journal_entry GROUP BY 1")
    assert dict(entries) == dict.fromkeys(known.values(), 1)


async def test_a_run_that_is_killed_with_its_server_is_closed(server: Server) -> None:
    contacts = "Id;Name;Phone\n" + "".join(f"{n};Contact {n};0432 {n:06}\n" for n in range(300_000))
    async with server.client("andreas.vogl") as admin:
        file = (await admin.post("/admin/sources/files", files={"file": ("crm.csv", contacts.encode())})).json()["file"]
        look = {"kind": "csv", "settings": {"file": file}}
        mapping = (await admin.post("/admin/sources/preview", json=look)).json()["suggested"]
        made = await admin.post("/admin/sources", json={"name": "CRM", **look, "mapping": mapping})
        runs = f"/admin/sources/{made.json()['id']}/runs"
        run = f"/admin/runs/{(await admin.post(runs, json={'mode': 'full'})).json()['id']}"
    counted = "SELECT json_extract(counts, '$.rows') FROM run WHERE state = 'running'"
    while not (await rows(server, counted))[0][0]:
        pass
    server.kill(children=True)
    [(read,)] = await rows(server, counted)
    server.start()
    async with server.client("andreas.vogl") as admin:
        assert (await admin.get(run)).json()["state"] == "running"
        assert (await admin.post(f"{run}/cancel")).json()["code"] == "runs-elsewhere", "it may be that of a command"
        claimed = datetime.now(UTC) - timedelta(seconds=1)
        await change(server, f"UPDATE run SET lease = '{claimed:%Y-%m-%d %H:%M:%S.%f}'")  # half a minute later
        async with asyncio.timeout(60):
            while await rows(server, counted):
                pass
        ended = (await admin.get(run)).json()
        assert (ended["state"], ended["code"], ended["counts"]["rows"]) == ("failed", "run-lost", read)
        assert datetime.fromisoformat(ended["ended"]) == claimed
        assert (await admin.post(runs, json={"mode": "full"})).status_code == 202


async def test_events_that_come_twice_change_nothing(pbx: Pbx, server: Server) -> None:
    async with asyncio.timeout(60):
        await pbx.until(lambda state: state["monitors"] >= LOAD)
        await pbx.do("fault", duplicate=True)
        await pbx.do("load", per_second=20, seconds=1, talk=0.3, ring=0.2)
        done = await pbx.until(lambda state: state["load"]["done"])
        while len(await rows(server, "SELECT 1 FROM journal_entry")) < done["load"]["made"] - done["load"]["refused"]:
            pass
        await journal_is_idle(server)
        async with server.client("andreas.vogl") as admin:
            counts = (await admin.get("/admin/status")).json()["counts"]
    calls = await rows(server, "SELECT call_id, count(*) FROM journal_entry GROUP BY 1")
    assert len(calls) == done["load"]["made"] - done["load"]["refused"]
    assert {count for _, count in calls} == {1}
    assert counts["anomalies"] == 0
    assert counts["calls"] == 0


async def test_a_full_disk_is_said_and_nothing_is_lost(pbx: Pbx, server: Server) -> None:
    assert server.process is not None
    pid, (_, hard) = server.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
    async with asyncio.timeout(60), server.client("andreas.vogl") as admin, server.client("marco.degano") as marco:
        await pbx.until(lambda state: state["monitors"] >= LOAD)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
        refused = await marco.put("/me/presence", json={"state": "away"})
        assert refused.status_code == 503
        assert refused.json()["code"] == "disk-full"
        assert "Free space" in refused.json()["detail"]
        await pbx.do("call", **{"from": "+441632960123", "to": "102", "answer_after": 0.1, "talk": 0.1})
        await pbx.until(lambda state: not state["calls"])
        while "disk is full" not in (await admin.get("/admin/status")).text:
            pass
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        while not (entries := (await marco.get("/journal")).json()["items"]) or entries[0]["ended"] is None:
            pass
        assert entries[0]["outcome"] == "answered"
        await journal_is_idle(server)
    server.stop()
    assert await rows(server, "PRAGMA integrity_check") == [("ok",)]
