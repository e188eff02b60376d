"""Exchange as a source, from a fake whose requests and answers are held against Microsoft's schema where that is at hand."""

import base64
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import spnego
from lxml import etree
from spnego.channel_bindings import GssChannelBindings
from tests.peers.programs import certificate
from tests.rooms.http_peer import Asked, Given, as_json, serving

from unisono.directory.replicators.ews import EwsSettings
from unisono.directory.replicators.ews_soap import SOAP, M, T
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import READ_ALL, Gone, Item, Mark, Record, Source
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.settings import parse

SCHEMA = next((p for up in Path(__file__).resolve().parents if (p := up / "shared/reference/ews").is_dir()), None)
_SPACES = f'xmlns:s="{SOAP[1:-1]}" xmlns:m="{M[1:-1]}" xmlns:t="{T[1:-1]}"'
PAIR = base64.b64encode(b"anna:s").decode()


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema | None:
    """Microsoft's schema, made readable for libxml2: without what it imports from elsewhere, and one ambiguous sequence."""
    if SCHEMA is None:
        return None
    folder = tmp_path_factory.mktemp("ews")
    text = (SCHEMA / "types.xsd").read_text(encoding="utf-8-sig")
    text = text.replace('<xs:import namespace="http://www.w3.org/XML/1998/namespace"/>', "")
    text = text.replace(' ref="xml:lang"', ' name="lang" type="xs:string"')
    begin = text.index("<xs:sequence>", text.index('name="ArrayOfTransitionsType"')) + len("<xs:sequence>")
    one = '<xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element ref="t:Transition"/></xs:choice>'
    (folder / "types.xsd").write_text(text[:begin] + one + text[text.index("</xs:sequence>", begin) :])
    (folder / "messages.xsd").write_bytes((SCHEMA / "messages.xsd").read_bytes())
    return etree.XMLSchema(etree.parse(str(folder / "messages.xsd")))


