"""The LDAP door as the server sees it: what holds, who may bind, and the workers that answer."""

from collections.abc import Callable

from unisono.directory.ldap.channel import Check, Checked
from unisono.directory.ldap.model import Configuration, Identity, Kind, Node
from unisono.kernel.errors import Forbidden, TooMany
from unisono.numbers.convert import location_to_json
from unisono.numbers.service import Locations
from unisono.people.service import People


class LdapService:
    """What holds at the door."""

    def __init__(self, people: People, locations: Locations) -> None:
        self._people = people
        self._locations = locations
        self._nodes: tuple[Node, ...] = (Node("meta"),)
        self._told: list[Callable[[Configuration], None]] = []
        locations.watch(self.tell)

    def attach(self, told: Callable[[Configuration], None]) -> None:
        """Tell what holds, now and whenever it changes."""
        self._told.append(told)
        told(self.configuration())

    def tell(self) -> None:
        """Something that the door has to know has changed."""
        if self._told:
            configuration = self.configuration()
            for told in self._told:
                told(configuration)

    def configuration(self) -> Configuration:
        """Everything a worker has to know."""
        return Configuration(
            nodes=self._nodes,
            people={user.id: tuple(user.group_ids) for user in self._people.users() if user.active},
            locations=tuple((id, location_to_json(location)) for id, location in self._locations.all().items()),
        )

    async def check(self, asked: Check) -> Checked:
        """Whether a password is right, slowed down where many were wrong."""
        try:
            password = asked.password.decode()
            user = await self._people.sign_in.check(asked.name, password, asked.address)
        except (UnicodeDecodeError, Forbidden):
            return Checked(asked.id)
        except TooMany as fault:
            return Checked(asked.id, None, True, fault.message)
        return Checked(asked.id, Identity(Kind.PERSON, user.id, user.login))
