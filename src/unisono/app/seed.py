"""Fills an empty server with the demo firm."""

from collections.abc import Mapping

from unisono.app.compose import Rooms
from unisono.connectors.store import Instance
from unisono.demo import firm
from unisono.demo.customers import customers_csv
from unisono.people.model import Group, Line, LineKind, User

BOOK = "Customers"
CONNECTOR = "demo-pbx"


async def seed(rooms: Rooms, passwords: Mapping[str, str]) -> None:
    """Sites, people, groups, lines and customers; `passwords` by sign-in name. Nothing if there are people already."""
    if rooms.people.users():
        return
    for site in firm.SITES:
        await rooms.locations.save(_id(site.name), site.location())
    users = {}
    for person in firm.PEOPLE:
        user = await rooms.people.save_user(_user(person), passwords[person.login])
        users[person.login] = user
        line = Line("", CONNECTOR, person.extension, person.extension, person.name, _id(person.site), user_ids=(user.id,))
        await rooms.people.save_line(line)
    for name in firm.GROUPS:
        members = firm.members(name)
        ids = tuple(users[person.login].id for person in members)
        leaders = tuple(users[person.login].id for person in members if person.leads)
        await rooms.people.save_group(Group("", name, ids, leaders))
    for shared in firm.SHARED_LINES:
        kind = LineKind(shared.kind)
        await rooms.people.save_line(
            Line("", CONNECTOR, shared.number, shared.number, shared.name, _id(shared.site), kind)
        )
    for person in firm.PEOPLE:
        colleagues = [users[each.login].id for each in firm.members(person.group) if each is not person]
        await rooms.people.set_preferences(users[person.login].id, favourites=tuple(colleagues))
    file = await rooms.directory.uploads.put(customers_csv(), "customers.csv")
    await rooms.directory.replication.import_file(file, BOOK, _id(firm.UDINE.name))


async def connect(rooms: Rooms, port: int, user: str, password: str) -> None:
    """Point the server to the demo PBX, which listens on a new port after every start."""
    settings: dict[str, object] = {"host": "127.0.0.1", "port": port, "user": user, "password": password}
    await rooms.connectors.save(Instance(CONNECTOR, "Demo PBX", "csta", True, _id(firm.UDINE.name), settings))


def _id(name: str) -> str:
    return firm.plain(name)


def _user(person: firm.Person) -> User:
    return User(
        "",
        person.login,
        person.name,
        mail=person.mail,
        given_name=person.given_name,
        family_name=person.family_name,
        title=person.title,
        department=person.department,
        mobile=person.mobile,
        location_id=_id(person.site),
        admin=person.admin,
    )
