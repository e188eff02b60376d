"""Microsoft 365 by Microsoft Graph: the users of an organisation, or the contacts of mailboxes; then only what has changed.

Written after Microsoft's documentation of v1.0 (users, contacts, contactFolders and their `delta` functions).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Meta

from unisono.directory.model import Field
from unisono.directory.replicators import cells, faults
from unisono.directory.replicators.flatten import flat
from unisono.directory.replicators.http_auth import OAuth
from unisono.directory.replicators.http_client import HttpClient, checked_url, closing
from unisono.directory.replicators.source import Check, Column, Gone, Item, Kind, Mark, Record
from unisono.kernel.secrets import Secret, no_secret

SAMPLES = 50
_FORGOTTEN = (400, 410)
"""How Graph says that it no longer knows where a delta link leads to."""
_PARTS = {"street": "street", "postalCode": "postal_code", "city": "city", "state": "state", "countryOrRegion": "country"}

USERS: Mapping[str, Field | None] = {
    "displayName": Field.DISPLAY_NAME,
    "givenName": Field.FIRST_NAME,
    "surname": Field.LAST_NAME,
    "companyName": Field.COMPANY,
    "department": Field.DEPARTMENT,
    "jobTitle": Field.JOB_TITLE,
    "officeLocation": Field.OFFICE_ROOM_NUMBER,
    "businessPhones": Field.PHONE_BUSINESS,
    "mobilePhone": Field.PHONE_MOBILE,
    "faxNumber": Field.FAX_BUSINESS,
    "mail": Field.EMAIL,
    "streetAddress": Field.BUSINESS_STREET,
    "postalCode": Field.BUSINESS_POSTAL_CODE,
    "city": Field.BUSINESS_CITY,
    "state": Field.BUSINESS_STATE,
    "country": Field.BUSINESS_COUNTRY,
    "employeeId": None,
    "userPrincipalName": None,
    "accountEnabled": None,
}
"""What is asked of a user, and what it means."""
CONTACTS: Mapping[str, Field | None] = {
    "displayName": Field.DISPLAY_NAME,
    "givenName": Field.FIRST_NAME,
    "surname": Field.LAST_NAME,
    "companyName": Field.COMPANY,
    "department": Field.DEPARTMENT,
    "jobTitle": Field.JOB_TITLE,
    "officeLocation": Field.OFFICE_ROOM_NUMBER,
    "businessPhones": Field.PHONE_BUSINESS,
    "mobilePhone": Field.PHONE_MOBILE,
    "homePhones": Field.PHONE_HOME,
    **{f"emailAddresses.{n}.address": field for n, field in enumerate((Field.EMAIL, Field.EMAIL_2, Field.EMAIL_3), 1)},
    **{
        f"{theirs}Address.{part}": Field(f"{ours}_{name}")
        for theirs, ours in (("business", "business"), ("home", "private"), ("other", "other"))
        for part, name in _PARTS.items()
    },
    "businessHomePage": Field.WEB,
    "personalNotes": Field.NOTE,
    "imAddresses": None,
    "categories": None,
}
"""What is asked of a contact, by columns."""


class GraphSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application registered in Microsoft Entra, and what it reads."""

    tenant: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[\w.-]+$", description="Tenant: its id or domain.")]
    client_id: Annotated[str, Meta(min_length=1, max_length=100, description="The application's (client) id.")]
    secret: Annotated[Secret, Meta(description="The application's client secret.")] = msgspec.field(default_factory=no_secret)
    what: Annotated[Literal["users", "contacts"], Meta(description="Its users, or contacts of mailboxes.")] = "users"
    mailboxes: Annotated[
        tuple[str, ...], Meta(max_length=100, description="Mailboxes whose contacts are read, as anna@company.example.")
    ] = ()
    skip_disabled: Annotated[bool, Meta(description="Leave out users that may not sign in.")] = True
    authority: Annotated[str, Meta(max_length=200, description="Who gives out tokens; others for national clouds.")] = (
        "https://login.microsoftonline.com"
    )
    service: Annotated[str, Meta(max_length=200, description="Where Graph is; others for national clouds.")] = (
        "https://graph.microsoft.com/v1.0"
    )


