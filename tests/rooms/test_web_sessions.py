"""How long a browser is signed in, and that nothing of it is served a moment longer: neither requests nor open windows."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.rooms.web_house import PASSWORD, House, StreamClient, browser, open_house, window

from unisono.people.settings import PeopleSettings
from unisono.people.sign_in import SESSIONS_PER_USER, Session

SIGNED_OUT = (4401, "signed out")
NEW = "another horse battery"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


async def still_served(house: House, stream: StreamClient) -> bool:
    await stream.catch_up(house)
    return stream.closed is None


async def answers(client: httpx.AsyncClient) -> int:
    return (await client.get("/api/v1/me")).status_code


@pytest.mark.parametrize("days", [1, 30, 365])
async def test_the_cookie_lives_as_long_as_a_session_may(tmp_path: Path, days: int) -> None:
    settings = PeopleSettings(1, 8, 1, session_days=days)
    async with open_house(tmp_path, people=settings) as house, house.client() as anna:
        answer = await anna.post("/api/v1/session", json={"login": "anna", "password": PASSWORD})
        assert f"Max-Age={days * 86_400};" in answer.headers["set-cookie"]
        anna.headers["X-CSRF-Token"] = answer.json()["csrf"]
        assert "Max-Age=0;" in (await anna.delete("/api/v1/session")).headers["set-cookie"]
        assert "unisono" not in anna.cookies


async def test_signing_out_ends_the_windows_of_this_browser_only(house: House) -> None:
    async with (
        browser(house, "anna") as here,
        browser(house, "anna") as there,
        window(house, here) as one,
        window(house, here) as two,
        window(house, there) as other,
    ):
        for stream in (one, two, other):
            await stream.hello()
        await here.delete("/api/v1/session")
        assert [await one.ended(), await two.ended()] == [SIGNED_OUT] * 2
        assert await still_served(house, other)
        assert [await answers(here), await answers(there)] == [401, 200]


async def test_a_new_password_ends_the_windows_of_other_browsers(house: House) -> None:
    async with (
        browser(house, "anna") as here,
        browser(house, "anna") as there,
        window(house, here) as own,
        window(house, there) as other,
    ):
        await own.hello()
        await other.hello()
        assert (await here.post("/api/v1/me/password", json={"old": PASSWORD, "new": NEW})).status_code == 204
        assert await other.ended() == SIGNED_OUT
        assert await still_served(house, own)
        assert [await answers(here), await answers(there)] == [200, 401]


async def test_a_password_of_the_admin_ends_every_window(house: House) -> None:
    people = house.rooms.people
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        await people.save_user(people.need_user(house.ids["anna"]), NEW)
        assert await stream.ended() == SIGNED_OUT
        assert await answers(anna) == 401


async def test_a_blocked_account_ends_every_window_and_stays_out_when_it_is_opened_again(house: House) -> None:
    people = house.rooms.people
    user = people.need_user(house.ids["anna"])
    _, secret = await people.sign_in.add_token(user.id, "wallboard", ("read",), None)
    header = ("authorization", f"Bearer {secret}")
    async with (
        browser(house, "anna") as anna,
        house.client() as program,
        window(house, anna) as stream,
        window(house, program, header) as board,
    ):
        await stream.hello()
        await board.hello()
        await people.save_user(replace(user, active=False))
        for each in (stream, board):
            assert (await each.ended() or (0, ""))[0] == 4401
        assert await answers(anna) == 401
        await people.save_user(replace(user, active=True))
        assert await answers(anna) == 401


async def test_a_token_that_is_taken_back_ends_its_windows_only(house: House) -> None:
    people, anna_id = house.rooms.people, house.ids["anna"]
    token, secret = await people.sign_in.add_token(anna_id, "wallboard", ("read",), None)
    header = ("authorization", f"Bearer {secret}")
    async with (
        browser(house, "anna") as anna,
        house.client() as program,
        window(house, anna) as stream,
        window(house, program, header) as board,
    ):
        await stream.hello()
        await board.hello()
        await people.sign_in.remove_token(anna_id, token.id)
        assert await board.ended() == SIGNED_OUT
        assert await still_served(house, stream)


async def test_an_open_window_ends_with_the_days_of_its_session(tmp_path: Path) -> None:
    """A window counts as use, so its session does not end by rest; by its days it does, five minutes late at most."""
    settings = PeopleSettings(1, 8, 1, session_hours=720, session_days=1)
    async with open_house(tmp_path, people=settings) as house, browser(house, "anna") as anna:
        await house.later(23.9)
        async with window(house, anna) as stream:
            await stream.hello()
            assert await listened(house, stream, 5 * 60)
            assert not await listened(house, stream, 7 * 60)
            assert stream.closed == SIGNED_OUT
        assert await answers(anna) == 401


async def listened(house: House, stream: StreamClient, seconds: int) -> bool:
    """Whether the window is still served after so many seconds in which it answered every ping."""
    for _ in range(seconds // 20):
        await house.clock.advance(20)
        await stream.say({"type": "pong"})
        if not await still_served(house, stream):
            return False
    return True


async def test_the_oldest_of_too_many_browsers_is_signed_out_with_its_windows(house: House) -> None:
    async with browser(house, "anna") as oldest, window(house, oldest) as stream:
        await stream.hello()
        for _ in range(SESSIONS_PER_USER):
            await house.clock.advance(1)
            async with browser(house, "anna"):
                pass
        assert await stream.ended() == SIGNED_OUT
        assert await answers(oldest) == 401


async def test_a_session_that_ends_while_its_window_opens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking a session up may wait for the database; whoever is told meanwhile that it ended does not know the window yet."""
    sign_in = house.rooms.people.sign_in
    looked_up = sign_in.session

    async def slowly(secret: str) -> Session | None:
        found = await looked_up(secret)
        monkeypatch.setattr(sign_in, "session", looked_up)
        await sign_in.close(secret)
        await house.drained()
        return found

    async with browser(house, "anna") as anna:
        monkeypatch.setattr(sign_in, "session", slowly)
        async with window(house, anna) as stream:
            await stream.say({"type": "hello", "epoch": "", "seq": 0})
            assert await stream.ended() == SIGNED_OUT
            assert stream.messages == []