@dataclass
class Exchange:
    """A server; `log` is what happened in the folder "": (id, the contact's XML, or None)."""

    schema: etree.XMLSchema | None
    log: list[tuple[str, str | None]] = field(default_factory=list)
    knows_from: int = 0
    most: int = 3
    asked: list[str] = field(default_factory=list)
    trouble: str = ""

    def hold(self, element: Any) -> None:
        if self.schema is not None:
            self.schema.assertValid(etree.fromstring(etree.tostring(element)))

    def answer(self, asked: Asked) -> Given:
        envelope: Any = etree.fromstring(asked.body)
        operation = envelope.find(f"{SOAP}Body")[0]
        self.hold(operation)
        assert envelope.find(f"{SOAP}Header/{T}RequestServerVersion").get("Version") == "Exchange2010_SP2"
        self.asked.append(operation.tag.removeprefix(M))
        owner = operation.findtext(f".//{T}EmailAddress", "")
        if self.trouble or owner == "nobody@company.example":
            code = self.trouble or "ErrorNonExistentMailbox"
            inner = f'<m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>'
            return self.told("FindFolder", 'ResponseClass="Error"', f"<m:MessageText>It is so.</m:MessageText>{inner}")
        answers = {"FindFolder": self.folders, "SyncFolderItems": self.changes, "GetItem": self.items}
        return answers[self.asked[-1]](operation)

    def told(self, operation: str, attributes: str, inner: str) -> Given:
        message = f"<m:{operation}ResponseMessage {attributes}>{inner}</m:{operation}ResponseMessage>"
        messages = f"<m:ResponseMessages>{message}</m:ResponseMessages>"
        return self.wrapped(f"<m:{operation}Response>{messages}</m:{operation}Response>")

    def wrapped(self, body: str) -> Given:
        header = '<s:Header><t:ServerVersionInfo MajorVersion="15" MinorVersion="2"/></s:Header>'
        text = f'<?xml version="1.0" encoding="utf-8"?><s:Envelope {_SPACES}>{header}<s:Body>{body}</s:Body></s:Envelope>'
        envelope: Any = etree.fromstring(text.encode())
        self.hold(envelope.find(f"{SOAP}Body")[0])
        return Given(text.encode(), headers={"Content-Type": "text/xml"})

    def folders(self, asked: Any) -> Given:
        below = (
            '<t:ContactsFolder><t:FolderId Id="sub&amp;1" ChangeKey="c"/><t:FolderClass>IPF.Contact</t:FolderClass>'
            '<t:DisplayName>Firms</t:DisplayName></t:ContactsFolder><t:ContactsFolder><t:FolderId Id="quick"/>'
            "<t:FolderClass>IPF.Contact.MOC.QuickContacts</t:FolderClass></t:ContactsFolder>"
        )
        about = 'TotalItemsInView="2" IncludesLastItemInRange="true"'
        root = f"<m:RootFolder {about}><t:Folders>{below}</t:Folders></m:RootFolder>"
        return self.told("FindFolder", 'ResponseClass="Success"', f"<m:ResponseCode>NoError</m:ResponseCode>{root}")

    def changes(self, asked: Any) -> Given:
        if asked.find(f".//{T}FolderId") is not None:
            assert asked.find(f".//{T}FolderId").get("Id") == "sub&1"
            log: list[tuple[str, str | None]] = []
        else:
            log = self.log
        state = asked.findtext(f"{M}SyncState", "")
        at = int(base64.b64decode(state)) if state else 0
        if state and at < self.knows_from:
            inner = "<m:MessageText>x</m:MessageText><m:ResponseCode>ErrorInvalidSyncStateData</m:ResponseCode>"
            inner += "<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
            return self.told("SyncFolderItems", 'ResponseClass="Error"', inner)
        some = log[at : at + self.most]
        changes = "".join(
            f'<t:Delete><t:ItemId Id="{id}" ChangeKey="k"/></t:Delete>' if now is None
            else f'<t:Create><t:Contact><t:ItemId Id="{id}" ChangeKey="k"/></t:Contact></t:Create>'
            for id, now in some
        )  # fmt: skip
        fresh = base64.b64encode(str(at + len(some)).encode()).decode()
        last = str(at + len(some) >= len(log)).lower()
        inner = f"<m:IncludesLastItemInRange>{last}</m:IncludesLastItemInRange><m:Changes>{changes}</m:Changes>"
        code = "<m:ResponseCode>NoError</m:ResponseCode>"
        return self.told("SyncFolderItems", 'ResponseClass="Success"', f"{code}<m:SyncState>{fresh}</m:SyncState>{inner}")

    def items(self, asked: Any) -> Given:
        now, messages = dict(self.log), ""
        for each in asked.iter(f"{T}ItemId"):
            id = each.get("Id")
            contact = now.get(id)
            if contact is None:
                inner = "<m:MessageText>x</m:MessageText><m:ResponseCode>ErrorItemNotFound</m:ResponseCode>"
                inner += "<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:Items/>"
                messages += f'<m:GetItemResponseMessage ResponseClass="Error">{inner}</m:GetItemResponseMessage>'
            else:
                whole = f'<t:Contact><t:ItemId Id="{id}" ChangeKey="k"/>{contact}</t:Contact>'
                inner = f"<m:ResponseCode>NoError</m:ResponseCode><m:Items>{whole}</m:Items>"
                messages += f'<m:GetItemResponseMessage ResponseClass="Success">{inner}</m:GetItemResponseMessage>'
        return self.wrapped(f"<m:GetItemResponse><m:ResponseMessages>{messages}</m:ResponseMessages></m:GetItemResponse>")


def contact(name: str, phone: str = "0432 1", before: str = "") -> str:
    return (
        f"{before}<t:DisplayName>{name}</t:DisplayName><t:CompanyName>Rossi &amp; Figli</t:CompanyName>"
        '<t:EmailAddresses><t:Entry Key="EmailAddress1">a@company.example</t:Entry></t:EmailAddresses>'
        '<t:PhysicalAddresses><t:Entry Key="Home"><t:Street>Via Roma 1</t:Street><t:City>Udine</t:City></t:Entry>'
        "</t:PhysicalAddresses>"
        f'<t:PhoneNumbers><t:Entry Key="BusinessPhone">{phone}</t:Entry><t:Entry Key="MobilePhone"/></t:PhoneNumbers>'
    )


