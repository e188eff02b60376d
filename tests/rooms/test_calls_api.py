"""Routes about calls and lines: what reaches the PBX, and who may ask."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.testing import AsyncTestClient
from tests.rooms.calls_rig import Rig, running

from unisono.calls.api import SERVICES, CallController, LineController, Verb
from unisono.calls.model import ConnectionId, ForwardingType, Service
from unisono.calls.port import Command
from unisono.kernel.errors import Culprit, Fault, Forbidden, Invalid, NotFound
from unisono.people.model import Line, User
from unisono.people.service import People
from unisono.people.settings import PeopleSettings
from unisono.permissions.grants import Change
from unisono.permissions.guard import Guard
from unisono.permissions.model import Level, Scope, Viewer
from unisono.permissions.service import Granting
from unisono.storage import Database

# The same style of handlers as in the whole web door, which asks for the next Litestar's in its own time.
pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")


def on_fault(_: Request[Any, Any, Any], fault: Fault) -> Response[dict[str, str]]:
    known = {NotFound: 404, Forbidden: 403, Invalid: 422}
    return Response({"code": fault.code}, status_code=known.get(type(fault), 502 if fault.culprit is Culprit.PEER else 500))


@dataclass
class Office:
    """Anna has the lines 101 and 102, Ben 103, Cleo none."""

    rig: Rig
    client: AsyncTestClient[Litestar]
    people: People
    granting: Granting
    lines: dict[str, str]
    viewer: Viewer

    def sign_in(self, login: str, *scopes: Scope) -> None:
        user = self.people.by_login(login)
        assert user is not None
        self.viewer = Viewer(user.id, user.name, scopes=frozenset(scopes) or frozenset({Scope.ALL}))

    async def post(self, path: str, **data: Any) -> tuple[int, Any]:
        answer = await self.client.post(path, json=data)
        return answer.status_code, answer.json() if answer.content else None

    async def put(self, path: str, **data: Any) -> tuple[int, Any]:
        answer = await self.client.put(path, json=data)
        return answer.status_code, answer.json()

    @property
    def asked(self) -> list[Command]:
        return self.rig.switch.commands


@pytest.fixture
async def office(sqlite: Database) -> AsyncIterator[Office]:
    async with running(sqlite) as rig:
        fast = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=8, argon2_parallelism=1)
        people = People(sqlite, rig.clock, rig.bus, fast)
        await people.load()
        granting = Granting(sqlite, people, rig.bus)
        await granting.load()
        await granting.change(Change(Level.PUBLIC))
        lines = {n: (await people.save_line(Line("", "pbx", n, n))).id for n in ("101", "102", "103")}
        for login, own in {"anna": ("101", "102"), "ben": ("103",), "cleo": ()}.items():
            user = User("", login, login.title(), line_ids=tuple(lines[n] for n in own))
            await people.save_user(user, "a long password")
        office = Office(rig, None, people, granting, lines, Viewer(""))  # type: ignore[arg-type]
        values: dict[str, object] = {"guard": Guard(people, granting), "people": people, "calls": rig.calls}
        app = Litestar(
            [CallController, LineController],
            dependencies={
                "viewer": Provide(lambda: office.viewer, sync_to_thread=False),
                **{name: Provide(_giving(value), sync_to_thread=False) for name, value in values.items()},
            },
            exception_handlers={Fault: on_fault},
        )
        async with AsyncTestClient(app) as client:
            office.client = client
            office.sign_in("anna")
            yield office


def _giving(value: object) -> Any:
    def give() -> Any:
        return value

    return give


async def test_dial_with_the_main_line(office: Office) -> None:
    assert await office.post("/calls", to="+39 0432 000462") == (202, {"accepted": True, "line_call_id": None})
    assert office.asked == [Command(Service.MAKE_CALL, "101", to="00432000462")]


async def test_dial_with_another_line_and_a_subject(office: Office) -> None:
    await office.post("/calls", to="103", line_id=office.lines["102"], subject="lunch")
    assert office.asked == [Command(Service.MAKE_CALL, "102", to="103", subject="lunch")]


@pytest.mark.parametrize("verb", [Verb.ANSWER, Verb.REJECT, Verb.DROP, Verb.DEFLECT])
async def test_commands_about_a_ringing_call(office: Office, verb: Verb) -> None:
    call = office.rig.rings()
    status, _ = await office.post(f"/calls/{call.id}/{verb}", line_id=office.lines["101"], to="103")
    assert status == 202
    assert (office.asked[0].service, office.asked[0].connection) == (SERVICES[verb], ConnectionId("1", "101"))


async def test_nobody_calls_the_own_line(office: Office) -> None:
    """It would hear its own busy tone, and a customer on hold could not be fetched back."""
    assert await office.post("/calls", to="101") == (422, {"code": "own-number"})
    assert (await office.post("/calls", to="101", line_id=office.lines["102"]))[0] == 202
    office.rig.rings()
    call = office.rig.answered()
    own = office.lines["101"]
    for verb in (Verb.CONSULT, Verb.BLIND_TRANSFER):
        assert await office.post(f"/calls/{call.id}/{verb}", line_id=own, to="101") == (422, {"code": "own-number"})
    assert [command.device for command in office.asked] == ["102"]


async def test_digits(office: Office) -> None:
    office.rig.rings()
    call = office.rig.answered()
    await office.post(f"/calls/{call.id}/dtmf", line_id=office.lines["101"], digits="12#")
    assert office.asked[0].digits == "12#"


async def test_unknown_command(office: Office) -> None:
    call = office.rig.rings()
    status, _ = await office.post(f"/calls/{call.id}/explode", line_id=office.lines["101"])
    assert status in (400, 404)
    assert office.asked == []


@pytest.mark.parametrize("line", ["103", "102"])
async def test_only_calls_of_ones_own_line(office: Office, line: str) -> None:
    call = office.rig.rings()
    status, _ = await office.post(f"/calls/{call.id}/answer", line_id=office.lines[line])
    assert status == (403 if line == "103" else 404)
    assert office.asked == []


async def test_refused_by_the_state_of_the_call(office: Office) -> None:
    call = office.rig.rings()
    assert await office.post(f"/calls/{call.id}/hold", line_id=office.lines["101"]) == (502, {"code": "not-now"})


async def test_nobody_without_a_line_dials(office: Office) -> None:
    office.sign_in("cleo")
    assert await office.post("/calls", to="101") == (422, {"code": "no-line"})


async def test_a_reading_token_commands_nothing(office: Office) -> None:
    office.sign_in("anna", Scope.READ)
    call = office.rig.rings()
    assert (await office.post("/calls", to="103"))[0] == 403
    assert (await office.post(f"/calls/{call.id}/answer", line_id=office.lines["101"]))[0] == 403
    assert (await office.put(f"/lines/{office.lines['101']}/dnd", on=True))[0] == 403
    assert office.asked == []


class TestPickup:
    async def test_needs_the_right(self, office: Office) -> None:
        call = office.rig.rings()
        office.sign_in("ben")
        assert (await office.post(f"/calls/{call.id}/pickup", line_id=office.lines["101"]))[0] == 403
        assert office.asked == []

    async def test_takes_the_call_from_the_line_meant(self, office: Office) -> None:
        anna = office.people.by_login("anna")
        assert anna is not None
        await office.granting.change(Change(Level.TEAM))
        call = office.rig.rings()
        office.sign_in("ben")
        status, _ = await office.post(f"/calls/{call.id}/pickup", line_id=office.lines["101"])
        assert status == 202
        assert office.asked == [Command(Service.DIRECTED_PICKUP_CALL, "103", ConnectionId("1", "101"))]

    async def test_own_other_line(self, office: Office) -> None:
        call = office.rig.rings()
        await office.post(
            f"/calls/{call.id}/pickup", line_id=office.lines["101"], own_line_id=office.lines["102"]
        )
        assert office.asked == [Command(Service.DIRECTED_PICKUP_CALL, "102", ConnectionId("1", "101"))]


class TestCallData:
    async def test_note_subject_private(self, office: Office) -> None:
        call = office.rig.rings()
        answer = await office.client.patch(
            f"/calls/{call.id}",
            json={"line_id": office.lines["101"], "note": "n", "subject": "s", "private": True, "data": {"order": "7"}},
        )
        assert answer.status_code == 204
        assert office.rig.call().data == {"note": "n", "subject": "s", "private": "1", "order": "7"}

    async def test_not_on_calls_of_others(self, office: Office) -> None:
        call = office.rig.rings()
        office.sign_in("ben")
        answer = await office.client.patch(f"/calls/{call.id}", json={"line_id": office.lines["103"], "note": "n"})
        assert answer.status_code == 404
        assert office.rig.call().data == {}


class TestLines:
    async def test_settings(self, office: Office) -> None:
        line = office.lines["101"]
        await office.put(f"/lines/{line}/dnd", on=True)
        await office.put(f"/lines/{line}/forwarding", type="forwardBusy", on=True, to="103")
        await office.post(f"/lines/{line}/group-pickup")
        assert office.asked == [
            Command(Service.SET_DO_NOT_DISTURB, "101", on=True),
            Command(Service.SET_FORWARDING, "101", to="103", on=True, forwarding=ForwardingType.BUSY),
            Command(Service.GROUP_PICKUP_CALL, "101"),
        ]

    async def test_forwarding_of_a_colleague(self, office: Office) -> None:
        office.sign_in("ben")
        line = office.lines["101"]
        assert (await office.put(f"/lines/{line}/forwarding", type="forwardBusy", on=False))[0] == 403
        await office.granting.change(Change(Level.PERSONAL))
        assert (await office.put(f"/lines/{line}/forwarding", type="forwardBusy", on=False))[0] == 202

    async def test_do_not_disturb_is_ones_own_affair(self, office: Office) -> None:
        office.sign_in("ben")
        assert (await office.put(f"/lines/{office.lines['101']}/dnd", on=True))[0] == 403

    async def test_unknown_line(self, office: Office) -> None:
        assert await office.put("/lines/nothing/dnd", on=True) == (404, {"code": "unknown-line"})
