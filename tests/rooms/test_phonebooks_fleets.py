"""Fleets of devices and their keys: over HTTP for admins, and at the door for devices."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.rooms.web_house import NEW, House, browser, open_house

from unisono.directory.ldap.model import Node, Profile
from unisono.directory.phonebooks.model import Fleet, Make
from unisono.directory.phonebooks.service import Knock, PhoneBooks, Stranger, Way
from unisono.directory.service import NewContact
from unisono.kernel.errors import Fault, Forbidden, TooMany, Unavailable
from unisono.web.gate import API

FLEETS = f"{API}/admin/phonebooks/fleets"
SAFE = Knock("192.0.2.50", True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        await house.rooms.directory.create(NewContact("Anna Rossi", "Anna", "Rossi"), "")
        yield house


async def refused(books: PhoneBooks, secret: str, knock: Knock = SAFE, way: Way = Way.HEADER, fleet: str = "desk") -> Fault:
    with pytest.raises(Fault) as raised:
        await books.admit(fleet, secret, way, knock)
    return raised.value


async def test_a_fleet_and_its_key_over_http(house: House) -> None:
    async with browser(house, "root") as root:
        wanted = {"name": "Desks", "make": "yealink", "plain_networks": ["10.0.0.0/8"]}
        saved = (await root.put(f"{FLEETS}/desk", json=wanted, headers=NEW)).json()
        assert (saved["make"], saved["contacts"], saved["problem"], saved["keys"]) == ("yealink", 1, "", [])
        assert saved["address"] == "/phonebooks/desk"
        made = (await root.post(f"{FLEETS}/desk/keys", json={"name": " Ground floor "})).json()
        assert made["key"]["name"] == "Ground floor"
        assert (await house.rooms.phonebooks.admit("desk", made["secret"], Way.HEADER, SAFE)).make is Make.YEALINK
        listed = (await root.get(FLEETS)).text
        assert made["secret"] not in listed
        assert '"last_used":null' not in listed
        assert (await root.delete(f"{FLEETS}/desk/keys/{made['key']['id']}")).status_code == 204
        assert isinstance(await refused(house.rooms.phonebooks, made["secret"]), Stranger)
        assert (await root.delete(f"{FLEETS}/desk/keys/{made['key']['id']}")).status_code == 404
        assert (await root.delete(f"{FLEETS}/desk")).status_code == 204
        assert (await root.get(FLEETS)).json()["items"] == []


async def test_only_the_digest_of_a_key_is_stored(house: House) -> None:
    books = house.rooms.phonebooks
    await books.save(Fleet("desk", "Desks"))
    _, secret = await books.add_key("desk", "one")
    async with house.rooms.database.read() as connection:
        rows = (await connection.execute(text("select * from phonebook_key"))).all()
    assert len(rows) == 1
    assert secret not in str(rows)


async def test_fleets_and_keys_are_there_after_a_restart(house: House) -> None:
    books = house.rooms.phonebooks
    await books.save(Fleet("desk", "Desks", Make.SNOM, most=50))
    _, secret = await books.add_key("desk", "one")
    await books.admit("desk", secret, Way.HEADER, SAFE)
    await books.load()
    assert await books.admit("desk", secret, Way.HEADER, SAFE) == Fleet("desk", "Desks", Make.SNOM, most=50)
    [key] = books.keys_of("desk")
    assert key.last_used == house.clock.now()


async def test_a_removed_fleet_leaves_no_key(house: House) -> None:
    books = house.rooms.phonebooks
    await books.save(Fleet("desk", "Desks"))
    _, secret = await books.add_key("desk", "one")
    await books.remove("desk")
    await books.save(Fleet("desk", "Desks"))
    await books.load()
    assert isinstance(await refused(books, secret), Stranger)


async def test_a_key_opens_its_own_fleet_only(house: House) -> None:
    books = house.rooms.phonebooks
    await books.save(Fleet("desk", "Desks"))
    await books.save(Fleet("yard", "Yard"))
    _, secret = await books.add_key("yard", "one")
    wrong, unknown = await refused(books, secret), await refused(books, secret, fleet="nobody")
    assert (type(wrong), wrong.code, wrong.message) == (type(unknown), unknown.code, unknown.message) == (
        Stranger,
        "phonebook-key",
        wrong.message,
    )
    await books.save(Fleet("yard", "Yard", active=False))
    assert isinstance(await refused(books, secret, fleet="yard"), Stranger)


async def test_from_where_and_how_a_key_may_come(house: House) -> None:
    books = house.rooms.phonebooks
    await books.save(Fleet("desk", "Desks", plain_networks=("10.1.0.0/16", "2001:db8::/32")))
    _, secret = await books.add_key("desk", "one")
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::7", "127.0.0.1", "::1"):
        assert await books.admit("desk", secret, Way.HEADER, Knock(address, False))
    assert (await refused(books, secret, Knock("10.2.0.1", False))).code == "phonebook-plain"
    assert (await refused(books, secret, way=Way.PATH)).code == "phonebook-key-in-path"
    await books.save(Fleet("desk", "Desks", key_in_path=True))
    assert await books.admit("desk", secret, Way.PATH, SAFE)
    await house.rooms.ldap.save(Node("meta", networks=("198.51.100.0/24",)))
    found = await refused(books, secret)
    assert isinstance(found, Forbidden)
    assert found.code == "phonebook-network"


async def test_wrong_keys_are_slowed_down_and_logged_without_the_key(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    books = house.rooms.phonebooks
    await books.save(Fleet("desk", "Desks"))
    _, secret = await books.add_key("desk", "one")
    faults = [await refused(books, f"guess-{n}") for n in range(200)]
    assert isinstance(faults[0], Stranger)
    assert isinstance(faults[-1], TooMany)
    assert await books.admit("desk", secret, Way.HEADER, SAFE)
    assert isinstance(await refused(books, "guess", Knock("192.0.2.51", True)), Stranger)
    logged = capsys.readouterr()
    assert "refused a key" in logged.out + logged.err
    assert "guess" not in logged.out + logged.err


async def test_a_fleet_sees_what_node_and_profile_let_it(house: House) -> None:
    books, ldap = house.rooms.phonebooks, house.rooms.ldap
    await ldap.save(Node("meta"))
    await ldap.save(Node("own", "ou=own,dc=meta", books=("own", "crm")))
    await ldap.save(Profile("some", "Some", books=("crm", "board")))
    there = frozenset({"own", "crm"})
    assert books.view_of(Fleet("a")).books is None
    assert books.view_of(Fleet("a", node_id="own")).books == frozenset({"own", "crm"})
    assert books.view_of(Fleet("a", node_id="own", profile_id="some")).books == frozenset({"crm"})
    assert books.contacts(Fleet("a", node_id="own")) == 1
    assert books.contacts(Fleet("a", profile_id="some")) == 0
    assert books.problem(Fleet("a", profile_id="some"), there) == ""
    assert books.problem(Fleet("a", profile_id="some"), frozenset({"own"})) == "books"
    await ldap.remove("profile", "some")
    assert books.view_of(Fleet("a", profile_id="some")).books == frozenset()
    assert (books.problem(Fleet("a", profile_id="some"), there), books.problem(Fleet("a", node_id="gone"), there)) == (
        "profile",
        "node",
    )


@pytest.mark.parametrize(
    ("id", "body", "field"),
    [
        ("A b", {"name": "a"}, "id"),
        ("a", {"name": " "}, "name"),
        ("a", {"name": "a", "plain_networks": ["10.0.0.0/99"]}, "plain_networks"),
        ("a", {"name": "a", "most": -1}, "most"),
        ("a", {"name": "a", "make": "nokia"}, "make"),
    ],
)
async def test_what_cannot_be_meant_names_its_field(house: House, id: str, body: dict[str, object], field: str) -> None:
    async with browser(house, "root") as root:
        answer = await root.put(f"{FLEETS}/{id}", json=body, headers=NEW)
    assert answer.status_code in (400, 422)
    assert f'"{field}"' in answer.text


async def test_a_name_is_taken_once_and_keys_are_bounded(house: House) -> None:
    books = house.rooms.phonebooks
    async with browser(house, "root") as root:
        await root.put(f"{FLEETS}/a", json={"name": "Desks"}, headers=NEW)
        assert (await root.put(f"{FLEETS}/b", json={"name": "DESKS"}, headers=NEW)).status_code == 409
        for number in range(50):
            await books.add_key("a", f"{number}")
        assert (await root.post(f"{FLEETS}/a/keys", json={"name": "more"})).status_code == 409
        assert (await root.post(f"{FLEETS}/c/keys", json={"name": "more"})).status_code == 404


async def test_the_last_use_is_written_now_and_then(house: House) -> None:
    books = house.rooms.phonebooks
    await books.save(Fleet("desk", "Desks"))
    _, secret = await books.add_key("desk", "one")
    await books.admit("desk", secret, Way.HEADER, SAFE)
    first = house.clock.now()
    await house.later(0.05)
    await books.admit("desk", secret, Way.HEADER, SAFE)
    assert books.keys_of("desk")[0].last_used == first
    await house.later(0.05)
    await books.admit("desk", secret, Way.HEADER, SAFE)
    used = books.keys_of("desk")[0].last_used
    assert used is not None
    assert used - first >= timedelta(minutes=5)


async def test_a_key_opens_while_the_database_is_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    books = house.rooms.phonebooks
    await books.save(Fleet("desk", "Desks"))
    _, secret = await books.add_key("desk", "one")

    async def away(*arguments: object) -> None:
        raise Unavailable("database-away", "The database does not answer.")

    monkeypatch.setattr("unisono.directory.phonebooks.store.FleetStore.touch_key", away)
    assert await books.admit("desk", secret, Way.HEADER, SAFE)


async def test_only_admins(house: House) -> None:
    async with browser(house, "anna") as anna:
        assert (await anna.get(FLEETS)).status_code == 403
        assert (await anna.put(f"{FLEETS}/a", json={"name": "a"})).status_code == 403
        assert (await anna.post(f"{FLEETS}/a/keys", json={"name": "a"})).status_code == 403
