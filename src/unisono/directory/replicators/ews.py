"""Exchange servers as sources, by Exchange Web Services: the contacts of mailboxes, and then only what has changed."""

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from unisono.directory.replicators import cells, faults
from unisono.directory.replicators import ews_soap as soap
from unisono.directory.replicators.ews_soap import SOAP, M, T
from unisono.directory.replicators.http_auth import Ntlm, OAuth, basic
from unisono.directory.replicators.http_client import Authorization, HttpClient, checked_url, closing
from unisono.directory.replicators.source import Check, Column, Gone, Item, Kind, Mark, Record
from unisono.kernel.secrets import Secret, no_secret

SAMPLES = 50
_AT_ONCE = 100
_MOST_PATIENCE = 300.0
_TRIES = 4
_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"}
_TOKENS_FOR = "https://outlook.office365.com/.default"


class EwsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An Exchange server, and whose contacts are read."""

    url: Annotated[
        str, Meta(min_length=1, max_length=2000, description="As https://mail.company.example/EWS/Exchange.asmx.")
    ]
    auth: Annotated[Literal["ntlm", "basic", "oauth"], Meta(description="How we say who we are.")] = "ntlm"
    user: Annotated[str, Meta(min_length=1, max_length=300, description="DOMAIN\\name or name@domain; the client id.")] = ""
    secret: Annotated[Secret, Meta(description="Password; with OAuth the client secret.")] = msgspec.field(
        default_factory=no_secret
    )
    tenant: Annotated[str, Meta(max_length=200, pattern=r"^[\w.-]*$", description="Tenant, with OAuth.")] = ""
    authority: Annotated[str, Meta(max_length=200, description="Who gives out tokens, with OAuth.")] = (
        "https://login.microsoftonline.com"
    )
    mailboxes: Annotated[
        tuple[str, ...], Meta(max_length=100, description="Mailboxes whose contacts are read; empty: the account's own.")
    ] = ()
    impersonate: Annotated[bool, Meta(description="Read them as if we were their owners (ApplicationImpersonation).")] = False
    ca_file: Annotated[
        str, Meta(max_length=1000, description="File with the authority of the server's certificate; empty: the system's.")
    ] = ""


class Ews:
    """The contacts of some mailboxes."""

    def __init__(self, settings: EwsSettings) -> None:
        if not settings.secret or not settings.user:
            raise faults.wrong_setting("secret" if settings.user else "user", "Enter name and password.")
        self._settings = settings
        self._url = checked_url(settings.url, plain=False)
        self._client = HttpClient(self._url, ca_file=settings.ca_file, authorization=_authorization(settings))
        self._mailboxes = tuple(filter(None, map(str.strip, settings.mailboxes))) or ("",)

    def check(self) -> Check:
        try:
            version = ""
            for mailbox in self._mailboxes:
                root = self._call(soap.find_folders(soap.folder_id("", mailbox)), mailbox)
                found = root.find(f"{SOAP}Header/{T}ServerVersionInfo")
                version = ".".join(found.get(n, "") for n in ("MajorVersion", "MinorVersion")) if found is not None else version
            return Check(f"Exchange {self._client.peer}", version)
        finally:
            self._client.close()

    def columns(self) -> Sequence[Column]:
        items = islice(self.read(None), SAMPLES)
        return cells.columns(soap.FIELDS, [item.values for item in items if isinstance(item, Record)])

    def read(self, since: str | None) -> Iterator[Item]:
        return closing(self._client, lambda: self._read(since))

    def _read(self, since: str | None) -> Iterator[Item]:
        try:
            states = msgspec.json.decode(since, type=dict[str, str]) if since is not None else {}
        except msgspec.DecodeError as error:
            raise faults.read_all(self._client.peer) from error
        places = {f"{mailbox}/{folder}": (mailbox, folder) for mailbox in self._mailboxes for folder in self._folders(mailbox)}
        if since is not None and places.keys() != states.keys():
            raise faults.read_all(self._client.peer)
        for place, (mailbox, folder) in places.items():
            yield from self._folder(mailbox, folder, place, states)
        yield Mark(msgspec.json.encode(states).decode())

    def _folders(self, mailbox: str) -> list[str]:
        """The mailbox's folder of contacts ("") and the folders of contacts below it, by their ids."""
        found = [""]
        for folder in self._call(soap.find_folders(soap.folder_id("", mailbox)), mailbox).iter(f"{T}ContactsFolder"):
            id = folder.find(f"{T}FolderId")
            if id is not None and folder.findtext(f"{T}FolderClass", "IPF.Contact") == "IPF.Contact":
                found.append(str(id.get("Id")))
        return found

    def _folder(self, mailbox: str, folder: str, place: str, states: dict[str, str]) -> Iterator[Item]:
        while True:
            root = self._call(soap.sync_items(soap.folder_id(folder, mailbox), states.get(place, "")), mailbox)
            state = root.findtext(f".//{M}SyncState", "")
            changes = root.find(f".//{M}Changes")
            if not state:
                raise faults.garbled(self._client.peer, "no SyncState")
            told = [(each.tag, id) for each in (changes if changes is not None else ()) if (id := soap.id_of(each))]
            yield from self._items(mailbox, [id for tag, id in told if tag in (f"{T}Create", f"{T}Update")])
            yield from (Gone(id) for tag, id in told if tag == f"{T}Delete")
            last = root.findtext(f".//{M}IncludesLastItemInRange", "true") == "true"
            if not last and state == states.get(place, ""):
                raise faults.garbled(self._client.peer, "the same SyncState again")
            states[place] = state
            if last:
                return

    def _items(self, mailbox: str, ids: Sequence[str]) -> Iterator[Item]:
        for at in range(0, len(ids), _AT_ONCE):
            some = ids[at : at + _AT_ONCE]
            found: set[str] = set()
            for contact in self._call(soap.get_items(some), mailbox).iter(f"{T}Contact"):
                id = soap.id_of([contact])
                found.add(id)
                yield cells.record(id, soap.columns(contact))
            # Others are gone by now, or no contacts: lists of distribution.
            yield from (Gone(id) for id in some if id not in found)

    def _call(self, body: str, mailbox: str) -> Any:
        """One operation. Raises `Fault`."""
        envelope = soap.envelope(body, mailbox if self._settings.impersonate else "")
        headers = {**_HEADERS, **({"X-AnchorMailbox": mailbox} if mailbox.isascii() and mailbox else {})}
        for _ in range(_TRIES):
            answer = self._client.ask("POST", self._url, envelope, headers, allowed=(500,))
            root = answer.xml()
            code, words = soap.trouble(root)
            if code == "ErrorServerBusy":
                seconds = float(root.findtext(f".//{T}Value[@Name='BackOffMilliseconds']", "1000")) / 1000
                if seconds > _MOST_PATIENCE:
                    raise faults.busy(self._client.peer, seconds)
                time.sleep(seconds)
                continue
            if code:
                raise self._fault(code, words)
            if root.find(f"{SOAP}Body") is None or answer.status != 200:
                raise faults.garbled(self._client.peer, "no answer of Exchange Web Services")
            return root
        raise faults.busy(self._client.peer, 60)

    def _fault(self, code: str, words: str) -> Exception:
        said = f"{code}: {words}"[:300]
        if code in ("ErrorInvalidSyncStateData", "ErrorSyncFolderNotFound"):
            return faults.read_all(self._client.peer)
        if code in ("ErrorAccessDenied", "ErrorImpersonateUserDenied", "ErrorImpersonationDenied"):
            return faults.no_right(self._client.peer, said)
        if code in ("ErrorNonExistentMailbox", "ErrorFolderNotFound", "ErrorMailboxStoreUnavailable"):
            return faults.not_there(self._client.peer, said)
        return faults.refused(self._client.peer, said)


def _authorization(settings: EwsSettings) -> Authorization:
    match settings.auth:
        case "basic":
            return basic(settings.user, settings.secret)
        case "ntlm":
            return Ntlm(settings.user, settings.secret, urlsplit(settings.url).hostname or "")
        case "oauth":
            if not settings.tenant:
                raise faults.wrong_setting("tenant", "Enter the tenant.")
            form = {"grant_type": "client_credentials", "client_id": settings.user, "scope": _TOKENS_FOR}
            url = f"{checked_url(settings.authority, plain=False, field='authority')}/{settings.tenant}/oauth2/v2.0/token"
            return OAuth(url, lambda: {**form, "client_secret": settings.secret.reveal()})


KIND = Kind("exchange", "Exchange (EWS)", EwsSettings, Ews, incremental=True, harmless=frozenset({"mailboxes", "impersonate"}))