@pytest.fixture
def exchange(schema: etree.XMLSchema | None) -> Iterator[tuple[Exchange, Callable[..., Source]]]:
    made = Exchange(schema)

    def answer(asked: Asked) -> Given:
        if asked.headers.get("authorization") != f"Basic {PAIR}":
            return Given(status=401, headers={"WWW-Authenticate": "Basic"})
        return made.answer(asked)

    with serving(answer) as peer:
        url = f"{peer.url}/EWS/Exchange.asmx"
        yield made, lambda **more: opened(url, **{"auth": "basic", "user": "anna", "secret": "s", **more})


def opened(url: str, **settings: object) -> Source:
    return KINDS["exchange"].open(parse({"url": url, **settings}, EwsSettings))


def mark(items: list[Item]) -> str:
    assert isinstance(items[-1], Mark)
    return items[-1].cursor


def names(items: list[Item]) -> list[object]:
    return [item.values["DisplayName"] for item in items if isinstance(item, Record)]


def test_contacts_and_then_only_what_changed(exchange: tuple[Exchange, Callable[..., Source]]) -> None:
    fake, source = exchange
    private = "<t:Sensitivity>Private</t:Sensitivity><t:Body BodyType=\"Text\">note</t:Body>"
    fake.log += [(f"i{n}", contact(f"Name {n}")) for n in range(5)] + [("i9", contact("Anna", before=private))]
    made = source()
    assert made.check().version == "15.2"
    first = list(made.read(None))
    assert names(first) == ["Name 0", "Name 1", "Name 2", "Name 3", "Name 4", "Anna"]
    assert isinstance(first[5], Record)
    assert first[5] == Record("i9", {
        "Private": "yes", "Body": "note", "DisplayName": "Anna", "CompanyName": "Rossi & Figli",
        "EmailAddresses.EmailAddress1": "a@company.example", "PhysicalAddresses.Home.Street": "Via Roma 1",
        "PhysicalAddresses.Home.City": "Udine", "PhoneNumbers.BusinessPhone": "0432 1",
    })  # fmt: skip
    meanings = {column.name: column.field for column in made.columns()}
    assert meanings["PhysicalAddresses.Home.Street"] == "private_street"
    assert (meanings["Private"], meanings["PhoneNumbers.MobilePhone"]) == ("private_contact", "phone_mobile")
    assert [type(item) for item in made.read(mark(first))] == [Mark]
    fake.log += [("i1", contact("Renamed")), ("i2", None), ("i7", contact("New"))]
    second = list(made.read(mark(first)))
    assert names(second) == ["Renamed", "New"]
    assert [item.key for item in second if isinstance(item, Gone)] == ["i2"]


def test_mailboxes_of_others_and_in_their_name(exchange: tuple[Exchange, Callable[..., Source]]) -> None:
    fake, source = exchange
    fake.log += [("i1", contact("Anna"))]
    found = list(source(mailboxes=["ben&co@company.example"], impersonate=True).read(None))
    assert names(found) == ["Anna"]
    with pytest.raises(Fault) as caught:
        source(mailboxes=["nobody@company.example"]).check()
    assert caught.value.code == "source-not-there"


def test_a_state_that_is_not_known_is_of_no_use(exchange: tuple[Exchange, Callable[..., Source]]) -> None:
    fake, source = exchange
    fake.log += [("i1", contact("Anna"))]
    cursor = mark(list(source().read(None)))
    fake.knows_from = 9
    for useless in (cursor, "nonsense", "{}"):
        with pytest.raises(Fault) as caught:
            list(source().read(useless))
        assert caught.value.code == READ_ALL


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("ErrorAccessDenied", "source-forbidden"),
        ("ErrorFolderNotFound", "source-not-there"),
        ("ErrorInternalServerError", "source-refused"),
    ],
)
def test_no_is_said_in_words(exchange: tuple[Exchange, Callable[..., Source]], code: str, ours: str) -> None:
    fake, source = exchange
    fake.trouble = code
    with pytest.raises(Fault, match=code) as caught:
        source().check()
    assert caught.value.code == ours


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Given(b"<html/>"), "source-garbled"),
        (Given(b"hello"), "source-garbled"),
        (Given(status=404), "source-not-there"),
    ],
)
def test_what_is_no_exchange_is_said(given: Given, code: str) -> None:
    with serving(lambda asked: given) as peer, pytest.raises(Fault) as caught:
        opened(peer.url, auth="basic", user="anna", secret="s").check()
    assert caught.value.code == code


