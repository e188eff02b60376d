"""State + facts == fresh snapshot, for every viewer and every kind of fact, on the way of a day at the office.

The same steps, written down, are `cases.json`: the TypeScript reducer is tested with it (client/tests).
"""

import json
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.web_house import House, StreamClient, browser, open_house, reduced, window

from unisono.calls import pbx_events as ev
from unisono.calls.model import ForwardingType, Party, PartyKind, Service
from unisono.calls.port import LinkPhase, LinkState
from unisono.connectors.store import Instance
from unisono.journal.service import Edit
from unisono.people.model import Group, Line, User
from unisono.permissions.grants import Change, GroupLevels
from unisono.permissions.model import Level
from unisono.presence.model import State

CASES = Path(__file__).with_name("cases.json")
VIEWERS = ("root", "anna", "ben", "carla")
DEVICES = ("100", "101", "102", "103", "111")


@dataclass(slots=True)
class Day:
    """The house, and a source of choices that can be repeated."""

    house: House
    random: random.Random
    count: int = 0

    def user(self) -> User:
        people = [user for user in self.house.rooms.people.users() if user.login in VIEWERS]
        return self.random.choice(people)

    def line(self) -> Line:
        return self.random.choice(self.house.rooms.people.lines())

    def call(self) -> str | None:
        calls = sorted(call.native for call in self.house.rooms.calls.live())
        return self.random.choice(calls) if calls else None


Step = Callable[[Day], Awaitable[None]]


async def ring(day: Day) -> None:
    day.count += 1
    calling = Party(number=f"+44163296{day.count:04}", kind=PartyKind.EXTERNAL)
    if day.random.random() < 0.3:
        number = day.random.choice(DEVICES)
        calling = Party(device=number, number=number, kind=PartyKind.EXTENSION)
    day.house.ring(f"c{day.count}", day.random.choice(DEVICES), calling)


async def answer(day: Day) -> None:
    native = day.call()
    call = day.house.rooms.calls.by_native("pbx", native) if native else None
    if call and native:
        day.house.answer(native, call.called.device)


async def hold(day: Day) -> None:
    native = day.call()
    call = day.house.rooms.calls.by_native("pbx", native) if native else None
    if call and native:
        leg = call.leg(call.called.device)
        if leg and leg.answered:
            day.house.rooms.calls.report(ev.Held(day.house.head(), leg.id))


async def hang_up(day: Day) -> None:
    native = day.call()
    if native:
        day.house.hang_up(native)


async def write_note(day: Day) -> None:
    native = day.call()
    call = day.house.rooms.calls.by_native("pbx", native) if native else None
    if call:
        day.house.rooms.calls.set_call_data(call.id, {"note": f"note {day.random.random()}", "case": "7"})


async def edit_journal(day: Day) -> None:
    journal = day.house.rooms.journal
    for id in list(journal._known)[-3:]:
        await journal.edit(id, Edit(note=f"later {day.random.random()}"))


async def deal_with(day: Day) -> None:
    journal = day.house.rooms.journal
    for id, entry in list(journal._known.items()):
        if entry.open:
            await journal.set_done(id, day.user().id, done=True)
            return


async def set_presence(day: Day) -> None:
    state = day.random.choice([None, State.AWAY, State.BUSY, State.DND, State.AVAILABLE])
    await day.house.rooms.presence.set_manual(day.user().id, state, note="back soon")


async def switch_dnd(day: Day) -> None:
    day.house.rooms.calls.report(ev.DeviceDoNotDisturb(day.house.head(), day.line().device, day.random.random() < 0.5))


async def forward(day: Day) -> None:
    on = day.random.random() < 0.5
    day.house.rooms.calls.report(
        ev.DeviceForwarding(day.house.head(), day.line().device, ForwardingType.IMMEDIATE, on, "0432123")
    )


async def learn(day: Day) -> None:
    services = frozenset(day.random.sample(sorted(Service), 8))
    day.house.rooms.calls.capabilities("pbx", day.line().device, services)


