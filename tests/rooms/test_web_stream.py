"""The event stream: snapshot, facts, resume, rights, limits."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.rooms.web_house import PASSWORD, House, StreamClient, browser, open_house, window, windows

from unisono.calls.model import Party, PartyKind, Service
from unisono.calls.port import LinkPhase, LinkState
from unisono.connectors.store import Instance
from unisono.permissions.grants import Change
from unisono.permissions.model import Level
from unisono.web import stream as stream_room
from unisono.web import window as window_room
from unisono.web.gate import API
from unisono.web.settings import LimitSettings

QUEUE_MOST = 100
"""How much waits for a window that takes nothing; a tenth of the usual, for each fact here is a change in the database."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


def calls_on(stream: StreamClient, house: House, number: str) -> list[Any]:
    line = house.lines[number]
    return [call for call in stream.state["calls"].values() if call["line_id"] == line]


async def test_snapshot_shows_everything_of_ones_own(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        state = stream.state
        assert set(state) == {"me", "people", "presence", "lines", "calls", "links", "counts", "journal"}
        assert state["me"]["me"]["login"] == "anna"
        names = {person["name"] for person in state["people"].values()}
        assert names == {"Root Test", "Anna Test", "Ben Test", "Carla Test"}
        assert state["presence"][house.ids["anna"]]["state"] == "available"
        assert state["presence"][house.ids["ben"]]["settable"]
        assert not state["presence"][house.ids["carla"]]["settable"]
        own = [line["number"] for line in state["lines"].values() if line["own"]]
        assert sorted(own) == ["101", "111"]
        assert state["counts"]["journal"] == {"missed_open": 0}


async def test_story_of_a_missed_call_from_both_sides(house: House) -> None:
    async with windows(house, "anna", "ben") as (annas, bens):
        house.ring("1", "101")
        await annas.catch_up(house)
        await bens.catch_up(house)
        [own] = calls_on(annas, house, "101")
        assert (own["state"], own["remote"]["canonical"], own["direction"]) == ("offering", "+441632960123", "inbound")
        assert own["services"] == ["answerCall", "clearConnection", "deflectCall"]
        [seen] = calls_on(bens, house, "101")
        assert seen["services"] == ["directedPickupCall"]
        assert seen["journal_id"] is None
        presence = bens.state["presence"][house.ids["anna"]]
        assert (presence["state"], presence["reason"], presence["activity"]) == ("busy", "ringing", "ringing")
        assert presence["with"] == "+441632960123"
        house.hang_up("1")
        await annas.catch_up(house)
        [own] = calls_on(annas, house, "101")
        assert own["state"] == "ended"
        assert annas.state["journal"][own["journal_id"]]["outcome"] == "missed"
        assert annas.state["counts"]["journal"] == {"missed_open": 1}
        assert annas.state["presence"][house.ids["anna"]]["state"] == "available"
        await house.clock.advance(20)
        await annas.catch_up(house)
        await bens.catch_up(house)
        assert calls_on(annas, house, "101") == calls_on(bens, house, "101") == []


async def test_the_description_says_what_the_stream_sends(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        shapes = (await anna.get(f"{API}/openapi.json")).json()["components"]["schemas"]
        await house.rooms.connectors.save(Instance("pbx", "Exchange", "csta", False, "", {"host": "192.0.2.1"}))
        house.ring("1", "101")
        house.ring("2", "111")
        await house.drained()
        house.hang_up("2")
        await stream.hello()
        collections = shapes["StreamState"]["properties"]
        assert stream.state.keys() == collections.keys()
        for name, entries in stream.state.items():
            shape = shapes[collections[name]["additionalProperties"]["$ref"].rpartition("/")[2]]
            assert entries, f"nothing in {name} to look at"
            for entry in entries.values():
                assert set(shape["required"]) <= entry.keys() <= shape["properties"].keys(), name


async def test_talking_shows_since_when(house: House) -> None:
    async with browser(house, "carla") as carla, window(house, carla) as stream:
        await stream.hello()
        house.ring("1", "101")
        await house.clock.advance(5)
        house.answer("1", "101")
        await stream.catch_up(house)
        presence = stream.state["presence"][house.ids["anna"]]
        assert (presence["reason"], presence["activity"], presence["since"]) == ("call", "on-the-phone", "2026-11-23T09:00:05Z")


async def test_further_lines_and_private_lines_stay_closed_below_team(house: House) -> None:
    people = house.rooms.people
    line = people.line(house.lines["102"])
    assert line
    await people.save_line(replace(line, private=True))
    await people.set_preferences(house.ids["carla"], favourites=[house.ids["anna"], house.ids["ben"]])
    async with (
        browser(house, "carla") as carla,
        browser(house, "anna") as anna,
        window(house, carla) as carlas,
        window(house, anna) as annas,
    ):
        await carlas.hello()
        await annas.hello()
        house.ring("1", "111")
        house.ring("2", "102")
        await carlas.catch_up(house)
        await annas.catch_up(house)
        assert carlas.state["calls"] == {}
        assert not {house.lines["111"], house.lines["102"]} & carlas.state["lines"].keys()
        assert carlas.state["presence"][house.ids["anna"]]["with"] == ""
        assert carlas.state["presence"][house.ids["ben"]]["activity"] == "ringing"
        assert len(calls_on(annas, house, "111")) == 1
        assert calls_on(annas, house, "102") == []
        assert annas.state["presence"][house.ids["ben"]]["with"] == ""


async def test_a_colleague_who_calls_has_their_name(house: House) -> None:
    caller = Party(device="101", number="101", kind=PartyKind.EXTENSION)
    async with browser(house, "carla") as carla, window(house, carla) as stream:
        await stream.hello()
        house.ring("1", "103", calling=caller)
        await stream.catch_up(house)
        [call] = calls_on(stream, house, "103")
        assert (call["state"], call["remote"]["user_id"]) == ("offering", house.ids["anna"])


async def test_a_grant_opens_and_taking_it_back_closes(house: House) -> None:
    granting = house.rooms.granting
    await house.rooms.people.set_preferences(house.ids["carla"], favourites=[house.ids["anna"]])
    async with browser(house, "carla") as carla, window(house, carla) as stream:
        await stream.hello()
        house.ring("1", "111")
        await stream.catch_up(house)
        assert stream.state["calls"] == {}
        await granting.grant(house.ids["anna"], house.ids["carla"], Level.PERSONAL)
        await stream.catch_up(house)
        assert len(calls_on(stream, house, "111")) == 1
        assert "set-diversion" in stream.state["people"][house.ids["anna"]]["rights"]
        await granting.grant(house.ids["anna"], house.ids["carla"], None)
        await stream.catch_up(house)
        assert stream.state["calls"] == {}
        assert house.lines["111"] not in stream.state["lines"]


async def test_blocked_people_show_their_name_only(house: House) -> None:
    await house.rooms.granting.change(Change(Level.BLOCKED))
    async with browser(house, "carla") as carla, window(house, carla) as stream:
        await stream.hello()
        anna = stream.state["people"][house.ids["anna"]]
        assert anna["name"] == "Anna Test"
        assert anna["mail"] == "anna@example.org"
        assert not {"mobile", "mobile_display", "number", "title", "department"} & anna.keys()
        assert set(stream.state["presence"]) == {house.ids["carla"]}


async def test_resume_gives_what_was_missed(house: House) -> None:
    async with browser(house, "anna") as anna:
        async with window(house, anna) as stream:
            await stream.hello()
        epoch, seq, before = stream.epoch, stream.seq, stream.state
        house.ring("1", "101")
        await house.rooms.presence.set_manual(house.ids["ben"], None)
        await house.drained()
        async with window(house, anna) as again:
            again.epoch, again.seq, again.state = epoch, seq, before
            await again.hello(epoch, seq)
            assert again.messages[0]["type"] == "facts"
            await again.catch_up(house)
            resumed = again.state
        async with window(house, anna) as fresh:
            await fresh.hello()
            await fresh.catch_up(house)
        assert resumed == fresh.state
        assert len(calls_on(fresh, house, "101")) == 1


@pytest.mark.parametrize(("epoch", "seq"), [("", 0), ("another", 3), ("same", 10**9), ("same", -1)])
async def test_who_cannot_resume_gets_a_snapshot(house: House, epoch: str, seq: int) -> None:
    async with browser(house, "anna") as anna:
        async with window(house, anna) as stream:
            await stream.hello()
        async with window(house, anna) as again:
            await again.hello(stream.epoch if epoch == "same" else epoch, seq)
            assert again.messages[0]["type"] == "snapshot"


async def test_nothing_missed_is_answered_all_the_same(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        await stream.catch_up(house)
        await stream.say({"type": "hello", "epoch": stream.epoch, "seq": stream.seq})
        answer = await stream.next()
        assert answer == {"type": "facts", "seq": stream.seq, "facts": []}


async def test_a_reader_that_stops_gets_a_snapshot_and_costs_no_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_room, "QUEUE_MOST", QUEUE_MOST)
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        await stream.catch_up(house)
        stream.reading.clear()
        user = house.ids["anna"]
        for number in range(QUEUE_MOST * 3):
            await house.rooms.people.set_preferences(user, settings={"n": number})
            await house.drained()
        stream.reading.set()
        taken = await stream.catch_up(house)
        assert len(taken) <= 2
        assert taken[-1]["type"] == "snapshot"
        assert stream.state["me"]["me"]["settings"] == {"n": QUEUE_MOST * 3 - 1}


async def test_a_reader_that_never_comes_back_is_closed(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        await stream.catch_up(house)
        stream.reading.clear()
        await house.rooms.people.set_preferences(house.ids["anna"], settings={"n": 1})
        await house.drained()
        for _ in range(70):
            await house.clock.advance(1)
        await house.drained()
        assert not house.rooms.presence.signed_in(house.ids["anna"])


async def test_pings_and_silence(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        await stream.catch_up(house)
        await house.clock.advance(25)
        assert {"type": "ping"} in await stream.catch_up(house)
        await stream.say({"type": "pong"})
        await house.clock.advance(50)
        await stream.catch_up(house)
        assert stream.closed is None
        await house.clock.advance(30)
        assert await stream.ended() == (4408, "silent")


NONSENSE = ["", "null", "[]", "{}", '{"type":"other"}', '{"type":"hello","seq":"x"}', "x" * 5000, "{" * 2000]


@pytest.mark.parametrize("said", NONSENSE)
async def test_nonsense_ends_the_stream(house: House, said: str) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.say(said)
        await stream.next()
        assert stream.closed == (stream_room.PROTOCOL, "not understood")


async def test_a_flood_ends_the_stream(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        for _ in range(100):
            await stream.say({"type": "pong"})
        await stream.next()
        assert stream.closed == (stream_room.TOO_MANY, "too many messages")


async def test_strangers_and_other_sites_are_refused(house: House) -> None:
    async with house.client() as stranger, window(house, stranger) as stream:
        await stream.next()
        assert stream.closed == (4401, "not-signed-in")
    async with browser(house, "anna") as anna:
        for header in (("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")):
            async with window(house, anna, header) as stream:
                await stream.next()
                assert stream.closed == (4401, "cross-site")
        async with window(house, anna, ("origin", "http://unisono.example")) as stream:
            await stream.hello()
            assert stream.closed is None


async def test_a_token_may_watch_without_being_at_work(house: House) -> None:
    _, secret = await house.rooms.people.sign_in.add_token(house.ids["carla"], "wallboard", ("read",), None)
    header = ("authorization", f"Bearer {secret}")
    async with house.client() as program, window(house, program, header) as stream:
        await stream.hello()
        assert stream.state["me"]["me"]["login"] == "carla"
        assert stream.state["presence"][house.ids["carla"]]["state"] == "offline"


async def test_only_so_many_windows(tmp_path: Path) -> None:
    async with (
        open_house(tmp_path, LimitSettings(windows=2)) as house,
        browser(house, "anna") as anna,
        window(house, anna) as one,
        window(house, anna) as two,
    ):
        await one.hello()
        await two.hello()
        async with window(house, anna) as three:
            assert await three.ended() == (stream_room.TOO_MANY, "too many windows")


async def opened(house: House, client: httpx.AsyncClient, *headers: tuple[str, str]) -> tuple[int, str] | None:
    """One stream, opened and left at once; how the server closed it, None where it was served."""
    async with window(house, client, *headers) as stream:
        await stream.hello()
        return stream.closed


TOO_OFTEN = (stream_room.TOO_MANY, "opened too often")


async def test_a_slow_flood_of_one_person_gets_what_the_rate_allows_and_no_more(tmp_path: Path) -> None:
    """Never more than one window at a time, so that no other limit is met: a client that reconnects again and again."""
    limits = LimitSettings(stream_rate=1, stream_burst=5)
    async with open_house(tmp_path, limits) as house, browser(house, "anna") as anna, browser(house, "ben") as ben:
        answers = []
        for _ in range(60):
            answers.append(await opened(house, anna))
            await house.clock.advance(0.5)
        assert set(answers) == {None, TOO_OFTEN}
        assert answers[:5] == [None] * 5
        assert answers.count(None) in (34, 35)
        assert await opened(house, ben) is None
        for _ in range(60):
            await house.clock.advance(1)
            assert await opened(house, anna) is None


async def test_a_person_is_slowed_down_whatever_they_sign_in_with(tmp_path: Path) -> None:
    async with open_house(tmp_path, LimitSettings(stream_rate=1, stream_burst=2)) as house, house.client() as program:
        people, answers = house.rooms.people, []
        for name in ("one", "two", "three"):
            _, secret = await people.sign_in.add_token(house.ids["carla"], name, ("read",), None)
            answers.append(await opened(house, program, ("authorization", f"Bearer {secret}")))
        assert answers == [None, None, TOO_OFTEN]


async def test_strangers_of_one_address_are_slowed_down_before_anything_is_looked_up(tmp_path: Path) -> None:
    limits = LimitSettings(stream_address_rate=1, stream_address_burst=3)
    async with open_house(tmp_path, limits) as house, house.client() as stranger, browser(house, "anna") as anna:
        answers = [await opened(house, stranger) for _ in range(5)]
        assert answers == [(4401, "not-signed-in")] * 3 + [TOO_OFTEN] * 2
        assert await opened(house, anna) == TOO_OFTEN
        await house.clock.advance(1)
        assert await opened(house, anna) is None


async def test_links_show_everything_to_admins_and_the_phase_to_all(house: House) -> None:
    rooms = house.rooms
    rooms.connectors._instances["pbx"] = Instance("pbx", "Main PBX", "csta", True, "", {})
    rooms.calls.link("pbx", LinkState(LinkPhase.REFUSED, "wrong-password", "Said no.", "Ask.", "Switch", "3", 7))
    async with (
        browser(house, "root") as root,
        browser(house, "anna") as anna,
        window(house, root) as roots,
        window(house, anna) as annas,
    ):
        await roots.hello()
        await annas.hello()
        assert roots.state["links"]["pbx"]["remedy"] == "Ask."
        assert roots.state["links"]["pbx"]["since"] == "2026-11-23T09:00:00Z"
        seen = annas.state["links"]["pbx"]
        assert (seen["phase"], seen["name"], seen["message"], seen["peer"]) == ("refused", "Main PBX", "", "")
        rooms.calls.link("pbx", LinkState(LinkPhase.UP, lines=5))
        await roots.catch_up(house)
        assert roots.state["links"]["pbx"]["lines"] == 5
        del rooms.connectors._instances["pbx"]
        await house.clock.advance(2)
        await roots.catch_up(house)
        assert roots.state["links"] == {}


async def test_an_admin_s_token_that_may_only_read_sees_links_like_everybody(house: House) -> None:
    rooms = house.rooms
    rooms.connectors._instances["pbx"] = Instance("pbx", "Main PBX", "csta", True, "", {})
    rooms.calls.link("pbx", LinkState(LinkPhase.REFUSED, "wrong-password", "Said no.", "Ask.", "Switch", "3", 7))
    seen = {}
    for scope in ("read", "admin"):
        _, secret = await rooms.people.sign_in.add_token(house.ids["root"], scope, (scope,), None)
        header = ("authorization", f"Bearer {secret}")
        async with house.client() as program, window(house, program, header) as stream:
            await stream.hello()
            seen[scope] = stream.state["links"]["pbx"]["remedy"]
    assert seen == {"read": "", "admin": "Ask."}


async def test_what_a_line_can_do_reaches_its_users(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        assert "makeCall" in stream.state["lines"][house.lines["101"]]["services"]
        house.rooms.calls.capabilities("pbx", "101", frozenset({Service.ANSWER_CALL}))
        await stream.catch_up(house)
        assert stream.state["lines"][house.lines["101"]]["services"] == []


async def test_all_windows_of_one_person_agree(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as one, window(house, anna) as two:
        await one.hello()
        await two.hello()
        answer: httpx.Response = await anna.patch("/api/v1/me", json={"settings": {"theme": "dark"}})
        assert answer.status_code == 200
        await anna.post("/api/v1/me/password", json={"old": PASSWORD, "new": "another horse battery"})
        await one.catch_up(house)
        await two.catch_up(house)
        assert one.state == two.state
        assert one.closed is None


async def test_a_changed_account_is_what_its_own_windows_show(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        for locale in ("de", "it"):
            assert (await anna.patch("/api/v1/me", json={"locale": locale})).status_code == 200
            await stream.catch_up(house)
            assert stream.state["me"]["me"]["locale"] == locale
