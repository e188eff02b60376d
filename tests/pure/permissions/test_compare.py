"""What a change of levels means for people: counted by bits as it would be by asking for every pair."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from unisono.people.model import Group, User
from unisono.permissions.compare import Shift, compare
from unisono.permissions.grants import Change, Grants, GroupLevels, changed, effective, shared
from unisono.permissions.model import Level

NAMES = ("anna", "ben", "carla", "dora", "emil")
GROUPS = ("g1", "g2", "g3")
levels = st.sampled_from(Level)
group_levels = st.builds(GroupLevels, levels, levels)
some = st.lists(st.sampled_from(NAMES), unique=True).map(tuple)
groups = st.tuples(*(st.builds(Group, st.just(id), st.just(id), some, some) for id in GROUPS))
grants = st.builds(
    Grants,
    levels,
    group_levels,
    st.dictionaries(st.sampled_from(GROUPS), group_levels),
    st.dictionaries(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), levels),
)
changes = st.builds(
    Change,
    st.none() | levels,
    st.none() | group_levels,
    st.dictionaries(st.sampled_from(GROUPS), st.none() | group_levels),
)


def people(of: tuple[Group, ...], inactive: str = "") -> list[User]:
    """Everybody, with the groups that have them."""
    return [
        User(name, name, name, active=name != inactive, group_ids=tuple(g.id for g in of if name in g.member_ids))
        for name in NAMES
    ]


def one_by_one(before: Grants, after: Grants, users: list[User], of: tuple[Group, ...]) -> list[Shift]:
    """The same, by asking for every pair."""
    by_id = {group.id: group for group in of}
    active = [user for user in users if user.active]
    found = []
    for gained in (False, True):
        for least in list(Level)[1:]:
            pairs = []
            for owner in active:
                own = [by_id[id] for id in owner.group_ids]
                for viewer in active:
                    if viewer is not owner:
                        old, new = (effective(g, owner.id, viewer.id, own) >= least for g in (before, after))
                        if old != new and new == gained:
                            pairs.append((owner.id, viewer.id))
            owners = {owner for owner, _ in pairs}
            ids = {user.id for user in active}
            named = [group.id for group in of if owners == ids & {*group.member_ids}]
            if pairs:
                found.append(Shift(least, gained, len({v for _, v in pairs}), len(owners), (named or [""])[0]))
    return found


@given(grants, changes, groups, st.sampled_from(("", *NAMES)))
def test_counted_by_bits_as_by_pairs(before: Grants, change: Change, of: tuple[Group, ...], inactive: str) -> None:
    users = people(of, inactive)
    after = changed(before, change)
    assert compare(before, after, users, of) == one_by_one(before, after, users, of)


@given(grants, changes)
def test_a_change_changes_what_it_names_and_nothing_else(before: Grants, change: Change) -> None:
    after = changed(before, change)
    assert after.everyone == (before.everyone if change.everyone is None else change.everyone)
    assert after.group_default == (change.group_default or before.group_default)
    assert after.personal == before.personal
    for id in GROUPS:
        assert after.groups.get(id) == (change.groups[id] if id in change.groups else before.groups.get(id))


@given(grants, groups, st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_what_is_shared_is_all_but_the_personal_grant(given_: Grants, of: tuple[Group, ...], owner: str, viewer: str) -> None:
    own = [group for group in of if owner in group.member_ids]
    if owner != viewer:
        assert shared(given_, viewer, own) == effective(replace(given_, personal={}), owner, viewer, own)


def test_who_loses_sight_of_sales() -> None:
    sales = Group("g1", "Sales", ("anna", "ben"), ("ben",))
    users = people((sales,))
    closed = changed(Grants(), Change(everyone=Level.PUBLIC))
    assert compare(Grants(), closed, users, [sales]) == [Shift(Level.BUSINESS, False, 5, 5)]
    only_there = changed(closed, Change(groups={"g1": GroupLevels(Level.PUBLIC, Level.TEAM)}))
    assert compare(closed, only_there, users, [sales]) == [
        Shift(Level.BUSINESS, False, 1, 1),
        Shift(Level.TEAM, False, 1, 1),
    ]
    nobody = changed(closed, Change(groups={"g1": GroupLevels(Level.PUBLIC, Level.PUBLIC)}))
    assert compare(closed, nobody, users, [sales]) == [
        Shift(Level.BUSINESS, False, 2, 2, "g1"),
        Shift(Level.TEAM, False, 2, 2, "g1"),
    ]
    assert compare(closed, closed, users, [sales]) == []