async def move_link(day: Day) -> None:
    day.house.rooms.connectors._instances["pbx"] = Instance("pbx", "Main", "csta", True, "", {})
    phase = day.random.choice([LinkPhase.UP, LinkPhase.WAITING, LinkPhase.STOPPED])
    day.house.rooms.calls.link("pbx", LinkState(phase, message=f"m{day.random.random()}"))


async def report_nonsense(day: Day) -> None:
    day.house.rooms.connectors._instances.setdefault("pbx", Instance("pbx", "Main", "csta", True, "", {}))
    day.house.rooms.calls.report(ev.Unreadable(day.house.head(), "no XML"))
    await day.house.clock.advance(day.random.choice([0.2, 1.0]))


async def grant(day: Day) -> None:
    owner, viewer = day.user(), day.user()
    if owner.id != viewer.id:
        await day.house.rooms.granting.grant(owner.id, viewer.id, day.random.choice([None, *Level]))


async def set_everyone(day: Day) -> None:
    await day.house.rooms.granting.change(Change(day.random.choice(list(Level))))


async def set_group(day: Day) -> None:
    levels = GroupLevels(day.random.choice(list(Level)), day.random.choice(list(Level)))
    await day.house.rooms.granting.change(Change(groups={day.house.ids["sales"]: levels}))


async def move_between_groups(day: Day) -> None:
    user = day.user()
    groups = () if user.group_ids else (day.house.ids["sales"],)
    await day.house.rooms.people.save_user(replace(user, group_ids=groups))


async def lead(day: Day) -> None:
    people = day.house.rooms.people
    group = people.group(day.house.ids["sales"])
    assert group
    await people.save_group(Group(group.id, group.name, group.member_ids, (day.user().id,)))


async def rename(day: Day) -> None:
    await day.house.rooms.people.save_user(replace(day.user(), title=f"Title {day.random.random()}"))


async def move_line(day: Day) -> None:
    line = day.line()
    await day.house.rooms.people.save_line(replace(line, user_ids=(day.user().id,), private=day.random.random() < 0.2))


async def hire_and_fire(day: Day) -> None:
    people = day.house.rooms.people
    guest = people.by_login("guest")
    if guest is None:
        await people.save_user(User("", "guest", "Guest", group_ids=(day.house.ids["sales"],)))
    elif guest.active:
        await people.save_user(replace(guest, active=False))
    else:
        await people.remove_user(guest.id)


async def prefer(day: Day) -> None:
    await day.house.rooms.people.set_preferences(day.user().id, [day.user().id], {"theme": str(day.random.random())})


async def wait(day: Day) -> None:
    await day.house.clock.advance(day.random.choice([0.2, 1.0, 16.0]))


STEPS: tuple[Step, ...] = (
    *(ring, answer, hold, hang_up, write_note, edit_journal, deal_with),
    *(set_presence, switch_dnd, forward, learn, move_link, report_nonsense),
    *(grant, set_everyone, set_group, move_between_groups, lead),
    *(rename, move_line, hire_and_fire, prefer, wait),
)


async def settle(day: Day, streams: dict[str, StreamClient]) -> dict[str, list[dict[str, Any]]]:
    """Everything is told and taken; what each was sent."""
    taken: dict[str, list[dict[str, Any]]] = {login: [] for login in streams}
    for _ in range(2):
        await day.house.clock.advance(0.2)
        await day.house.drained()
        for login, stream in streams.items():
            taken[login] += [message for message in await stream.catch_up(day.house) if message["type"] != "ping"]
            await stream.say({"type": "pong"})
    return taken


async def fresh(house: House, login: str) -> dict[str, Any]:
    """The state as somebody sees it who asks now; in a window of a program, which is not presence."""
    secrets = house.ids.setdefault(f"token:{login}", "")
    if not secrets:
        _, secrets = await house.rooms.people.sign_in.add_token(house.ids[login], "t", ("all",), None)
        house.ids[f"token:{login}"] = secrets
    async with house.client() as client, window(house, client, ("authorization", f"Bearer {secrets}")) as stream:
        await stream.hello()
        return stream.state


