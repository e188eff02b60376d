"""Routes of the admin pages "People", "Groups" and "Lines"."""

from litestar import Controller, delete, get, post, put

from unisono.calls.port import DiscoveredLine as Device
from unisono.calls.service import CallService
from unisono.connectors.service import Connectors
from unisono.directory.propose import Proposals
from unisono.kernel.expected import Expected, tag
from unisono.people.model import Group, Line, User
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer
from unisono.storage import latest
from unisono.web.shapes import (
    AdminGroup,
    AdminGroupInput,
    AdminLine,
    AdminLineInput,
    AdminLinesInput,
    AdminPerson,
    AdminPersonInput,
    DiscoveredLine,
    LineIdsInput,
    Page,
)

NAME_MOST = 120
"""Of a line's name; PBXs may have longer ones."""


class AdminPeopleController(Controller):
    """Accounts."""

    path = "/admin/people"
    tags = ("administration",)

    @get(operation_id="listAccounts")
    async def list_all(self, viewer: Viewer, guard: Guard, people: People) -> Page[AdminPerson]:
        """Every account."""
        guard.admin(viewer)
        await latest(people.shared)
        return Page([_person(user) for user in people.users()])

    @post(operation_id="createAccount")
    async def create(self, data: AdminPersonInput, viewer: Viewer, guard: Guard, people: People) -> AdminPerson:
        """Make an account."""
        guard.admin(viewer)
        return _person(await people.save_user(_user("", data), data.password or None))

    @put("/{id:str}", operation_id="updateAccount")
    async def update(
        self, id: str, data: AdminPersonInput, viewer: Viewer, guard: Guard, people: People, expected: Expected
    ) -> AdminPerson:
        """Change an account; with a password its sessions end."""
        guard.admin(viewer)
        return _person(await people.save_user(_user(id, data), data.password or None, expected))

    @delete("/{id:str}", operation_id="deleteAccount")
    async def remove(self, id: str, viewer: Viewer, guard: Guard, people: People, expected: Expected) -> None:
        """Delete an account."""
        guard.admin(viewer)
        await people.remove_user(id, expected)


class AdminGroupController(Controller):
    """Groups."""

    path = "/admin/groups"
    tags = ("administration",)

    @get(operation_id="listGroups")
    async def list_all(self, viewer: Viewer, guard: Guard, people: People) -> Page[AdminGroup]:
        """Every group."""
        guard.admin(viewer)
        await latest(people.shared)
        return Page([_group(group) for group in people.groups()])

    @post(operation_id="createGroup")
    async def create(self, data: AdminGroupInput, viewer: Viewer, guard: Guard, people: People) -> AdminGroup:
        """Make a group."""
        guard.admin(viewer)
        return _group(await people.save_group(_wanted_group("", data)))

    @put("/{id:str}", operation_id="updateGroup")
    async def update(
        self, id: str, data: AdminGroupInput, viewer: Viewer, guard: Guard, people: People, expected: Expected
    ) -> AdminGroup:
        """Change a group."""
        guard.admin(viewer)
        return _group(await people.save_group(_wanted_group(id, data), expected))

    @delete("/{id:str}", operation_id="deleteGroup")
    async def remove(self, id: str, viewer: Viewer, guard: Guard, people: People, expected: Expected) -> None:
        """Delete a group; its members stay."""
        guard.admin(viewer)
        await people.remove_group(id, expected)


