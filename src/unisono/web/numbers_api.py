"""Routes of locations and of the number engine's explanations."""

import asyncio
import re
from typing import Annotated, Any

import msgspec
from litestar import Controller, MediaType, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Meta

from unisono.kernel.expected import Expected
from unisono.numbers import Direction, Location, Origin, Role, explain
from unisono.numbers.convert import location_from_json, location_to_json
from unisono.numbers.locations_xml import SIZE_MOST
from unisono.numbers.model import Explanation as ExplanationValue
from unisono.numbers.service import Locations
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer
from unisono.storage import latest
from unisono.web.shapes import Page

_NUMBER = Annotated[str, Meta(max_length=200)]
_OVERHEAD = 64 * 1024
LocationObject = dict[str, Any]
"""A location with its id: the fields of `numbers.Location`, see docs/admin/numbers.md."""


class LocationName(msgspec.Struct):
    """A location to choose from."""

    id: str
    name: str
    country: str


class ExplainInput(msgspec.Struct, forbid_unknown_fields=True):
    """A number and how it is meant; without `location_id` the first location reads it."""

    number: _NUMBER
    direction: Direction
    location_id: Annotated[str, Meta(max_length=64)] = ""
    origin: Origin | None = None
    role: Role | None = None


class ExplainUnsavedInput(msgspec.Struct, forbid_unknown_fields=True):
    """A number, and a location as it is being edited."""

    location: LocationObject
    number: _NUMBER
    direction: Direction
    origin: Origin | None = None
    role: Role | None = None


class Stage(msgspec.Struct):
    """One step of reading or dialling a number."""

    name: str
    before: str
    after: str
    rule: str | None
    hit: bool
    note: str
    note_code: str


class Explanation(msgspec.Struct):
    """How a number was read and would be dialled, stage by stage."""

    input: str
    location: str
    direction: Direction
    origin: Origin
    role: Role
    result: str
    canonical: str
    kind: str
    country: str
    extension: str
    site: str
    reason: str
    dialled: str
    after_answer: str
    formats: dict[str, str]
    problem: str | None
    problem_code: str
    stages: list[Stage]
    dial_stages: list[Stage]


class ImportedProblem(msgspec.Struct):
    """Something of a vendor's file that was left out or decided. `data.problem` says more, as in problem details."""

    line: int
    where: str
    message: str
    code: str
    data: dict[str, str | int]


class ImportedLocations(msgspec.Struct):
    """The locations after an import, and what could not be taken over."""

    items: list[LocationObject]
    problems: list[ImportedProblem]
    next: str | None = None


class LocationsForm(msgspec.Struct):
    """A vendor's `locations.xml`. `country` (ISO 3166) is for files that do not say theirs."""

    file: UploadFile
    country: Annotated[str, Meta(max_length=2)] = ""


class NumbersController(Controller):
    """What everybody may ask of the number engine."""

    tags = ("numbers",)

    @get("/locations", operation_id="listLocationNames")
    async def names(self, viewer: Viewer, guard: Guard, locations: Locations) -> Page[LocationName]:
        """The locations to choose from."""
        guard.signed_in(viewer)
        return Page([LocationName(id, each.name, each.country) for id, each in locations.all().items()])

    @post("/numbers/explain", operation_id="explainNumber", status_code=200)
    async def explain_number(
        self, data: ExplainInput, viewer: Viewer, guard: Guard, locations: Locations
    ) -> Explanation:
        """What a number means at a location, and what would be dialled for it."""
        guard.signed_in(viewer)
        location = locations.get(data.location_id) if data.location_id else locations.default()
        return await _explained(data.number, location, data)


class AdminLocationsController(Controller):
    """Locations, for admins."""

    path = "/admin/locations"
    tags = ("administration",)

    @get(operation_id="listLocations")
    async def list_all(self, viewer: Viewer, guard: Guard, locations: Locations) -> Page[LocationObject]:
        """Every location with all its fields."""
        guard.admin(viewer)
        await latest(locations.shared)
        return Page([_shown(locations, id) for id in locations.all()])

    @post(operation_id="createLocation")
    async def create(
        self, data: LocationObject, viewer: Viewer, guard: Guard, locations: Locations
    ) -> LocationObject:
        """Add a location; without an id it gets one made of its name."""
        guard.admin(viewer)
        location = location_from_json(data)
        id = str(data.get("id") or "") or free_id(location.name, locations.all())
        await locations.create(id, location)
        return _shown(locations, id)

    @put("/{id:str}", operation_id="updateLocation", opt={"makes": True})
    async def update(
        self, id: str, data: LocationObject, viewer: Viewer, guard: Guard, locations: Locations, expected: Expected
    ) -> LocationObject:
        """Change a location."""
        guard.admin(viewer)
        await locations.save(id, location_from_json(data), expected)
        return _shown(locations, id)

    @delete("/{id:str}", operation_id="deleteLocation")
    async def remove(self, id: str, viewer: Viewer, guard: Guard, locations: Locations, expected: Expected) -> None:
        """Delete a location; what used it falls back to the first one."""
        guard.admin(viewer)
        await locations.remove(id, expected)

    @post(
        "/import",
        operation_id="importLocations",
        status_code=200,
        media_type=MediaType.JSON,
        request_max_body_size=SIZE_MOST + _OVERHEAD,
    )
    async def import_xml(
        self,
        data: Annotated[LocationsForm, Body(media_type=RequestEncodingType.MULTI_PART)],
        viewer: Viewer,
        guard: Guard,
        locations: Locations,
    ) -> ImportedLocations:
        """Take over the locations of a vendor's file, all or none."""
        guard.admin(viewer)
        report = await locations.import_xml(await data.file.read(), country=data.country)
        return ImportedLocations(
            [_shown(locations, id) for id in locations.all()],
            [ImportedProblem(each.line, each.where, each.message, each.code, dict(each.data)) for each in report.problems],
        )

    @post("/explain", operation_id="explainUnsaved", status_code=200)
    async def explain_unsaved(self, data: ExplainUnsavedInput, viewer: Viewer, guard: Guard) -> Explanation:
        """The same for a location that has not been saved."""
        guard.admin(viewer)
        return await _explained(data.number, location_from_json(data.location), data)


CONTROLLERS = (NumbersController, AdminLocationsController)


def free_id(name: str, taken: Any) -> str:
    """An id made of a name, with a number where there is one like it."""
    base = re.sub(r"[^a-z0-9]+", "-", name.casefold().encode("ascii", "ignore").decode()).strip("-")[:56] or "location"
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


def _shown(locations: Locations, id: str) -> LocationObject:
    return {"id": id, **location_to_json(locations.get(id)), "etag": locations.etag(id)}


async def _explained(number: str, location: Location, how: ExplainInput | ExplainUnsavedInput) -> Explanation:
    # In a thread: a location may bring patterns of any cost with it.
    found: ExplanationValue = await asyncio.to_thread(
        explain, number, location, how.direction, origin=how.origin, role=how.role
    )
    return msgspec.convert(found.to_json(), Explanation)
