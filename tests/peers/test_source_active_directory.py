"""Active Directory as a source, from a Samba domain controller: all, and then what has changed, by both ways there are."""

from collections.abc import Mapping

import msgspec
import pytest
from tests.peers.samba import DOMAIN, PASSWORD, Samba

from unisono.directory.replicators.source import READ_ALL, Gone, Item, Mark, Record
from unisono.kernel.errors import Fault

pytestmark = [pytest.mark.peer]

@pytest.fixture(params=["dirsync", "usn"])
def changes(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def names(items: list[Item]) -> Mapping[str, str]:
    """Keys by the names of records; of records alone."""
    return {str(item.values["displayName"]): item.key for item in items if isinstance(item, Record)}


def mark(items: list[Item]) -> str:
    assert isinstance(items[-1], Mark)
    return items[-1].cursor


def gone(items: list[Item]) -> set[str]:
    return {item.key for item in items if isinstance(item, Gone)}


def test_people_and_contacts_are_read_without_who_left(samba: Samba) -> None:
    unit = samba.unit()
    samba.person(unit, "Anna Rossi", otherTelephone=["+39 0432 1", "+39 0432 2"], company="Rossi & Figli")
    samba.person(unit, "Jörg Müller", "contact")
    samba.person(unit, "Disabled", userAccountControl="546")
    samba.person(unit, "Expired", accountExpires="132223104000000000")
    samba.person(unit, "Later", accountExpires="150000000000000000")
    samba.did(samba.admin.add(f"CN=group,{unit}", "group", {"sAMAccountName": "g1", "displayName": "group"}))
    found = list(samba.source(base=unit).read(None))
    assert set(names(found)) == {"Anna Rossi", "Jörg Müller", "Later"}
    anna = next(item for item in found if isinstance(item, Record) and item.values["displayName"] == "Anna Rossi")
    assert set(anna.values["otherTelephone"]) == {"+39 0432 1", "+39 0432 2"}
    everybody = samba.source(base=unit, skip_disabled=False, skip_expired=False)
    assert set(names(list(everybody.read(None)))) == {"Anna Rossi", "Jörg Müller", "Later", "Disabled", "Expired"}
    meanings = {column.name: column.field for column in everybody.columns()}
    assert meanings["displayName"] == "display_name"
    assert (meanings["cn"], meanings["telephoneNumber"]) == ("", "phone_business")


def test_the_check_says_who_answers(samba: Samba) -> None:
    check = samba.source(encryption="tls", port=636, ca_file=samba.authority).check()
    assert (check.peer, check.version, check.notes) == ("Active Directory dc1.corp.company.example", DOMAIN, ())


def test_afterwards_only_what_changed(samba: Samba, changes: str) -> None:
    unit, elsewhere = samba.unit(), samba.unit()
    people = {name: samba.person(unit, name) for name in ("stays", "changes", "leaves", "moves", "dies")}
    source = samba.source(base=unit, changes=changes)
    first = list(source.read(None))
    keys = names(first)
    assert set(keys) == set(people)
    quiet = list(source.read(mark(first)))
    assert [type(item) for item in quiet] == [Mark]
    samba.change(people["changes"], telephoneNumber="+39 0432 9999")
    samba.change(people["leaves"], userAccountControl="546")
    samba.did(samba.admin.modify_dn(people["moves"], "CN=moves", new_superior=elsewhere))
    samba.did(samba.admin.delete(people["dies"]))
    samba.person(unit, "new", "contact")
    samba.person(elsewhere, "stranger")
    second = list(source.read(mark(quiet)))
    assert set(names(second)) == {"changes", "new"}
    assert names(second)["changes"] == keys["changes"]
    assert {keys[name] for name in ("leaves", "moves", "dies")} <= gone(second)
    assert keys["stays"] not in gone(second)
    samba.change(people["leaves"], userAccountControl="544")
    third = list(source.read(mark(second)))
    assert names(third) == {"leaves": keys["leaves"]}


def test_without_the_right_for_dirsync_changes_are_counted(samba: Samba) -> None:
    unit = samba.unit()
    reader = samba.person(unit, "reader", sAMAccountName="reader", userPrincipalName="reader@corp.company.example")
    samba.did(samba.admin.extend.microsoft.modify_password(reader, PASSWORD))
    who = {"user": "reader@corp.company.example", "base": unit}
    source = samba.source(**who)
    assert [note.code for note in source.check().notes] == ["deleted-unseen"]
    first = list(source.read(None))
    assert "usn" in msgspec.json.decode(mark(first))
    samba.change(reader, displayName="renamed")
    assert set(names(list(source.read(mark(first))))) == {"renamed"}
    with pytest.raises(Fault) as caught:
        list(samba.source(changes="dirsync", **who).read(None))
    assert caught.value.code in ("source-forbidden", "source-refused")


@pytest.mark.parametrize(
    "wrong", [{"domain": "DC=other"}, {"time": "2020-01-01T00:00:00+00:00"}, {"cookie": "", "controller": "another", "usn": 1}]
)
def test_a_mark_of_another_world_is_of_no_use(samba: Samba, wrong: dict[str, object]) -> None:
    source = samba.source(base=samba.unit())
    cursor = {**msgspec.json.decode(mark(list(source.read(None)))), **wrong}
    for useless in (msgspec.json.encode(cursor).decode(), "nonsense"):
        with pytest.raises(Fault) as caught:
            list(source.read(useless))
        assert caught.value.code == READ_ALL


def test_a_global_catalogue_is_always_read_in_full(samba: Samba) -> None:
    unit = samba.unit()
    samba.person(unit, "Anna")
    assert [type(item) for item in samba.source(port=3268, base=unit).read(None)] == [Record]


def test_the_reason_of_a_refused_sign_in_is_said(samba: Samba) -> None:
    with pytest.raises(Fault, match="password is wrong") as caught:
        samba.source(password="wrong").check()
    assert caught.value.code == "source-sign-in"