async def open_windows(house: House, stack: AsyncExitStack) -> dict[str, StreamClient]:
    streams = {}
    for login in VIEWERS:
        client = await stack.enter_async_context(browser(house, login))
        streams[login] = await stack.enter_async_context(window(house, client))
        await streams[login].hello()
    return streams


@pytest.mark.parametrize("seed", range(6))
async def test_state_and_facts_equal_a_fresh_snapshot(tmp_path: Path, seed: int) -> None:
    async with open_house(tmp_path) as house, AsyncExitStack() as stack:
        day = Day(house, random.Random(seed))
        streams = await open_windows(house, stack)
        away: dict[str, tuple[str, int, dict[str, Any]]] = {}
        for number in range(60):
            await day.random.choice(STEPS)(day)
            await settle(day, streams)
            if number % 20 == 5:
                away = {login: (each.epoch, each.seq, each.state) for login, each in streams.items()}
            if number % 4 == 0:
                for login, stream in streams.items():
                    assert stream.state == await fresh(house, login), f"{login} after {number}"
            if number % 20 == 15:
                for login, (epoch, seq, state) in away.items():
                    assert await resumed(house, login, epoch, seq, state) == streams[login].state


async def resumed(house: House, login: str, epoch: str, seq: int, state: dict[str, Any]) -> dict[str, Any]:
    """The state of a client that was away."""
    secret = house.ids[f"token:{login}"]
    async with house.client() as client, window(house, client, ("authorization", f"Bearer {secret}")) as stream:
        stream.epoch, stream.seq, stream.state = epoch, seq, state
        await stream.hello(epoch, seq)
        return stream.state


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
async def test_every_kind_of_change_alone(tmp_path: Path, step: Step) -> None:
    async with open_house(tmp_path) as house, AsyncExitStack() as stack:
        day = Day(house, random.Random(7))
        for native in ("a", "b"):
            house.ring(native, "101" if native == "a" else "102")
        await house.drained()
        streams = await open_windows(house, stack)
        before = {login: stream.state for login, stream in streams.items()}
        await settle(day, streams)
        for _ in range(3):
            await step(day)
            await settle(day, streams)
            for login, stream in streams.items():
                assert stream.state == await fresh(house, login), login
        assert step in (wait, hold) or any(streams[login].state != before[login] for login in VIEWERS)


def test_the_written_cases_hold() -> None:
    """`cases.json`: whoever changes the protocol writes them anew (UNISONO_WRITE_CASES=1)."""
    cases = json.loads(CASES.read_text())
    assert {name for case in cases for fact in case["facts"] for name in [fact["collection"]]} >= COLLECTIONS - {"me"}
    for case in cases:
        assert reduced(case["before"], case["facts"]) == case["after"], case["name"]


COLLECTIONS = {"me", "people", "presence", "lines", "calls", "links", "counts", "journal"}


def case(name: str, before: dict[str, Any], facts: list[dict[str, Any]], after: dict[str, Any]) -> str:
    """One line of `cases.json`; collections that nobody touched are left out."""
    touched = {fact["collection"] for fact in facts}
    only = [{key: entries for key, entries in state.items() if key in touched} for state in (before, after)]
    return json.dumps({"name": name, "before": only[0], "facts": facts, "after": only[1]}, ensure_ascii=False)


@pytest.mark.skipif(not os.environ.get("UNISONO_WRITE_CASES"), reason="writes tests/sync/cases.json")
async def test_write_cases(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, AsyncExitStack() as stack:
        day = Day(house, random.Random(1))
        streams = await open_windows(house, stack)
        lines = []
        for step in (ring, answer, *STEPS, ring, hang_up, wait):
            before = {login: stream.state for login, stream in streams.items()}
            await step(day)
            taken = await settle(day, streams)
            for login in ("anna", "root"):
                facts = [fact for message in taken[login] for fact in message.get("facts", [])]
                if facts and all(message["type"] == "facts" for message in taken[login]):
                    after = await fresh(house, login)
                    lines.append(case(f"{step.__name__}, seen by {login}", before[login], facts, after))
        CASES.write_text("[\n" + ",\n".join(lines) + "\n]\n")
