"""Another Unisono as a source, by its own interface and a token that may export: all contacts, and then what has changed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from unisono.directory.model import CUSTOM, NUMBER_FIELDS, Field
from unisono.directory.replicators import cells, faults
from unisono.directory.replicators.http_auth import bearer
from unisono.directory.replicators.http_client import HttpClient, checked_url, closing
from unisono.directory.replicators.mapping import CANONICAL
from unisono.directory.replicators.source import Check, Column, Gone, Item, Kind, Mark, Record
from unisono.kernel.secrets import Secret, no_secret

SAMPLES = 50
_PAGE = 500
_FORGOTTEN = (400, 409, 422)
"""What a server says that cannot do anything with a mark: its books were made anew, or it is another one."""
_OWN = frozenset({Field.ENTRY_ID, Field.PRIVATE_CONTACT, Field.EMAIL_2, Field.EMAIL_3})
FIELDS: Mapping[str, str] = {
    **{name.value: name.value for name in Field if name not in _OWN},
    **{f"{name.value}{CANONICAL}": f"{name.value}{CANONICAL}" for name in NUMBER_FIELDS},
}
"""Its columns are named as our fields."""


class UnisonoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server, and what it lets us read."""

    url: Annotated[str, Meta(min_length=1, max_length=500, description="Its address, as https://unisono.company.example.")]
    token: Annotated[Secret, Meta(description="A token of one of its admins that may export.")] = msgspec.field(
        default_factory=no_secret
    )
    book: Annotated[str, Meta(max_length=100, description="Only this book, by its key; empty: all.")] = ""
    ca_file: Annotated[
        str, Meta(max_length=1000, description="File with the authority of the server's certificate; empty: the system's.")
    ] = ""
    plain: Annotated[bool, Meta(description="Allow http:// to another machine.")] = False


class AnotherUnisono:
    """The contacts of another server."""

    def __init__(self, settings: UnisonoSettings) -> None:
        if not settings.token:
            raise faults.wrong_setting("token", "Enter a token of the other server that may export.")
        self._settings = settings
        self._base = f"{checked_url(settings.url, plain=settings.plain).rstrip('/')}/api/v1"
        who = bearer(settings.token)
        self._client = HttpClient(settings.url, ca_file=settings.ca_file, plain=settings.plain, authorization=who)

    def check(self) -> Check:
        try:
            self._page({"limit": "1"})
            return Check(f"Unisono {self._client.peer}")
        finally:
            self._client.close()

    def columns(self) -> Sequence[Column]:
        items = islice(self.read(None), SAMPLES)
        found = cells.columns(FIELDS, [item.values for item in items if isinstance(item, Record)])
        return [Column(each.name, each.samples, each.field or _custom(each.name)) for each in found]

    def read(self, since: str | None) -> Iterator[Item]:
        return closing(self._client, lambda: self._read(since or ""))

    def _read(self, since: str) -> Iterator[Item]:
        asked, mark, cursor, known = {"limit": str(_PAGE)}, "", "", set[str]()
        if since:
            asked["since"] = since
        while True:
            page = self._page({"limit": str(_PAGE), "after": cursor} if cursor else asked, later=bool(since))
            mark = mark or str(page.get("mark", ""))
            yield from self._items(page)
            cursor = str(page.get("next") or "")
            if not cursor:
                break
            if cursor in known:
                raise faults.garbled(self._client.peer, "the same page again")
            known.add(cursor)
        if mark:
            yield Mark(mark)

    def _items(self, page: Mapping[str, Any]) -> Iterator[Item]:
        items, gone = page.get("items"), page.get("gone")
        if not isinstance(items, list) or not isinstance(gone, list):
            raise faults.garbled(self._client.peer, "no page of contacts")
        yield from (Gone(str(id)) for id in gone)
        for each in items:
            values = each.get("values") if isinstance(each, dict) else None
            if not isinstance(values, dict):
                raise faults.garbled(self._client.peer, "a contact without values")
            if self._settings.book in ("", each.get("book")):
                yield cells.record(str(each.get("id", "")), {str(name): cells.text(value) for name, value in values.items()})

    def _page(self, asked: Mapping[str, str], *, later: bool = False) -> dict[str, Any]:
        url = f"{self._base}/directory/export?{urlencode(asked)}"
        answer = self._client.ask("GET", url, None, {"Accept": "application/json"}, allowed=_FORGOTTEN if later else ())
        if answer.status in _FORGOTTEN:
            raise faults.read_all(self._client.peer)
        return answer.object()


def _custom(name: str) -> str:
    return name if name.startswith(CUSTOM) else ""


KIND = Kind("unisono", "Another Unisono", UnisonoSettings, AnotherUnisono, incremental=True, harmless=frozenset({"book"}))