class AdminLineController(Controller):
    """Lines."""

    path = "/admin/lines"
    tags = ("administration",)

    @get(operation_id="listLines")
    async def list_all(self, viewer: Viewer, guard: Guard, people: People) -> Page[AdminLine]:
        """Every line."""
        guard.admin(viewer)
        await latest(people.shared)
        return Page([_line(line) for line in people.lines()])

    @get("/discovered", operation_id="discoverLines")
    async def discovered(
        self, viewer: Viewer, guard: Guard, people: People, calls: CallService, connectors: Connectors
    ) -> Page[DiscoveredLine]:
        """The devices that the connected PBXs say they have, with whose they probably are."""
        guard.admin(viewer)
        proposals = Proposals(people.users(), people.lines())
        return Page(
            [
                _discovered(instance.id, device, people, proposals)
                for instance in connectors.instances()
                for device in calls.discovered(instance.id)
            ]
        )

    @post("/several", operation_id="createLines")
    async def create_several(
        self, data: AdminLinesInput, viewer: Viewer, guard: Guard, people: People
    ) -> Page[AdminLine]:
        """Make lines: all of them or none."""
        guard.admin(viewer)
        return Page([_line(line) for line in await people.add_lines([_wanted_line("", each) for each in data.lines])])

    @post("/several/remove", operation_id="deleteLines", status_code=204)
    async def remove_several(self, data: LineIdsInput, viewer: Viewer, guard: Guard, people: People) -> None:
        """Delete lines: all of them or none."""
        guard.admin(viewer)
        await people.remove_lines(data.ids)

    @post(operation_id="createLine")
    async def create(self, data: AdminLineInput, viewer: Viewer, guard: Guard, people: People) -> AdminLine:
        """Make a line."""
        guard.admin(viewer)
        return _line(await people.save_line(_wanted_line("", data)))

    @put("/{id:str}", operation_id="updateLine")
    async def update(
        self, id: str, data: AdminLineInput, viewer: Viewer, guard: Guard, people: People, expected: Expected
    ) -> AdminLine:
        """Change a line."""
        guard.admin(viewer)
        return _line(await people.save_line(_wanted_line(id, data), expected))

    @delete("/{id:str}", operation_id="deleteLine")
    async def remove(self, id: str, viewer: Viewer, guard: Guard, people: People, expected: Expected) -> None:
        """Delete a line."""
        guard.admin(viewer)
        await people.remove_line(id, expected)


def _user(id: str, data: AdminPersonInput) -> User:
    return User(
        id=id,
        login=data.login,
        name=data.name,
        mail=data.mail,
        given_name=data.given_name,
        family_name=data.family_name,
        title=data.title,
        department=data.department,
        mobile=data.mobile,
        location_id=data.location_id,
        locale=data.locale,
        admin=data.admin,
        active=data.active,
        group_ids=tuple(data.group_ids),
        line_ids=tuple(data.line_ids),
    )


def _person(user: User) -> AdminPerson:
    return AdminPerson(
        id=user.id,
        login=user.login,
        name=user.name,
        given_name=user.given_name,
        family_name=user.family_name,
        mail=user.mail,
        title=user.title,
        department=user.department,
        mobile=user.mobile,
        location_id=user.location_id,
        locale=user.locale,
        admin=user.admin,
        active=user.active,
        group_ids=list(user.group_ids),
        line_ids=list(user.line_ids),
        etag=tag(user),
    )


def _wanted_group(id: str, data: AdminGroupInput) -> Group:
    return Group(id, data.name, tuple(data.member_ids), tuple(data.leader_ids))


def _group(group: Group) -> AdminGroup:
    return AdminGroup(group.id, group.name, list(group.member_ids), list(group.leader_ids), tag(group))


def _discovered(connector: str, device: Device, people: People, proposals: Proposals) -> DiscoveredLine:
    line = people.line_at(connector, device.device)
    proposal = None if line else proposals.of(device.number, device.name)
    return DiscoveredLine(
        connector=connector,
        device=device.device,
        number=device.number,
        name=device.name[:NAME_MOST],
        line_id=line.id if line else "",
        user_id=proposal.user_id if proposal else "",
        reason=proposal.reason if proposal else None,
    )


def _wanted_line(id: str, data: AdminLineInput) -> Line:
    return Line(
        id=id,
        connector=data.connector,
        device=data.device,
        number=data.number,
        name=data.name,
        location_id=data.location_id,
        kind=data.kind,
        journal=data.journal,
        private=data.private,
        user_ids=tuple(data.user_ids),
    )


def _line(line: Line) -> AdminLine:
    return AdminLine(
        id=line.id,
        connector=line.connector,
        device=line.device,
        number=line.number,
        name=line.name,
        location_id=line.location_id,
        kind=line.kind,
        journal=line.journal,
        private=line.private,
        user_ids=list(line.user_ids),
        etag=tag(line),
    )
