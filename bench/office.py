"""A large firm for load tests: people with a line each on the demo PBX, groups, favourites, and a name for every caller."""

import csv
import io
from itertools import chain

from unisono.app.compose import Rooms
from unisono.connectors.store import Instance
from unisono.demo.plant import load_extensions
from unisono.numbers import Location
from unisono.people.model import Group, Line, User

CONNECTOR = "pbx"
SITE = "udine"
CALLERS = "+39043215"
"""How the callers' numbers begin; behind it the number of the call in five digits. Not given to subscribers."""


def caller(call: int) -> str:
    """The number from which a call of the load comes, E.164 with plus."""
    return f"{CALLERS}{call:05}"


async def furnish(rooms: Rooms, people: int, groups: int, favourites: int, calls: int) -> list[User]:
    """Fill an empty server; person n has the load extension n, and the people behind them as favourites.

    Favourites are not colleagues of the same group: person n's are n + 100, n + 101 ...
    """
    extensions = load_extensions(people)
    await rooms.locations.save(
        SITE, Location.simple("Udine", "IT", "0432", trunk="100", ranges=[f"{extensions[0]}-{extensions[-1]}"], outside="0")
    )
    users = [await rooms.people.save_user(User("", f"p{n}", f"Person {n}", location_id=SITE)) for n in range(people)]
    for user, extension in zip(users, extensions, strict=True):
        await rooms.people.save_line(Line("", CONNECTOR, extension, extension, user.name, SITE, user_ids=(user.id,)))
    size = -(-people // groups)
    for start in range(0, people, size):
        members = tuple(user.id for user in users[start : start + size])
        await rooms.people.save_group(Group("", f"Group {start // size}", members))
    for n, user in enumerate(users):
        chosen = tuple(users[(n + 100 + k) % people].id for k in range(favourites))
        await rooms.people.set_preferences(user.id, favourites=chosen)
    file = await rooms.directory.uploads.put(_customers(calls), "customers.csv")
    await rooms.directory.replication.import_file(file, "Customers", SITE)
    return users


def _customers(count: int) -> bytes:
    out = io.StringIO()
    rows = ([f"Customer {n}", f"Firm {n // 4}", caller(n)] for n in range(count))
    csv.writer(out).writerows(chain([["Last name", "Company", "Phone"]], rows))
    return out.getvalue().encode()


async def link(rooms: Rooms, port: int, user: str, password: str) -> None:
    """Point the server to a running demo PBX."""
    settings: dict[str, object] = {"host": "127.0.0.1", "port": port, "user": user, "password": password}
    await rooms.connectors.save(Instance(CONNECTOR, "Demo PBX", "csta", True, SITE, settings))
