"""A PBX link that is cut, half-open, refused: what people are told, and that the calls are right afterwards.

The times of the back-off are tested with a clock wound by hand in tests/pure/connectors/test_relink.py; here two processes
meet over a real socket.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.flows.stand import Pbx, Server, fill
from tests.flows.test_survives import rows
from tests.rooms.web_house import reduced
from websockets.asyncio.client import connect

from unisono.app.doors import bind
from unisono.app.seed import CONNECTOR
from unisono.calls.model import Result

CUSTOMER = "+441632960123"
MOST_SECONDS = 60
State = dict[str, Any]


class Window:
    """An administrator's page: the event stream and the routes."""

    def __init__(self, client: httpx.AsyncClient, socket: Any) -> None:
        self.client = client
        self.state: State = {}
        self._socket = socket

    async def until(self, wanted: Callable[[State], Any]) -> Any:
        """Take what the server tells until the state is as wanted; gives what `wanted` found."""
        async with asyncio.timeout(MOST_SECONDS):
            while not (found := self.state and wanted(self.state)):
                message = json.loads(await self._socket.recv())
                if message["type"] == "snapshot":
                    self.state = message["state"]
                elif message["type"] == "facts":
                    self.state = reduced(self.state, message["facts"])
        return found

    async def link(self, *phases: str, code: str = "") -> dict[str, Any]:
        """Wait until the link is in one of these phases, for this reason."""
        return dict(await self.until(lambda state: _link(state, phases, code)))

    async def check(self) -> dict[str, Any]:
        """What the status page says of the link."""
        checks = (await self.client.get("/admin/status")).json()["checks"]
        return next(dict(check) for check in checks if check["id"] == f"connector:{CONNECTOR}")

    async def configure(self, where: dict[str, Any], *, enabled: bool = True, **changes: object) -> None:
        """Save the connection on the admin page, with short times."""
        settings = {"host": "127.0.0.1", "port": where["port"], "user": where["user"], "password": where["password"]}
        times = {"silence_seconds": 2, "answer_seconds": 2, "session_seconds": 10}
        body: dict[str, object] = {"name": "Demo PBX", "kind": "csta", "location_id": "udine", "enabled": enabled}
        body["settings"] = {**settings, **times, **changes}
        answer = await self.client.put(f"/admin/connectors/{CONNECTOR}", json=body)
        assert answer.status_code == 200, answer.text

    def call(self, line: str, state: str) -> Callable[[State], Any]:
        """Finds the call of the line with this number in this state."""
        ids = {each["id"] for each in self.state["lines"].values() if each["number"] == line}
        return lambda now: next(
            (call for call in now["calls"].values() if call["line_id"] in ids and call["state"] == state), None
        )


def _link(state: State, phases: tuple[str, ...], code: str) -> Any:
    link = state["links"].get(CONNECTOR)
    return link if link and link["phase"] in phases and (not code or link["code"] == code) else None


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pbx, Server]]:
    """One PBX and one server for all tests here; each begins with a link that is up (`up`)."""
    folder = tmp_path_factory.mktemp("links")
    pbx = Pbx(folder)
    asyncio.run(fill(folder, pbx))
    server = Server(folder)
    server.start()
    yield pbx, server
    server.stop()
    pbx.stop()


@asynccontextmanager
async def window(server: Server) -> AsyncIterator[Window]:
    """The page of the administrator."""
    async with server.client("andreas.vogl") as client:
        cookie = "; ".join(f"{each.name}={each.value}" for each in client.cookies.jar)
        address = f"ws://127.0.0.1:{server.port}/api/v1/stream"
        async with connect(address, additional_headers={"Cookie": cookie}, max_size=None) as socket:
            await socket.send('{"type":"hello","epoch":"","seq":0}')
            yield Window(client, socket)


@pytest.fixture
async def up(stand: tuple[Pbx, Server]) -> AsyncIterator[Window]:
    """No faults, no calls, and a link that is up."""
    pbx, server = stand
    await pbx.do("fault")
    for call in (await pbx.do("state"))["calls"]:
        await pbx.do("hang-up", at=call["called"])
    async with window(server) as page:
        await page.configure(pbx.where, enabled=False)
        await page.link("stopped")
        await page.configure(pbx.where)
        await page.link("up")
        yield page


@pytest.fixture
def pbx(stand: tuple[Pbx, Server]) -> Pbx:
    return stand[0]


@pytest.fixture
def server(stand: tuple[Pbx, Server]) -> Server:
    return stand[1]