class Graph:
    """An organisation's users or some mailboxes' contacts."""

    def __init__(self, settings: GraphSettings) -> None:
        self._settings = settings
        self._meanings = USERS if settings.what == "users" else CONTACTS
        self._select = ",".join(dict.fromkeys(name.partition(".")[0] for name in self._meanings))
        if settings.what == "contacts" and not settings.mailboxes:
            raise faults.wrong_setting("mailboxes", "Name at least one mailbox whose contacts are read.")
        if not settings.secret:
            raise faults.wrong_setting("secret", "Enter the application's client secret.")
        service = urlsplit(checked_url(settings.service, plain=False, field="service"))
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "scope": f"{service.scheme}://{service.netloc}/.default",
        }
        token_url = f"{checked_url(settings.authority, plain=False, field='authority')}/{settings.tenant}/oauth2/v2.0/token"
        who = OAuth(token_url, lambda: {**form, "client_secret": settings.secret.reveal()})
        self._client = HttpClient(settings.service, authorization=who)

    def check(self) -> Check:
        try:
            for place in self._places():
                self._page(place, ())
                break
            return Check(f"Microsoft Graph {self._client.peer}", self._settings.what)
        finally:
            self._client.close()

    def columns(self) -> Sequence[Column]:
        items = islice(self.read(None), SAMPLES)
        return cells.columns(self._meanings, [item.values for item in items if isinstance(item, Record)])

    def read(self, since: str | None) -> Iterator[Item]:
        return closing(self._client, self._whole if since is None else lambda: self._changes(since))

    def _whole(self) -> Iterator[Item]:
        links: dict[str, str] = {}
        for place in self._places():
            seen: set[str] = set()  # a page of a first round may name somebody again
            for data in self._round(place, links, place):
                key = str(data.get("id", ""))
                if key and key not in seen and self._counts(data):
                    seen.add(key)
                    yield cells.record(key, _values(data))
        yield Mark(msgspec.json.encode(links).decode())

    def _changes(self, since: str) -> Iterator[Item]:
        try:
            links = msgspec.json.decode(since, type=dict[str, str])
        except msgspec.DecodeError as error:
            raise faults.read_all(self._client.peer) from error
        places = list(self._places())
        if set(places) != links.keys():
            raise faults.read_all(self._client.peer)
        for place in places:
            changed: dict[str, dict[str, Any]] = {}
            for data in self._round(links[place], links, place, later=True):
                changed[str(data.get("id", ""))] = data
            for key, data in changed.items():
                yield from self._change(key, data)
        yield Mark(msgspec.json.encode(links).decode())

    def _change(self, key: str, data: dict[str, Any]) -> Iterator[Item]:
        if key and "@removed" not in data and self._settings.what == "users":
            # Of a changed user only what has changed may come.
            url = f"{self._settings.service}/users/{quote(key, safe='')}?$select={self._select}"
            answer = self._client.ask("GET", url, allowed=(404,))
            data = answer.object() if answer.status == 200 else {"@removed": {}}
        if "@removed" in data or not self._counts(data):
            yield Gone(key)
        else:
            yield cells.record(key, _values(data))

    def _counts(self, data: Mapping[str, Any]) -> bool:
        return "@removed" not in data and not (self._settings.skip_disabled and data.get("accountEnabled") is False)

    def _places(self) -> Iterator[str]:
        """Where rounds begin: the users, or each folder of contacts of each mailbox."""
        service = self._settings.service
        if self._settings.what == "users":
            yield f"{service}/users/delta?$select={self._select}"
            return
        for mailbox in self._settings.mailboxes:
            user = f"{service}/users/{quote(mailbox.strip(), safe='')}"
            first = self._page(f"{user}/contacts?$top=1&$select=parentFolderId", ())
            own = [str(each.get("parentFolderId", "")) for each in _list(self._client.peer, first)]
            folders = dict.fromkeys((*filter(None, own), *self._folders(f"{user}/contactFolders")))
            left = list(folders)
            while left:
                inner = list(self._folders(f"{user}/contactFolders/{quote(left.pop(), safe='')}/childFolders"))
                left += [folder for folder in inner if folder not in folders]
                folders.update(dict.fromkeys(inner))
            for folder in folders:
                yield f"{user}/contactFolders/{quote(folder, safe='')}/contacts/delta?$select={self._select}"

    def _folders(self, url: str) -> Iterator[str]:
        """The keys of the folders that stand right there; those that stand in them are asked for one by one."""
        url += "?$select=id&$top=100"
        known: set[str] = set()
        while url:
            page = self._page(url, ())
            yield from filter(None, (str(each.get("id", "")) for each in _list(self._client.peer, page)))
            url = self._following(page, known)

    def _round(self, url: str, links: dict[str, str], place: str, *, later: bool = False) -> Iterator[dict[str, Any]]:
        """Whatever a round of delta tells; where the next one begins is put into `links`."""
        known: set[str] = set()
        while True:
            page = self._page(url, _FORGOTTEN if later else ())
            yield from _list(self._client.peer, page)
            url = self._following(page, known)
            if not url:
                links[place] = self._link(page, "@odata.deltaLink")
                if not links[place]:
                    raise faults.garbled(self._client.peer, "neither nextLink nor deltaLink")
                return

    def _page(self, url: str, forgotten: Sequence[int]) -> dict[str, Any]:
        if not self._client.is_ours(url):
            raise faults.read_all(self._client.peer)
        answer = self._client.ask("GET", url, None, {"Accept": "application/json"}, allowed=forgotten)
        if answer.status in forgotten:
            raise faults.read_all(self._client.peer)
        return answer.object()

    def _following(self, page: Mapping[str, Any], known: set[str]) -> str:
        """The link to the next page, which is none of the `known` ones; "" after the last."""
        url = self._link(page, "@odata.nextLink")
        if url in known:
            raise faults.garbled(self._client.peer, "the same page again")
        known.add(url)
        return url

    def _link(self, page: Mapping[str, Any], name: str) -> str:
        found = page.get(name, "")
        return self._client.ours(self._settings.service, found) if isinstance(found, str) and found else ""


def _list(peer: str, page: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = page.get("value")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise faults.garbled(peer, "no list of objects as value")
    return found


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    unread = ("id", "accountEnabled")
    return {name: value for name, value in flat(data).items() if not name.startswith("@") and name not in unread}


KIND = Kind(
    "microsoft-graph",
    "Microsoft Graph",
    GraphSettings,
    Graph,
    incremental=True,
    harmless=frozenset({"what", "mailboxes", "skip_disabled"}),
)
