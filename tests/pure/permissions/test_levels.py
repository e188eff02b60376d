"""The two tables of levels, bit for bit, and grants that only add."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.people.model import Group
from unisono.permissions.grants import Grants, GroupLevels, effective
from unisono.permissions.levels import RIGHTS, SEEING, on_line
from unisono.permissions.model import Level, Right

# The masks of the vendor's interface: presence, then the first line, then further lines.
PRESENCE_BITS = {
    Right.SEE_PRESENCE: 0x1,
    Right.SET_PRESENCE: 0x2,
    Right.SEE_PRIVATE_APPOINTMENTS: 0x10,
    Right.SEE_PUBLIC_APPOINTMENTS: 0x20,
}
LINE_BITS = {
    Right.SEE_CALLS_OUT: 0x1,
    Right.SEE_CALLS_IN: 0x2,
    Right.SEE_DIVERSIONS: 0x4,
    Right.SET_DIVERSION: 0x100,
    Right.PICK_UP: 0x200,
}


def mask(level: Level, bits: dict[Right, int]) -> int:
    return sum(bit for right, bit in bits.items() if right in RIGHTS[level])


@pytest.mark.parametrize(
    ("level", "presence", "line_1", "line_2"),
    [
        (Level.BLOCKED, 0x00, 0x000, 0x000),
        (Level.PUBLIC, 0x01, 0x000, 0x000),
        (Level.BUSINESS, 0x21, 0x007, 0x000),
        (Level.TEAM, 0x23, 0x207, 0x207),
        (Level.PERSONAL, 0x33, 0x307, 0x307),
    ],
)
def test_levels_give_these_functions(level: Level, presence: int, line_1: int, line_2: int) -> None:
    further = {on_line(right, 1): bit for right, bit in LINE_BITS.items()}
    assert mask(level, PRESENCE_BITS) == presence
    assert mask(level, LINE_BITS) == line_1
    assert mask(level, further) == line_2


@pytest.mark.parametrize(
    ("right", "from_level"),
    [
        (Right.SEE_BUSINESS_DATA, Level.PUBLIC),
        (Right.SEE_OFFICE_DATA, Level.BUSINESS),
        (Right.SEE_PRIVATE_DATA, Level.PERSONAL),
    ],
)
def test_contact_data_comes_with_a_level(right: Right, from_level: Level) -> None:
    assert {level for level in Level if right in RIGHTS[level]} == {level for level in Level if level >= from_level}


def test_levels_are_nested_and_know_every_right() -> None:
    for lower, higher in zip(list(Level), list(Level)[1:], strict=False):
        assert RIGHTS[lower] < RIGHTS[higher]
    assert RIGHTS[Level.PERSONAL] == frozenset(Right)
    assert RIGHTS[Level.BLOCKED] == frozenset()


def test_first_and_further_lines_have_rights_of_their_own() -> None:
    for right in Right:
        assert on_line(right, 0) is right
    pairs = {on_line(right, 1) for right in LINE_BITS}
    assert {right.value for right in pairs} == {f"{right.value}-2" for right in LINE_BITS}
    assert {right for right in Right if right.value.startswith("see-")} == SEEING


PEOPLE = ("anna", "ben", "carla")
levels = st.sampled_from(Level)
group_levels = st.builds(GroupLevels, levels, levels)
members = st.lists(st.sampled_from(PEOPLE), unique=True).map(tuple)
groups = st.lists(st.builds(Group, st.sampled_from(["g1", "g2", "g3"]), st.just(""), members, members), max_size=3)
grants = st.builds(
    Grants,
    levels,
    group_levels,
    st.dictionaries(st.sampled_from(["g1", "g2"]), group_levels),
    st.dictionaries(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), levels),
)


@given(grants, st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), groups)
def test_every_place_adds_and_none_takes_away(given_: Grants, owner: str, viewer: str, of_owner: list[Group]) -> None:
    level = effective(given_, owner, viewer, of_owner)
    assert level >= given_.everyone
    assert level >= given_.personal.get((owner, viewer), Level.BLOCKED)
    for group in of_owner:
        one = given_.groups.get(group.id, given_.group_default)
        assert viewer not in group.member_ids or level >= one.members
        assert viewer not in group.leader_ids or level >= one.leaders
        assert level >= effective(given_, owner, viewer, [each for each in of_owner if each is not group])


@given(grants, st.sampled_from(PEOPLE), groups)
def test_over_oneself_one_may_everything(given_: Grants, owner: str, of_owner: list[Group]) -> None:
    assert effective(given_, owner, owner, of_owner) is Level.PERSONAL


def test_what_colleagues_have_without_any_grant() -> None:
    sales = Group("g", "Sales", ("anna", "ben", "lea"), ("lea",))
    assert effective(Grants(), "anna", "carla", [sales]) is Level.BUSINESS
    assert effective(Grants(), "anna", "ben", [sales]) is Level.TEAM
    leaders = Grants(group_default=GroupLevels(Level.TEAM, Level.PERSONAL))
    assert effective(leaders, "anna", "lea", [sales]) is Level.PERSONAL
    assert effective(leaders, "anna", "ben", [sales]) is Level.TEAM
