"""`unisono number explain`: where its locations come from, one number or many."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from unisono.app.settings import Settings
from unisono.demo import firm
from unisono.kernel.errors import Fault, Invalid, NotFound
from unisono.numbers import Direction, Location, Origin, Role, explain
from unisono.numbers.command import explain_lines, render, word
from unisono.numbers.convert import location_from_json
from unisono.numbers.locations_xml import read_locations
from unisono.numbers.service import Locations
from unisono.storage import Database

_DEMO = "demo:"
"""Before the name of a site of the demo firm, whose numbers the guides use: it is never mistaken for one of this server."""


class Lookup:
    """Finds a location by what a person types; the database is read once, when it is first needed.

    In this order: a file (`.json` as the admin page exports it, `.xml` as the vendor's server writes it, with `#name` behind
    it when it holds several), a site of the demo firm by its name behind `demo:`, an id or name of this server, a country such
    as IT. Nothing: the server's first one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stored: Locations | None = None

    def __call__(self, text: str) -> Location:
        file, _, name = text.partition("#")
        if file.endswith((".json", ".xml")):
            return _from_file(Path(file), name)
        if text.casefold().startswith(_DEMO):
            return _of_the_demo(text[len(_DEMO) :])
        try:
            return self._locations().find(text) if text else self._locations().default()
        except NotFound as fault:
            if len(text) == 2 and text.isalpha():
                return Location.simple(text.upper(), text.upper())
            raise NotFound(fault.code, f"{fault.message} {self._remedy()}", data=fault.data) from fault

    def _remedy(self) -> str:
        here = ", ".join(location.name for location in self._locations().all().values())
        there = f"There are: {here}." if here else f"The data folder {self._settings.server.data} has none."
        demo = ", ".join(_DEMO + site.name for site in firm.SITES)
        return f"{there} Or say a country (IT), a file (.json, .xml), or a site of the demo firm ({demo})."

    def _locations(self) -> Locations:
        if self._stored is None:
            self._stored = asyncio.run(self._load())
        return self._stored

    async def _load(self) -> Locations:
        url = self._settings.server.database_url()
        database = Database(url)
        locations = Locations(database)
        path = Path(database.url.database or "")
        try:
            if not database.sqlite or await asyncio.to_thread(path.exists):
                await locations.load()
        finally:
            await database.close()
        return locations


def _of_the_demo(name: str) -> Location:
    for site in firm.SITES:
        if firm.plain(name) == firm.plain(site.name):  # also without umlauts
            return site.location()
    names = ", ".join(site.name for site in firm.SITES)
    raise NotFound("unknown-location", f"The demo firm has no site {name!r}; there are: {names}.")


def _from_file(path: Path, name: str) -> Location:
    try:
        data = path.read_bytes()
        found = [location_from_json(json.loads(data))] if path.suffix == ".json" else read_locations(data).locations
    except (OSError, ValueError) as error:
        raise Invalid("location-file", f"Cannot read a location from {path}: {error}.") from error
    chosen = [location for location in found if not name or location.name == name]
    if len(chosen) != 1:
        names = ", ".join(location.name for location in found)
        raise Invalid("location-file", f"{path} has these locations: {names}. Say which: {path}#name.")
    return chosen[0]


def explain_one(
    settings: Settings, raw: str, location: str, direction: str, origin: str, role: str, at: str, *, as_json: bool
) -> str:
    """One number as text for people, or as JSON. Raises `Fault` for words that are not known."""
    try:
        moment = datetime.fromisoformat(at) if at else None
    except ValueError as error:
        raise Invalid("time", f"--at {at!r} is no time such as 2026-11-23T10:42.") from error
    explanation = explain(
        raw,
        Lookup(settings)(location),
        word(Direction, "direction", direction),
        origin=word(Origin, "origin", origin) if origin else None,
        role=word(Role, "role", role) if role else None,
        at=moment,
    )
    return json.dumps(explanation.to_json(), ensure_ascii=False, indent=1) if as_json else render(explanation)


def explain_bulk(
    settings: Settings, lines: Iterable[str], location: str, direction: str, origin: str, role: str
) -> Iterator[str]:
    """Many numbers, JSON lines in and out; the options are what a line leaves out."""
    defaults = {"location": location, "direction": direction, "origin": origin, "role": role}

    def completed() -> Iterator[str]:
        for line in lines:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                yield line
                continue
            yield json.dumps({**defaults, **value}) if isinstance(value, dict) else line

    lookup, known = Lookup(settings), dict[str, Location | Fault]()

    def cached(text: str) -> Location:
        if text not in known:
            try:
                known[text] = lookup(text)
            except Fault as fault:
                known[text] = fault
        found = known[text]
        if isinstance(found, Fault):
            raise found
        return found

    return explain_lines(completed(), cached)