def test_a_busy_server_is_asked_again(
    exchange: tuple[Exchange, Callable[..., Source]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, source = exchange
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        fake.trouble = ""

    monkeypatch.setattr(time, "sleep", sleep)
    fake.trouble = "ErrorServerBusy"
    source().check()
    assert slept == [1.0]


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "users").write_text("CORP:anna:sésame\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / "users"))


def ntlm(exchange: Exchange, bindings: GssChannelBindings | None) -> Callable[[Asked], Given]:
    """A door that lets in who signs in by NTLM on this connection, as pyspnego's server judges it."""
    under_way: dict[int, Any] = {}

    def answer(asked: Asked) -> Given:
        said = asked.headers.get("authorization", "")
        context = under_way.get(asked.connection)
        if context is not None and context.complete and not said:
            return exchange.answer(asked)
        if not said:
            return Given(status=401, headers={"WWW-Authenticate": "Negotiate, NTLM"})
        if context is None:
            context = spnego.server("127.0.0.1", "HTTP", channel_bindings=bindings, protocol="ntlm")
            under_way[asked.connection] = context
        try:
            token = context.step(base64.b64decode(said.removeprefix("NTLM ")))
        except spnego.exceptions.SpnegoError:
            return Given(status=401, headers={"WWW-Authenticate": "NTLM"})
        if context.complete:
            return exchange.answer(asked)
        return Given(status=401, headers={"WWW-Authenticate": f"NTLM {base64.b64encode(token or b'').decode()}"})

    return answer


@pytest.mark.usefixtures("users")
def test_ntlm_signs_a_connection_in(schema: etree.XMLSchema | None) -> None:
    fake = Exchange(schema, [("i1", contact("Anna"))])
    with serving(ntlm(fake, None)) as peer:
        source = opened(peer.url, user="CORP\\anna", secret="sésame")
        assert names(list(source.read(None))) == ["Anna"]
        assert [each.headers.get("authorization", "")[:4] for each in peer.asked] == ["", "NTLM", "NTLM", "", "", ""]
        with pytest.raises(Fault) as caught:
            opened(peer.url, user="CORP\\anna", secret="wrong").check()
        assert caught.value.code == "source-sign-in"


@pytest.mark.usefixtures("users")
def test_ntlm_is_tied_to_the_encrypted_connection(schema: etree.XMLSchema | None, tmp_path: Path) -> None:
    import hashlib

    pair = certificate(tmp_path, "IP:127.0.0.1")
    der = ssl.PEM_cert_to_DER_cert(pair[0].read_text())
    right = GssChannelBindings(application_data=b"tls-server-end-point:" + hashlib.sha256(der).digest())
    wrong = GssChannelBindings(application_data=b"tls-server-end-point:" + bytes(32))
    for bindings, well in ((right, True), (wrong, False)):
        with serving(ntlm(Exchange(schema), bindings), pair) as peer:
            source = opened(peer.url, user="CORP\\anna", secret="sésame", ca_file=str(pair[0]))
            if well:
                source.check()
                continue
            with pytest.raises(Fault) as caught:
                source.check()
            assert caught.value.code == "source-sign-in"


def test_oauth(schema: etree.XMLSchema | None) -> None:
    fake = Exchange(schema, [("i1", contact("Anna"))])

    def answer(asked: Asked) -> Given:
        if asked.path == "/tenant.example/oauth2/v2.0/token":
            assert asked.form["scope"] == "https://outlook.office365.com/.default"
            return as_json({"access_token": "tok", "expires_in": 3600})
        return fake.answer(asked) if asked.headers.get("authorization") == "Bearer tok" else Given(status=401)

    with serving(answer) as peer:
        more = {"auth": "oauth", "user": "app", "secret": "s", "tenant": "tenant.example", "authority": peer.url}
        assert names(list(opened(f"{peer.url}/EWS", **more).read(None))) == ["Anna"]
        with pytest.raises(Invalid):
            opened(f"{peer.url}/EWS", **{**more, "tenant": ""})


def test_the_schema_is_at_hand(schema: etree.XMLSchema | None) -> None:
    if schema is None:
        pytest.skip("Microsoft's schema of Exchange Web Services is not beside the project; the fake was not held against it")
    odd = etree.fromstring(f"<m:SyncFolderItems {_SPACES}><m:SyncState>x</m:SyncState></m:SyncFolderItems>".encode())
    assert not schema.validate(odd)