async def check_command(server: Server, of: str = "connection Demo PBX: ") -> tuple[int, str]:
    """`unisono check`: its exit code and what it says of this, the link if nothing else."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "unisono", "check", "-s", str(server.settings_file), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), MOST_SECONDS)
    assert process.returncode is not None
    return process.returncode, said.decode().partition(of)[2]


async def closed(server: Server, call: dict[str, Any], result: Result) -> None:
    """Wait until the journal has one entry of this call, which ended with this result."""
    query = (
        "SELECT json_extract(call, '$.result'), is_open, connected FROM open_call JOIN journal_entry ON call_id = open_call.id "
        f"WHERE open_call.id = '{call['call_id']}' AND ended IS NOT NULL AND running = 0"
    )
    async with asyncio.timeout(MOST_SECONDS):
        while not (found := await rows(server, query)):
            pass
    missed, connected = result is Result.MISSED, result is not Result.MISSED
    assert found == [(result, missed, connected)]


async def ringing(pbx: Pbx, up: Window, line: str) -> dict[str, Any]:
    """A customer's call that rings at a line."""
    await pbx.do("auto", at=line, on=False)
    await pbx.do("call", **{"from": CUSTOMER, "to": line})
    return dict(await up.until(up.call(line, "offering")))


async def talking(pbx: Pbx, up: Window, line: str) -> dict[str, Any]:
    """A customer's call that has been answered."""
    await ringing(pbx, up, line)
    await pbx.do("answer", at=line)
    return dict(await up.until(up.call(line, "connected")))


async def test_what_happens_while_the_link_is_cut_is_right_afterwards(pbx: Pbx, server: Server, up: Window) -> None:
    ends, stays = await talking(pbx, up, "101"), await talking(pbx, up, "109")
    await pbx.do("fault", refuse_connections=True)
    await pbx.do("drop")
    down = await up.link("waiting")
    assert down["code"] in ("link-closed", "link-lost")
    assert str(pbx.where["port"]) in down["message"]
    assert down["remedy"]
    seen = await up.check()
    assert (seen["level"], seen["title"]) == ("error", "Demo PBX")
    code, said = await check_command(server)
    assert code == 1
    assert "closed the connection" in said
    assert "->" in said
    refused = await up.client.post("/calls", json={"to": "201", "line_id": ""})
    assert refused.status_code in (502, 503)
    assert refused.json()["retry"] == "later"
    await pbx.do("hang-up", at="101")
    await pbx.do("auto", at="201", on=False)
    await pbx.do("call", **{"from": CUSTOMER, "to": "201"})
    await pbx.do("fault")
    await up.link("up")
    began = await up.until(up.call("201", "offering"))
    assert began["remote"]["canonical"] == CUSTOMER
    ended = await up.until(lambda state: _gone(state, ends["call_id"]))
    assert ended
    assert up.call("109", "connected")(up.state)["call_id"] == stays["call_id"], "the call that went on is still itself"
    await pbx.do("hang-up", at="109")
    await pbx.do("far", at="201", does="hang-up")
    await closed(server, ends, Result.LOST_SIGHT)
    await closed(server, stays, Result.ANSWERED)
    await closed(server, began, Result.MISSED)
    assert (await up.check())["level"] == "ok"


def _gone(state: State, call_id: str) -> bool:
    return all(call["state"] == "ended" for call in state["calls"].values() if call["call_id"] == call_id)


async def test_a_half_open_link_is_noticed(pbx: Pbx, server: Server, up: Window) -> None:
    call = await talking(pbx, up, "208")
    await pbx.do("fault", frozen=True)
    down = await up.link("waiting", code="link-silent")
    assert "has not said anything" in down["message"]
    assert "firewall" in down["remedy"]
    assert (await up.check())["level"] == "error"
    code, said = await check_command(server)
    assert code == 1
    assert "did not answer within 2 s" in said
    assert "->" in said
    await pbx.do("fault")
    await up.link("up")
    assert up.call("208", "connected")(up.state)["call_id"] == call["call_id"]
    await pbx.do("hang-up", at="208")
    await closed(server, call, Result.ANSWERED)


async def test_a_port_where_nobody_listens(pbx: Pbx, server: Server, up: Window) -> None:
    with bind("127.0.0.1", 0) as sock:
        with_nobody = sock.getsockname()[1]
    await up.configure(pbx.where, port=with_nobody)
    down = await up.link("waiting", code="link-refused")
    assert f"127.0.0.1:{with_nobody} refuses connections" in down["message"]
    assert "address and port" in down["remedy"]
    seen = await up.check()
    assert (seen["level"], seen["remedy"]) == ("error", down["remedy"])
    code, said = await check_command(server)
    assert code == 1
    assert "refuses connections" in said


