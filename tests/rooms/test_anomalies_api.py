"""The admin page "Odd events" over HTTP and in the stream: listed, told live, taken away as a recording, cleared."""

import base64
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rooms.web_house import House, browser, open_house, window

from unisono.calls import pbx_events as ev
from unisono.calls.model import Cause, ConnectionId
from unisono.calls.pbx_events import Head
from unisono.connectors.replay import replay_directory
from unisono.connectors.store import Instance

SAID = b"Event: Hold\r\nChannel: PJSIP/101-1\r\nUniqueid: 77\r\n\r\n"
CONNECTORS = "/api/v1/admin/connectors"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        settings: dict[str, object] = {"host": "127.0.0.1", "user": "u", "password": "p"}
        await house.rooms.connectors.save(Instance("pbx", "PBX", "asterisk", False, "", settings))
        yield house


def cannot_be(house: House, raw: bytes = SAID) -> None:
    head = Head("pbx", house.clock.now(), Cause.NORMAL, raw=raw)
    house.rooms.calls.report(ev.Held(head, ConnectionId("77", "101")))


async def test_listed_with_the_bytes(house: House) -> None:
    cannot_be(house, b"first")
    await house.clock.advance(1)
    cannot_be(house, bytes(range(256)))
    async with browser(house, "root") as root:
        [kind] = (await root.get(f"{CONNECTORS}/pbx/anomalies")).json()["items"]
    assert (kind["why"], kind["event"], kind["count"]) == ("unknown-call", "Held", 2)
    assert kind["first"] < kind["last"]
    newest, oldest = kind["examples"]
    assert newest["particulars"] == {"what": "Held", "call": "77"}
    assert base64.b64decode(newest["raw"]) == bytes(range(256))
    assert (newest["size"], oldest["size"]) == (256, 5)


async def test_the_count_comes_live_and_to_admins_only(house: House) -> None:
    async with (
        browser(house, "root") as root,
        browser(house, "anna") as anna,
        window(house, root) as admin,
        window(house, anna) as other,
    ):
        await admin.hello()
        await other.hello()
        await house.clock.advance(1)
        await admin.catch_up(house)
        await other.catch_up(house)
        cannot_be(house)
        cannot_be(house)
        await house.clock.advance(1)
        await admin.catch_up(house)
        assert admin.state["links"]["pbx"]["anomalies"] == 2
        assert not [f for m in await other.catch_up(house) if m["type"] == "facts" for f in m["facts"]]
        assert other.state["links"]["pbx"]["anomalies"] == 0
        assert (await root.delete(f"{CONNECTORS}/pbx/anomalies")).status_code == 204
        await house.clock.advance(1)
        await admin.catch_up(house)
        assert admin.state["links"]["pbx"]["anomalies"] == 0
        assert (await root.get(f"{CONNECTORS}/pbx/anomalies")).json()["items"] == []


async def test_a_recording_can_be_replayed(house: House, tmp_path: Path) -> None:
    cannot_be(house)
    await house.clock.advance(1)
    cannot_be(house, SAID.replace(b"77", b"78"))
    async with browser(house, "root") as root:
        answer = await root.get(f"{CONNECTORS}/pbx/recording")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="ami-recording.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["ami.txt", "ami.times.jsonl", "trace.txt"]
        assert archive.read("ami.txt") == SAID + SAID.replace(b"77", b"78")
        times = [json.loads(line) for line in archive.read("ami.times.jsonl").splitlines()]
        archive.extractall(tmp_path / "recording")
    assert [(line["offset"], line["len"], line["cut"]) for line in times] == [(0, len(SAID), 0), (len(SAID), len(SAID), 0)]
    assert times[0]["why"] == "Held for unknown call 77"
    assert replay_directory(tmp_path / "recording")["calls"] == []


async def test_they_go_with_their_connection(house: House) -> None:
    cannot_be(house)
    async with browser(house, "root") as root:
        assert (await root.delete(f"{CONNECTORS}/pbx")).status_code == 204
        assert (await root.get(f"{CONNECTORS}/pbx/anomalies")).status_code == 404
    assert house.rooms.calls.anomalies.total() == 0


async def test_only_admins_see_them(house: House) -> None:
    async with browser(house, "anna") as anna:
        for answer in (
            await anna.get(f"{CONNECTORS}/pbx/anomalies"),
            await anna.delete(f"{CONNECTORS}/pbx/anomalies"),
            await anna.get(f"{CONNECTORS}/pbx/recording"),
        ):
            assert answer.status_code == 403
