"""Presence over time: windows, idle computers, telephones, what people set."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.rooms.directory_rig import until
from tests.rooms.web_house import House, browser, open_house, window

from unisono.calls import pbx_events as ev
from unisono.calls.model import Service
from unisono.calls.port import LinkPhase, LinkState
from unisono.kernel.errors import Invalid, NotFound
from unisono.presence.model import Activity, Presence, Reason, State
from unisono.presence.service import PresenceService
from unisono.presence.settings import PresenceSettings


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


def of(house: House, login: str = "anna") -> Presence:
    return house.rooms.presence.of(house.ids[login])


async def test_windows_come_and_go(house: House) -> None:
    presence, anna = house.rooms.presence, house.ids["anna"]
    assert of(house).state is State.OFFLINE
    presence.arrived(anna, "s1")
    presence.arrived(anna, "s1")
    presence.arrived(anna, "s2")
    assert of(house).state is State.AVAILABLE
    for session in ("s1", "s1", "s2"):
        assert presence.signed_in(anna)
        presence.left(anna, session)
    assert not presence.signed_in(anna)
    await house.clock.advance(20)
    assert of(house).state is State.AVAILABLE
    await house.clock.advance(15)
    assert (of(house).state, of(house).reason) == (State.OFFLINE, Reason.SIGNED_OUT)


async def test_reloading_a_page_shows_nothing(house: House) -> None:
    presence, anna = house.rooms.presence, house.ids["anna"]
    presence.arrived(anna, "s1")
    presence.left(anna, "s1")
    await house.clock.advance(5)
    presence.arrived(anna, "s1")
    await house.clock.advance(60)
    assert of(house).state is State.AVAILABLE


async def test_idle_counts_only_when_every_computer_is(house: House) -> None:
    presence, anna = house.rooms.presence, house.ids["anna"]
    presence.arrived(anna, "office")
    presence.arrived(anna, "home")
    presence.idle(anna, "office", True)
    await house.clock.advance(400)
    assert of(house).state is State.AVAILABLE
    presence.idle(anna, "home", True)
    since = house.clock.now()
    await house.clock.advance(290)
    assert of(house).state is State.AVAILABLE
    await house.clock.advance(15)
    assert (of(house).state, of(house).reason, of(house).since) == (State.AWAY, Reason.IDLE, since)
    presence.idle(anna, "home", False)
    assert of(house).state is State.AVAILABLE


async def test_the_phone_from_ringing_to_the_end(house: House) -> None:
    house.rooms.presence.arrived(house.ids["anna"], "s")
    house.ring("1", "101")
    await house.drained()
    assert (of(house).reason, of(house).activity) == (Reason.RINGING, Activity.RINGING)
    await house.clock.advance(7)
    house.answer("1", "101")
    await house.drained()
    assert (of(house).reason, of(house).activity) == (Reason.CALL, Activity.ON_THE_PHONE)
    assert of(house).since == house.clock.now()
    house.hang_up("1")
    await house.drained()
    assert of(house).state is State.AVAILABLE


async def test_wrapping_up_takes_its_time(house: House) -> None:
    rooms = house.rooms
    presence = PresenceService(
        rooms.bus, house.clock, rooms.people, rooms.database, rooms.calls, PresenceSettings(after_call_seconds=30)
    )
    await presence.load()
    anna = house.ids["anna"]
    presence.arrived(anna, "s")
    house.ring("1", "101")
    house.answer("1", "101")
    house.hang_up("1")
    await house.drained()
    shown = presence.of(anna)
    assert (shown.state, shown.activity) == (State.BUSY, Activity.AFTER_CALL)
    assert shown.until == house.clock.now() + timedelta(seconds=30)
    house.ring("2", "101")
    house.hang_up("2")
    await house.drained()
    assert presence.of(anna).state is State.AVAILABLE


async def test_do_not_disturb_of_a_line(house: House) -> None:
    house.rooms.calls.report(ev.DeviceDoNotDisturb(house.head(), "111", True))
    await house.drained()
    assert (of(house).state, of(house).reason) == (State.DND, Reason.LINE_DND)
    house.rooms.calls.report(ev.DeviceDoNotDisturb(house.head(), "111", False))
    await house.drained()
    assert of(house).state is State.OFFLINE


async def test_what_people_set_survives_a_restart_and_expires(house: House) -> None:
    rooms, anna = house.rooms, house.ids["anna"]
    until = house.clock.now() + timedelta(minutes=10)
    await rooms.presence.set_manual(anna, State.AWAY, until, " lunch ")
    again = PresenceService(rooms.bus, house.clock, rooms.people, rooms.database, rooms.calls)
    await again.load()
    assert again.of(anna) == of(house)
    assert (of(house).state, of(house).note, of(house).until) == (State.AWAY, "lunch", until)
    await house.clock.advance(601)
    assert of(house).state is State.OFFLINE
    await rooms.presence.set_manual(anna, State.BUSY)
    await rooms.presence.set_manual(anna, None)
    assert of(house).reason is Reason.SIGNED_OUT


async def test_what_cannot_be_set(house: House) -> None:
    presence, anna = house.rooms.presence, house.ids["anna"]
    for state in (State.OFFLINE, State.UNKNOWN):
        with pytest.raises(Invalid):
            await presence.set_manual(anna, state)
    with pytest.raises(Invalid):
        await presence.set_manual(anna, State.AWAY, house.clock.now())
    with pytest.raises(Invalid):
        await presence.set_manual(anna, State.AWAY, note="x" * 501)
    with pytest.raises(NotFound):
        await presence.set_manual("nobody", State.AWAY)


async def test_looking_afresh_comes_to_the_same(house: House) -> None:
    rooms = house.rooms
    rooms.presence.arrived(house.ids["ben"], "s")
    house.ring("1", "101")
    house.answer("1", "101")
    house.ring("2", "102")
    rooms.calls.report(ev.DeviceDoNotDisturb(house.head(), "103", True))
    await house.drained()
    before = {login: of(house, login) for login in ("anna", "ben", "carla", "root")}
    await rooms.presence.resync()
    assert {login: of(house, login) for login in before} == before
    fresh = PresenceService(rooms.bus, house.clock, rooms.people, rooms.database, rooms.calls)
    await fresh.load()
    assert fresh.of(house.ids["anna"]) == before["anna"]
    assert fresh.of(house.ids["carla"]) == before["carla"]


async def test_of_who_was_removed_nothing_is_kept(house: House) -> None:
    presence, people, ids = house.rooms.presence, house.rooms.people, house.ids
    await presence.set_manual(ids["anna"], State.DND, house.clock.now() + timedelta(minutes=5))
    house.ring("1", "101")
    async with browser(house, "anna") as anna, window(house, anna) as annas:
        await annas.hello()
        await people.remove_user(ids["anna"])
        await house.drained()
        assert (await annas.ended() or (0, ""))[0] == 4401
        await house.drained()
        assert (of(house), presence.manual(ids["anna"])) == (Presence(), None)
    house.answer("1", "101")
    house.rooms.calls.report(ev.DeviceDoNotDisturb(house.head(), "101", True))
    presence.idle(ids["anna"], "s", True)
    presence.arrived(ids["anna"], "s")
    presence.left(ids["anna"], "s")
    await house.drained()
    await house.clock.advance(600)
    await presence.resync()
    assert (of(house), presence.signed_in(ids["anna"])) == (Presence(), False)
    fresh = PresenceService(house.rooms.bus, house.clock, people, house.rooms.database, house.rooms.calls)
    await fresh.load()
    assert (fresh.of(ids["anna"]), fresh.manual(ids["anna"])) == (Presence(), None)


async def test_who_is_removed_while_facts_about_them_were_lost(house: House) -> None:
    presence, people, anna = house.rooms.presence, house.rooms.people, house.ids["anna"]
    presence.arrived(anna, "s")
    await people.remove_user(anna)
    await presence.resync()
    assert of(house) == Presence()


async def test_a_line_that_passes_to_somebody_else_takes_its_calls_along(house: House) -> None:
    people, ids = house.rooms.people, house.ids
    line = people.line(house.lines["101"])
    assert line is not None
    house.ring("1", "101")
    house.answer("1", "101")
    await house.drained()
    assert (of(house).activity, of(house, "ben").activity) == (Activity.ON_THE_PHONE, Activity.NONE)
    since = of(house).since
    await house.clock.advance(7)
    await people.save_line(replace(line, user_ids=(ids["ben"],)))
    await house.drained()
    assert (of(house).activity, of(house).state) == (Activity.NONE, State.OFFLINE)
    assert (of(house, "ben").activity, of(house, "ben").since) == (Activity.ON_THE_PHONE, since)
    house.hang_up("1")
    house.rooms.calls.report(ev.DeviceDoNotDisturb(house.head(), "101", True))
    await house.drained()
    assert (of(house).state, of(house, "ben").reason) == (State.OFFLINE, Reason.LINE_DND)
    await people.remove_line(line.id)
    await house.drained()
    assert of(house, "ben").state is State.OFFLINE


async def test_over_http(house: House) -> None:
    anna_id = house.ids["anna"]
    async with browser(house, "anna") as anna, browser(house, "ben") as ben, browser(house, "carla") as carla:
        assert (await anna.put("/api/v1/me/presence", json={"state": "dnd", "note": "focus"})).status_code == 204
        assert (of(house).state, of(house).note) == (State.DND, "focus")
        assert (await ben.put(f"/api/v1/people/{anna_id}/presence", json={"state": "away"})).status_code == 204
        assert of(house).state is State.AWAY
        assert (await carla.put(f"/api/v1/people/{anna_id}/presence", json={"state": "busy"})).status_code == 403
        for wrong in ({}, {"state": "asleep"}, {"state": "offline"}, {"state": "away", "until": "2026-11-23T08:00:00"}):
            assert (await anna.put("/api/v1/me/presence", json=wrong)).status_code in (400, 422)
        assert (await anna.post("/api/v1/me/activity", json={"idle": True})).status_code == 204
        assert (await anna.put("/api/v1/me/presence", json={"state": None})).status_code == 204


def linked(house: House, phase: LinkPhase = LinkPhase.UP) -> None:
    house.rooms.calls.link("pbx", LinkState(phase))


def asked(house: House) -> list[tuple[str, bool]]:
    """Which telephones were asked to switch do-not-disturb, and to what, since this was asked last."""
    taken = [(command.device, command.on) for command in house.pbx.commands if command.service is Service.SET_DO_NOT_DISTURB]
    house.pbx.commands.clear()
    return taken


def telephones_say(house: House, *devices: str, on: bool) -> None:
    for device in devices:
        house.rooms.calls.report(ev.DeviceDoNotDisturb(house.head(), device, on))


async def test_who_has_no_window_open_is_reachable_by_telephone(house: House) -> None:
    linked(house)
    await house.drained()
    assert (of(house).state, of(house).reason) == (State.AVAILABLE, Reason.TELEPHONE)
    for device in ("101", "111"):
        house.rooms.calls.report(ev.DeviceInService(house.head(), device, on=False))
    await house.drained()
    assert (of(house).state, of(house, "ben").state) == (State.OFFLINE, State.AVAILABLE)
    linked(house, LinkPhase.REFUSED)
    await house.drained()
    assert of(house, "ben").state is State.OFFLINE
    fresh = PresenceService(
        house.rooms.bus, house.clock, house.rooms.people, house.rooms.database, house.rooms.calls
    )
    linked(house)
    await fresh.load()
    assert fresh.of(house.ids["ben"]).reason is Reason.TELEPHONE


async def test_do_not_disturb_is_one_thing_for_the_person_and_their_telephones(house: House) -> None:
    linked(house)
    presence, anna = house.rooms.presence, house.ids["anna"]
    await presence.set_manual(anna, State.DND)
    assert asked(house) == [("101", True), ("111", True)]
    telephones_say(house, "101", "111", on=True)
    await house.drained()
    assert (of(house).state, of(house).reason) == (State.DND, Reason.MANUAL)
    await presence.set_manual(anna, State.DND, note="still")
    assert asked(house) == []
    await presence.set_manual(anna, None)
    assert asked(house) == [("101", False), ("111", False)]
    telephones_say(house, "101", "111", on=False)
    await house.drained()
    assert of(house).reason is Reason.TELEPHONE


async def test_switched_off_at_the_telephone_it_is_taken_back(house: House) -> None:
    linked(house)
    presence, anna = house.rooms.presence, house.ids["anna"]
    await presence.set_manual(anna, State.DND)
    telephones_say(house, "101", "111", on=True)
    telephones_say(house, "101", on=False)
    await house.drained()
    assert of(house).state is State.DND
    telephones_say(house, "111", on=False)
    await house.drained()
    assert (presence.manual(anna), of(house).state) == (None, State.AVAILABLE)
    again = PresenceService(house.rooms.bus, house.clock, house.rooms.people, house.rooms.database, house.rooms.calls)
    await again.load()
    assert again.manual(anna) is None


async def test_set_at_the_telephone_it_ends_with_what_the_person_chooses_next(house: House) -> None:
    linked(house)
    telephones_say(house, "101", on=True)
    await house.drained()
    assert of(house).reason is Reason.LINE_DND
    await house.rooms.presence.set_manual(house.ids["anna"], State.AVAILABLE)
    assert asked(house) == [("101", False)]


async def test_when_it_runs_out_the_telephones_follow_as_soon_as_they_can_be_asked(house: House) -> None:
    linked(house)
    presence, anna = house.rooms.presence, house.ids["anna"]
    await presence.set_manual(anna, State.DND, house.clock.now() + timedelta(minutes=10))
    telephones_say(house, "101", "111", on=True)
    asked(house)
    linked(house, LinkPhase.REFUSED)
    await house.clock.advance(602)
    assert (asked(house), of(house).reason) == ([], Reason.LINE_DND)
    linked(house)
    await house.clock.advance(2)
    assert asked(house)[:2] == [("101", False), ("111", False)]


async def test_who_chooses_anew_while_others_telephones_are_asked_keeps_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(house)
    presence, ask, (anna, ben) = house.rooms.presence, house.rooms.calls.ask, (house.ids["anna"], house.ids["ben"])
    for user_id in (anna, ben):
        await presence.set_manual(user_id, State.DND, house.clock.now() + timedelta(minutes=10))
    telephones_say(house, "101", "102", on=True)
    linked(house, LinkPhase.REFUSED)
    await house.clock.advance(602)
    linked(house)
    asked(house)
    really, chosen = ask.do_not_disturb, list[str]()

    async def meanwhile(connector: str, device: str, on: bool) -> None:
        monkeypatch.setattr(ask, "do_not_disturb", really)
        chosen.append(ben if device == "101" else anna)
        await presence.set_manual(chosen[0], State.DND)
        await really(connector, device, on)

    monkeypatch.setattr(ask, "do_not_disturb", meanwhile)
    await house.clock.advance(2)
    await until(lambda: not presence._expired)
    [kept] = chosen
    assert asked(house) == [("101" if kept == ben else "102", False)]
    assert presence.manual(kept) is not None
    assert not presence.works.failures


async def test_a_telephone_of_several_people_is_not_silenced_by_one(house: House) -> None:
    linked(house)
    people, ids = house.rooms.people, house.ids
    line = people.line(house.lines["101"])
    assert line is not None
    await people.save_line(replace(line, user_ids=(ids["anna"], ids["ben"])))
    await house.rooms.presence.set_manual(ids["anna"], State.DND)
    assert asked(house) == [("111", True)]