async def test_a_wrong_password(pbx: Pbx, server: Server, up: Window) -> None:
    await up.configure(pbx.where, password="not this one")
    down = await up.link("refused", code="session-credentials")
    assert pbx.where["user"] in down["message"]
    assert "not this one" not in json.dumps(up.state)
    assert "user name and password" in down["remedy"]
    assert (await up.check())["level"] == "error"
    code, said = await check_command(server)
    assert code == 1
    assert "-> Enter the user name and password" in said
    await up.configure(pbx.where)
    await up.link("up")
    call = await ringing(pbx, up, "208")
    await pbx.do("far", at="208", does="hang-up")
    await closed(server, call, Result.MISSED)


async def test_a_wrong_edition(pbx: Pbx, server: Server, up: Window) -> None:
    await pbx.do("fault", edition="ed3")
    await up.configure(pbx.where, edition="ed6")
    down = await up.link("refused", code="session-edition")
    assert "ed6" in down["message"]
    assert "edition" in down["remedy"]
    assert (await up.check())["level"] == "error"
    code, said = await check_command(server)
    assert code == 1
    assert "-> Choose the edition that the PBX speaks" in said
    await up.configure(pbx.where, edition="auto")
    assert "ed3" in (await up.link("up"))["version"]
    call = await ringing(pbx, up, "208")
    await pbx.do("far", at="208", does="hang-up")
    await closed(server, call, Result.MISSED)
    code, said = await check_command(server)
    assert code == 0
    assert "Connected" in said


async def test_check_beside_the_running_server_finds_it_on_its_port(server: Server, up: Window) -> None:
    code, said = await check_command(server, f"port {server.port}: ")
    assert code == 0
    assert said.startswith("A running Unisono answers on 127.0.0.1.")


async def test_a_pbx_that_opens_no_session(pbx: Pbx, server: Server, up: Window) -> None:
    await pbx.do("fault", refuse_sessions=True)
    await pbx.do("drop")
    down = await up.link("refused")
    assert down["message"]
    assert down["remedy"]
    seen = await up.check()
    assert (seen["level"], seen["remedy"]) == ("error", down["remedy"])
    code, said = await check_command(server)
    assert code == 1
    assert down["remedy"] in said
    # Cured, and nobody waits for the five minutes until the next try.
    assert datetime.fromisoformat(down["next_try"]) - datetime.now(UTC) > timedelta(minutes=4)
    await pbx.do("fault")
    assert (await up.client.post(f"/admin/connectors/{CONNECTOR}/retry")).status_code == 202
    assert (await up.link("up"))["next_try"] is None
    since = up.state["links"][CONNECTOR]["since"]
    assert (await up.client.post(f"/admin/connectors/{CONNECTOR}/retry")).status_code == 202
    assert (await up.link("up"))["since"] == since, "a link that is up stays as it is"
    assert (await up.client.post("/admin/connectors/nobody/retry")).status_code == 404


async def test_a_line_that_the_pbx_does_not_know_is_named_with_what_to_do(up: Window) -> None:
    added = await up.client.post("/admin/lines", json={"connector": CONNECTOR, "device": "999", "number": "999"})
    assert added.status_code == 201, added.text
    link = await up.link("up", code="lines-refused")
    assert "999 (" in link["message"]
    assert "Check these numbers" in link["remedy"]
    seen = await up.check()
    assert (seen["level"], seen["remedy"], seen["code"]) == ("warning", link["remedy"], "lines-refused")
    assert (await up.client.delete(f"/admin/lines/{added.json()['id']}")).status_code == 204
    await up.until(lambda state: state["links"][CONNECTOR]["code"] == "")
    assert (await up.check())["level"] == "ok"


@pytest.mark.parametrize("kind", ["xml", "soap", "unknown", "future", "stray", "bytes"])
async def test_nonsense_on_the_link(pbx: Pbx, server: Server, up: Window, kind: str) -> None:
    call = await talking(pbx, up, "208")
    await pbx.do("garbage", kind=kind)
    if kind in ("bytes", "soap"):  # after these no frame can be found any more
        down = await up.link("waiting", code="link-garbage")
        assert "is no CSTA" in down["message"]
        await up.link("up")
    await pbx.do("hold", at="208")
    held = await up.until(up.call("208", "hold"))
    assert held["call_id"] == call["call_id"]
    assert up.state["links"][CONNECTOR]["phase"] == "up"
    await pbx.do("hang-up", at="208")
    await closed(server, call, Result.ANSWERED)
