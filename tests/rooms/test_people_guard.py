"""The only door: levels, lines, tokens."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.rooms.web_house import House, open_house

from unisono.kernel.errors import Forbidden
from unisono.permissions.grants import Change
from unisono.permissions.guard import questions
from unisono.permissions.model import Level, Right, Scope, Viewer
from unisono.web.auth import viewer_of


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


def viewer(house: House, login: str, *scopes: Scope) -> Viewer:
    user = house.rooms.people.need_user(house.ids[login])
    return viewer_of(user, frozenset(scopes or (Scope.ALL,)))


async def test_levels_between_colleagues(house: House) -> None:
    guard = house.rooms.guard
    levels = {login: guard.level(viewer(house, login), house.ids["anna"]) for login in ("anna", "ben", "carla", "root")}
    assert levels == {
        "anna": Level.PERSONAL,
        "ben": Level.TEAM,
        "carla": Level.BUSINESS,
        "root": Level.BUSINESS,
    }
    assert guard.level(viewer(house, "anna"), "nobody") is Level.BLOCKED


async def test_grants_survive_a_restart_and_go_with_people(house: House) -> None:
    rooms = house.rooms
    await rooms.granting.grant(house.ids["anna"], house.ids["carla"], Level.PERSONAL)
    await rooms.granting.change(Change(Level.PUBLIC))
    before = rooms.granting.current
    await rooms.granting.load()
    assert rooms.granting.current == before
    assert rooms.guard.level(viewer(house, "carla"), house.ids["anna"]) is Level.PERSONAL
    assert rooms.guard.level(viewer(house, "root"), house.ids["anna"]) is Level.PUBLIC
    assert rooms.granting.given_by(house.ids["anna"]) == {house.ids["carla"]: Level.PERSONAL}
    assert rooms.granting.given_to(house.ids["carla"]) == {house.ids["anna"]: Level.PERSONAL}
    await rooms.people.remove_user(house.ids["carla"])
    await house.drained()
    await house.clock.advance(1)
    await house.drained()
    assert rooms.granting.current.personal == {}


async def test_lines_have_rights_by_their_place(house: House) -> None:
    guard, people = house.rooms.guard, house.rooms.people
    first, second = people.line(house.lines["101"]), people.line(house.lines["111"])
    assert first
    assert second
    carla, ben = viewer(house, "carla"), viewer(house, "ben")
    assert guard.may_on_line(carla, first, Right.SEE_CALLS_IN)
    assert not guard.may_on_line(carla, second, Right.SEE_CALLS_IN)
    assert guard.may_on_line(ben, second, Right.PICK_UP)
    assert not guard.may_on_line(ben, second, Right.SET_DIVERSION)
    assert not guard.may_on_line(ben, replace(first, private=True), Right.SEE_CALLS_IN)
    assert guard.may_on_line(viewer(house, "anna"), replace(first, private=True), Right.SEE_CALLS_IN)
    assert not guard.may_on_line(ben, replace(first, user_ids=()), Right.SEE_CALLS_IN)
    with pytest.raises(Forbidden):
        guard.require_on_line(carla, first, Right.PICK_UP)


async def test_only_own_lines_obey(house: House) -> None:
    guard, people = house.rooms.guard, house.rooms.people
    line = people.line(house.lines["101"])
    assert line
    guard.own_line(viewer(house, "anna"), line)
    guard.own_line(viewer(house, "anna", Scope.CALLS), line)
    for asker in (viewer(house, "ben"), viewer(house, "root"), viewer(house, "anna", Scope.READ, Scope.ADMIN)):
        with pytest.raises(Forbidden):
            guard.own_line(asker, line)


async def test_tokens_reach_no_further_than_their_scopes(house: House) -> None:
    guard, anna = house.rooms.guard, house.ids["anna"]
    reading, calling = viewer(house, "ben", Scope.READ), viewer(house, "ben", Scope.CALLS)
    assert guard.may(reading, anna, Right.SEE_PRESENCE)
    assert not guard.may(reading, anna, Right.PICK_UP)
    assert not guard.may(reading, anna, Right.SET_PRESENCE)
    assert guard.may(calling, anna, Right.PICK_UP)
    assert not guard.may(calling, anna, Right.SET_PRESENCE)
    for asker in (reading, calling):
        with pytest.raises(Forbidden):
            guard.own(asker)
    with pytest.raises(Forbidden):
        guard.admin(viewer(house, "root", Scope.READ, Scope.CALLS))
    guard.admin(viewer(house, "root", Scope.ADMIN))
    with pytest.raises(Forbidden):
        guard.admin(viewer(house, "anna"))
    with pytest.raises(Forbidden):
        guard.signed_in(Viewer(""))


async def test_every_question_is_noted_and_no_more_than_needed(house: House) -> None:
    guard, asker = house.rooms.guard, viewer(house, "anna")
    with questions() as asked:
        guard.signed_in(asker)
        guard.may(asker, house.ids["ben"], Right.PICK_UP)
        for _ in range(1000):
            guard.level(asker, house.ids["ben"])
    assert asked[:2] == ["signed-in", "pick-up"]
    assert len(asked) == 100
    guard.signed_in(asker)
    assert len(asked) == 100


async def test_what_was_remembered_follows_every_change(house: House) -> None:
    rooms, ben = house.rooms, viewer(house, "ben")
    assert rooms.guard.level(ben, house.ids["anna"]) is Level.TEAM
    anna = rooms.people.need_user(house.ids["anna"])
    await rooms.people.save_user(replace(anna, group_ids=()))
    assert rooms.guard.level(ben, house.ids["anna"]) is Level.BUSINESS
    await rooms.granting.grant(anna.id, house.ids["ben"], Level.PERSONAL)
    assert rooms.guard.level(ben, house.ids["anna"]) is Level.PERSONAL
    await rooms.granting.grant(anna.id, house.ids["ben"], None)
    assert rooms.guard.level(ben, house.ids["anna"]) is Level.BUSINESS
