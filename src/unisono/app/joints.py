"""The small pieces between rooms that must not know each other."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from unisono.calls.model import ContactRef
from unisono.calls.names import contact_behind
from unisono.connectors.service import Connectors
from unisono.directory.service import Directory
from unisono.kernel.clock import Clock
from unisono.kernel.errors import NotFound
from unisono.numbers import Direction, Location, Origin, PhoneNumber, Role, dial, normalise
from unisono.numbers.service import Locations
from unisono.people.service import People


def local_zone() -> tzinfo:
    """The machine's time zone, with its rules."""
    try:
        with open("/etc/localtime", "rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC


class LineNumbers:
    """Reads and dials numbers as the line's location says (`calls.port.Normaliser`)."""

    def __init__(self, people: People, locations: Locations, clock: Clock) -> None:
        self._people = people
        self._locations = locations
        self._clock = clock
        self.connectors: Connectors | None = None

    def read(self, raw: str, connector: str, device: str, direction: Direction, role: Role) -> PhoneNumber:
        """What a number that the PBX reports means."""
        return normalise(raw, self._location(connector, device), direction, origin=Origin.PBX, role=role)

    def dial(self, raw: str, connector: str, device: str, *, forwarding: bool = False) -> str:
        """The digits for the PBX; raises `Invalid`."""
        location = self._location(connector, device)
        return dial(raw, location, at=self._clock.now(), forwarding=forwarding).digits

    def own(self, raw: str, connector: str, device: str) -> bool:
        """Whether it is the line's own extension, however it gets there, or its full number."""
        location, line = self._location(connector, device), self._people.line_at(connector, device)
        number = line.number if line else device
        dialled = dial(raw, location, at=self._clock.now())
        if dialled.digits in (device, number):
            return True
        full = normalise(number, location, Direction.IN, origin=Origin.PBX, role=Role.LINE).supercanonical
        return full.startswith("+") and dialled.number.supercanonical == full

    def _location(self, connector: str, device: str) -> Location:
        line = self._people.line_at(connector, device) if device else None
        wanted = line.location_id if line else ""
        if not wanted and self.connectors is not None:
            try:
                wanted = self.connectors.instance(connector).location_id
            except NotFound:
                wanted = ""
        return self._locations.or_default(wanted)


class Callers:
    """Who is who (`calls.port.Identifier`): our people by their lines and numbers, everybody else by the directory."""

    def __init__(self, people: People, directory: Directory, locations: Locations) -> None:
        self._people = people
        self._directory = directory
        self._locations = locations
        self._by_number: dict[str, ContactRef] = {}

    def person(self, connector: str, device: str) -> ContactRef | None:
        """Who uses a line; a line that nobody or several people use goes by its own name."""
        line = self._people.line_at(connector, device)
        if line is None:
            return None
        users = [user for user in map(self._people.user, line.user_ids) if user is not None]
        if len(users) == 1:
            return ContactRef(users[0].id, users[0].name, reason="person")
        return ContactRef("", line.name or line.number, reason="line")

    def contact(self, canonical: str) -> ContactRef | None:
        """Whose number it is: one of our people's, else the directory's best."""
        ours = self._by_number.get(canonical)
        return ours if ours is not None else contact_behind(self._directory, canonical)

    def refresh(self) -> None:
        """Take people's own numbers anew: mobile telephones, and lines by their full number."""
        numbers: dict[str, ContactRef] = {}
        for user in self._people.users():
            if not user.active:
                continue
            me = ContactRef(user.id, user.name, reason="person")
            location = self._locations.or_default(user.location_id)
            if user.mobile:
                numbers[normalise(user.mobile, location, Direction.STORED).supercanonical] = me
            for line in self._people.lines_of(user.id):
                if len(line.user_ids) == 1:
                    place = self._locations.or_default(line.location_id)
                    full = normalise(line.number, place, Direction.IN, origin=Origin.PBX, role=Role.LINE).supercanonical
                    numbers.setdefault(full, me)
        numbers.pop("", None)
        self._by_number = numbers
