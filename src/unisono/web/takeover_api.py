"""Taking over people from a file, for admins: a look first, then the same file again to add them."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import msgspec
from litestar import Controller, MediaType, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from unisono.calls.service import CallService
from unisono.connectors.service import Connectors
from unisono.directory.replicators import table
from unisono.kernel.errors import Fault, Invalid
from unisono.people.model import Group, Line, User
from unisono.people.service import People
from unisono.people.takeover import Device, Known, Taken, Verdict, meanings, new_groups, plan
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

FILE_MOST = 2 * 1024 * 1024
ROWS_MOST = 5_000
_OVERHEAD = 64 * 1024

Rows = list[tuple[int, tuple[str, ...]]]


class TakeoverForm(msgspec.Struct):
    """A CSV file with people; its first row names the columns."""

    file: UploadFile


class TakeoverRow(msgspec.Struct):
    """One person of the file. `code` says why the row is bad, or what of a good one is left out, `field` where."""

    line: int
    login: str
    name: str
    mail: str
    groups: list[str]
    number: str
    verdict: Verdict
    code: str
    field: str


class Takeover(msgspec.Struct):
    """What the file means, or what became of it. `columns`: title to meaning ("": not used); `added`: ids of new accounts."""

    columns: dict[str, str]
    rows: list[TakeoverRow]
    new_groups: list[str]
    added: list[str]


_Form = Annotated[TakeoverForm, Body(media_type=RequestEncodingType.MULTI_PART)]


class TakeoverController(Controller):
    """People out of a file."""

    path = "/admin/people/import"
    tags = ("administration",)

    @post(
        "/preview",
        operation_id="previewPeople",
        status_code=200,
        request_max_body_size=FILE_MOST + _OVERHEAD,
        media_type=MediaType.JSON,
    )
    async def preview(
        self, data: _Form, viewer: Viewer, guard: Guard, people: People, calls: CallService, connectors: Connectors
    ) -> Takeover:
        """Look at a CSV file with people; nothing is changed."""
        guard.admin(viewer)
        known = _known(people, calls, connectors)
        columns, planned = await _planned(await data.file.read(), known, _template(viewer, people))
        return Takeover(columns, [_shown(each) for each in planned], new_groups(planned, known), [])

    @post(
        operation_id="importPeople",
        request_max_body_size=FILE_MOST + _OVERHEAD,
        media_type=MediaType.JSON,
    )
    async def take_over(
        self, data: _Form, viewer: Viewer, guard: Guard, people: People, calls: CallService, connectors: Connectors
    ) -> Takeover:
        """Add the people of a CSV file whose rows are good, with the groups that are missing."""
        guard.admin(viewer)
        known = _known(people, calls, connectors)
        columns, planned = await _planned(await data.file.read(), known, _template(viewer, people))
        fresh = new_groups(planned, known)
        groups = dict(known.groups)
        for name in fresh:
            groups[name.casefold()] = (await people.save_group(Group("", name))).id
        rows, added = [], []
        for each in planned:
            row, user_id = await _add(each, groups, people)
            rows.append(row)
            added += [user_id] if user_id else []
        return Takeover(columns, rows, fresh, added)


async def _planned(data: bytes, known: Known, template: User) -> tuple[dict[str, str], list[Taken]]:
    if len(data) > FILE_MOST:
        raise Invalid("file-too-large", f"At most {FILE_MOST // 2**20} MiB.", data={"field": "file"})
    found = await asyncio.to_thread(lambda: list(_read(data)))
    if not found:
        raise Invalid("empty-file", "The file has no row that can be read.", data={"field": "file"})
    titles = found[0][1]
    rows: Rows = [(line, cells) for line, cells in found[1:] if any(cell.strip() for cell in cells)]
    if len(rows) > ROWS_MOST:
        raise Invalid("too-many-people", f"At most {ROWS_MOST} people at once.", data={"field": "file", "bound": ROWS_MOST})
    columns = meanings(titles)
    return dict(zip(titles, columns, strict=True)), plan(columns, rows, known, template)


def _read(data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    for row in table.read(data, table.sniff(data)):
        if isinstance(row, table.Row):
            yield row.line, row.cells


def _template(viewer: Viewer, people: People) -> User:
    """New people speak the language of who adds them, and sit where they do, until somebody says otherwise."""
    admin = people.user(viewer.user_id)
    return User("", "", "", location_id=admin.location_id if admin else "")


def _known(people: People, calls: CallService, connectors: Connectors) -> Known:
    devices: dict[str, Device] = {}
    for instance in connectors.instances():
        for found in calls.discovered(instance.id):
            if people.line_at(instance.id, found.device) is None:
                devices.setdefault(found.number, Device(instance.id, found.device, found.name[:120]))
    return Known(
        logins={user.login.casefold() for user in people.users()},
        groups={group.name.casefold(): group.id for group in people.groups()},
        lines={line.number: line.id for line in reversed(people.lines())},
        devices=devices,
    )


async def _add(each: Taken, groups: dict[str, str], people: People) -> tuple[TakeoverRow, str]:
    """Add one person; what is refused only now is said at its row and keeps no other from being added."""
    if each.verdict is not Verdict.NEW:
        return _shown(each), ""
    try:
        lines = [each.line_id] if each.line_id else []
        if each.device is not None:
            # Two rows may name one telephone: the first makes its line.
            line = people.line_at(each.device.connector, each.device.device) or await people.save_line(
                Line("", each.device.connector, each.device.device, each.number, each.device.name, each.user.location_id)
            )
            lines = [line.id]
        wanted = replace(
            each.user, group_ids=tuple(groups[name.casefold()] for name in each.groups), line_ids=tuple(lines)
        )
        return _shown(each), (await people.save_user(wanted, each.password or None)).id
    except Fault as fault:
        where = str(fault.data.get("field", ""))
        return _shown(replace(each, verdict=Verdict.BAD, code=fault.code, field=where)), ""


def _shown(each: Taken) -> TakeoverRow:
    user = each.user
    return TakeoverRow(
        each.line, user.login, user.name, user.mail, list(each.groups), each.number, each.verdict, each.code, each.field
    )
