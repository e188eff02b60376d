"""CardDAV, spoken to as a client does: discovery, listings, reports, refusals."""

import base64
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree
from structlog.testing import capture_logs
from tests.rooms.test_phonebooks_doors import ANNA, BOSS, SILENT, contact, put
from tests.rooms.web_house import PASSWORD, House, open_house

from unisono.directory.index import Layer
from unisono.directory.ldap.model import Profile
from unisono.directory.phonebooks import service
from unisono.directory.phonebooks.carddav import reports
from unisono.directory.phonebooks.carddav.asked import PIECE
from unisono.directory.segment import build
from unisono.directory.service import NewContact

D, C, S = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}", "{http://calendarserver.org/ns/}"
NS = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:S="http://calendarserver.org/ns/"'


BEN = contact(2, "Ben Müller", company="")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        put(house, "crm", ANNA, BEN, SILENT)
        put(house, "board", BOSS)
        ldap = house.rooms.ldap
        await ldap.save(Profile("all", "All", books=("crm", "own"), people=(house.ids["anna"],)))
        await ldap.save(Profile("board", "Board", books=("board",), people=(house.ids["ben"],)))
        yield house


class Client:
    """A program that synchronises address books."""

    def __init__(self, house: House, login: str, password: str = PASSWORD) -> None:
        self.http = house.client()
        self.http.base_url = httpx.URL("https://unisono.example")
        pair = base64.b64encode(f"{login}:{password}".encode()).decode()
        self.http.headers["Authorization"] = f"Basic {pair}"
        self.home = f"/carddav/books/{house.ids.get(login, 'x')}/"

    async def ask(self, method: str, path: str, body: str = "", depth: str = "0", **headers: str) -> httpx.Response:
        return await self.http.request(method, path, content=body.encode(), headers={"Depth": depth, **headers})

    async def found(self, method: str, path: str, body: str = "", depth: str = "0") -> dict[str, dict[str, Any]]:
        """Addresses with the properties that were found; None where the resource is not there."""
        answer = await self.ask(method, path, body, depth)
        assert answer.status_code == 207, answer.text
        return parsed(answer.content)


def parsed(content: bytes) -> dict[str, dict[str, Any]]:
    root = etree.fromstring(content)
    assert root.tag == f"{D}multistatus"
    found: dict[str, dict[str, Any]] = {}
    for response in root.iterfind(f"{D}response"):
        properties: dict[str, Any] = {"status": response.findtext(f"{D}status", "")}
        for propstat in response.iterfind(f"{D}propstat"):
            if " 200 " in propstat.findtext(f"{D}status", ""):
                properties |= {str(each.tag): each for each in propstat.iterfind(f"{D}prop/*")}
        found[response.findtext(f"{D}href", "")] = properties
    token = root.findtext(f"{D}sync-token")
    if token is not None:
        found["token"] = {"token": token}
    return found


def prop(*names: str) -> str:
    return f'<D:propfind {NS}><D:prop>{"".join(f"<{name}/>" for name in names)}</D:prop></D:propfind>'


def sync(token: str = "", limit: int = 0) -> str:
    most = f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>" if limit else ""
    inner = f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{most}<D:prop><D:getetag/></D:prop>"
    return f"<D:sync-collection {NS}>{inner}</D:sync-collection>"


def query(filters: str, test: str = "anyof", limit: int = 0) -> str:
    most = f"<C:limit><C:nresults>{limit}</C:nresults></C:limit>" if limit else ""
    wanted = "<D:prop><D:getetag/><C:address-data/></D:prop>"
    return f'<C:addressbook-query {NS}>{wanted}<C:filter test="{test}">{filters}</C:filter>{most}</C:addressbook-query>'


async def test_a_client_finds_its_address_books(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        moved = await anna.ask("PROPFIND", "/.well-known/carddav")
        assert (moved.status_code, moved.headers["location"]) == (301, "/carddav/")
        options = await anna.ask("OPTIONS", "/carddav/")
        assert "addressbook" in options.headers["dav"]
        assert "REPORT" in options.headers["allow"]
        [start] = (await anna.found("PROPFIND", "/carddav/", prop("D:current-user-principal"))).values()
        principal = start[f"{D}current-user-principal"].findtext(f"{D}href")
        [person] = (await anna.found("PROPFIND", principal, prop("C:addressbook-home-set", "D:displayname"))).values()
        assert person[f"{D}displayname"].text == "Anna Test"
        home = person[f"{C}addressbook-home-set"].findtext(f"{D}href")
        assert home == anna.home
        books = await anna.found("PROPFIND", home, prop("D:resourcetype", "D:displayname", "S:getctag", "D:sync-token"), "1")
        assert set(books) == {home, f"{home}crm/", f"{home}own/"}
        crm = books[f"{home}crm/"]
        assert crm[f"{D}resourcetype"].find(f"{C}addressbook") is not None
        assert crm[f"{S}getctag"].text
        assert crm[f"{D}sync-token"].text.startswith("urn:")


async def test_all_and_named_and_only_names_of_properties(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        path = f"{anna.home}crm/"
        everything = (await anna.found("PROPFIND", path))[path]
        assert everything[f"{C}addressbook-description"].text == "crm: 3"
        reports_ = [each[0][0].tag for each in everything[f"{D}supported-report-set"]]
        assert set(reports_) == {f"{C}addressbook-query", f"{C}addressbook-multiget", f"{D}sync-collection"}
        assert everything[f"{D}current-user-privilege-set"][0][0].tag == f"{D}read"
        names = (await anna.found("PROPFIND", path, f"<D:propfind {NS}><D:propname/></D:propfind>"))[path]
        assert names.keys() == everything.keys()
        foreign = '<X:y xmlns:X="urn:x&amp;y"/><z/>'
        answer = await anna.ask("PROPFIND", path, f"<D:propfind {NS}><D:prop>{foreign}</D:prop></D:propfind>")
        assert "404 Not Found" in answer.text
        missing = etree.fromstring(answer.content).findall(f".//{D}prop/*")
        assert [each.tag for each in missing] == ["{urn:x&y}y", "z"]


async def test_cards_are_listed_and_read(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        wanted = prop("D:getetag", "D:resourcetype", "D:getcontenttype", "D:getcontentlength")
        listed = await anna.found("PROPFIND", f"{anna.home}crm/", wanted, "1")
        paths = [path for path, found in listed.items() if f"{D}getcontenttype" in found]
        assert len(paths) == 3
        nowhere = (f"{anna.home}crm/none.vcf", "/elsewhere.vcf", "https://[/")
        hrefs = "".join(f"<D:href>{path}</D:href>" for path in (*paths, *nowhere))
        body = f"<C:addressbook-multiget {NS}><D:prop><D:getetag/><C:address-data/></D:prop>{hrefs}</C:addressbook-multiget>"
        cards = await anna.found("REPORT", f"{anna.home}crm/", body)
        assert all(" 404 " in cards[path]["status"] for path in nowhere)
        for path in paths:
            card = await anna.ask("GET", path)
            assert card.text == cards[path][f"{C}address-data"].text
            length = card.headers["content-length"]
            assert length == listed[path][f"{D}getcontentlength"].text == str(len(card.content))
            assert card.headers["etag"] == cards[path][f"{D}getetag"].text == listed[path][f"{D}getetag"].text
            etag = card.headers["etag"]
            for conditions, status in (
                ({"If-None-Match": etag}, 304),
                ({"If-None-Match": f'"zz", W/{etag}'}, 304),
                ({"If-None-Match": "*"}, 304),
                ({"If-None-Match": '"zz"'}, 200),
                ({"If-Match": etag}, 200),
                ({"If-Match": f'"zz", {etag}'}, 200),
                ({"If-Match": "*"}, 200),
                ({"If-Match": '"zz"'}, 412),
                ({"If-Match": f"W/{etag}"}, 412),
                ({"If-Match": '"zz"', "If-None-Match": "*"}, 412),
            ):
                assert (await anna.ask("GET", path, **conditions)).status_code == status, conditions
                assert (await anna.ask("HEAD", path, **conditions)).status_code == status, conditions
            head = await anna.ask("HEAD", path)
            assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", card.headers["etag"])
            assert head.headers["content-length"] == length
        texts = " ".join(cards[path][f"{C}address-data"].text for path in paths)
        assert "FN:Anna <Rossi>\r\n" in texts
        assert "VERSION:3.0" in texts


async def test_a_card_in_another_version_and_in_part(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        data = '<C:address-data version="4.0"><C:prop name="FN"/><C:prop name="TEL"/></C:address-data>'
        path = f"{anna.home}crm/{ANNA.id}.vcf"
        multiget = f"<C:addressbook-multiget {NS}><D:prop>{data}</D:prop><D:href>{path}</D:href></C:addressbook-multiget>"
        [found] = (await anna.found("REPORT", f"{anna.home}crm/", multiget)).values()
        lines = found[f"{C}address-data"].text.split("\r\n")
        assert [line.partition(":")[0].partition(";")[0] for line in lines if line] == [
            "BEGIN", "VERSION", "FN", "TEL", "TEL", "TEL", "END",
        ]  # fmt: skip
        assert "VERSION:4.0" in lines
        wrong = await anna.ask("REPORT", f"{anna.home}crm/", multiget.replace('"4.0"', '"2.1"'))
        assert wrong.status_code == 403
        assert "supported-address-data" in wrong.text


async def test_a_whole_large_book_is_asked_by_its_addresses(house: House) -> None:
    """As vdirsyncer does: it lists a book, and names every card in one report."""
    put(house, "crm", *(contact(number, f"Carla {number}") for number in range(20_000, 22_500)))
    async with (anna := Client(house, "anna")).http:
        path = f"{anna.home}crm/"
        wanted = {f"{path}{number:032x}.vcf" for number in range(20_000, 22_500)}
        gone = [f"{path}{number:032x}.vcf" for number in range(40_000, 57_500)]
        hrefs = "".join(f"<D:href>{each}</D:href>" for each in (*sorted(wanted), *gone))
        body = f"<C:addressbook-multiget {NS}><D:prop><C:address-data/></D:prop>{hrefs}</C:addressbook-multiget>"
        found = await anna.found("REPORT", path, body)
        assert {each for each in found if f"{C}address-data" in found[each]} == wanted
        assert {each for each in found if " 404 " in found[each]["status"]} == set(gone)


async def test_others_have_their_turn_while_a_large_body_is_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a piece takes here: after each that took its time the event loop is asked for the next one."""
    books, pieces = house.rooms.phonebooks, 0
    beside = books.beside

    async def counted(work: Any) -> Any:
        nonlocal pieces
        pieces += 1
        return await beside(work)

    monkeypatch.setattr(books, "beside", counted)
    monkeypatch.setattr(service, "_SLICE_SECONDS", 0.0)
    async with (anna := Client(house, "anna")).http:
        path = f"{anna.home}crm/"
        hrefs = f"<D:href>{path}{7:032x}.vcf</D:href>" + "<D:href>/elsewhere</D:href>" * 40_000 + " " * 2_000_000
        body = f"<C:addressbook-multiget {NS}><D:prop><D:getetag/></D:prop>{hrefs}</C:addressbook-multiget>"
        assert len(body) > 3_000_000
        assert len(await anna.found("REPORT", path, body)) == 2
    assert pieces >= len(body) / PIECE


def named(name: str, inner: str = "", test: str = "anyof") -> str:
    return f'<C:prop-filter name="{name}" test="{test}">{inner}</C:prop-filter>'


def has(text: str, **options: str) -> str:
    written = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in options.items())
    return f"<C:text-match{written}>{text}</C:text-match>"


A, B, E = "Anna <Rossi>", "Ben Müller", "Bert Silent"
CELL = '<C:param-filter name="TYPE"><C:text-match>cell</C:text-match></C:param-filter>'


QUERIES: list[tuple[str, str, set[str]]] = [
    (named("FN", has("ROSSI")), "anyof", {A}),
    (named("fn", has("be", match_type="starts-with")), "anyof", {B, E}),
    (named("FN", has("ben müller", match_type="equals")), "anyof", {B}),
    (named("FN", has("Silent", match_type="ends-with", collation="i;octet")), "anyof", {E}),
    (named("FN", has("silent", collation="i;octet")), "anyof", set()),
    (named("FN", has("rossi", negate_condition="yes")), "anyof", {B, E}),
    (named("TEL", "<C:is-not-defined/>"), "anyof", {E}),
    (named("TEL", has("3471234")), "anyof", {A}),
    (named("TEL", CELL), "anyof", {A}),
    (named("TEL", CELL.replace("cell", "pager")), "anyof", set()),
    (named("TEL", '<C:param-filter name="TYPE"/>'), "anyof", {A, B}),
    (named("TEL", '<C:param-filter name="TYPE"><C:is-not-defined/></C:param-filter>'), "anyof", set()),
    (named("TEL") + named("ORG"), "allof", {A}),
    (named("TEL") + named("FN", has("silent")), "anyof", {A, B, E}),
    (named("FN", has("b") + has("ll"), "allof"), "anyof", {B}),
    (named("ORG", has("söhne")), "anyof", {A}),
    ("", "anyof", {A, B, E}),
]


async def test_a_query_finds_what_fits(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        for filters, test, names in QUERIES:
            found = await anna.found("REPORT", f"{anna.home}crm/", query(filters, test), "1")
            shown = {name for each in found.values() if f"{C}address-data" in each for name in names_in(each)}
            assert shown == names, filters


def names_in(found: dict[str, Any]) -> list[str]:
    return [line[3:] for line in found[f"{C}address-data"].text.split("\r\n") if line.startswith("FN:")]


async def test_a_large_book_is_asked_by_its_index(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LOOKED_AT_MOST", 50)
    monkeypatch.setattr(reports, "LISTED_MOST", 50)
    put(house, "crm", *(contact(number, f"Carla {number}") for number in range(1000, 1300)), ANNA)
    async with (anna := Client(house, "anna")).http:
        path = f"{anna.home}crm/"
        found = await anna.found("REPORT", path, query(named("FN", has("rossi"))), "1")
        assert [names_in(each) for each in found.values()] == [["Anna <Rossi>"]]
        assert " 507 " in (await anna.found("REPORT", path, query(named("NOTE", has("rossi"))), "1"))[path]["status"]
        limited = await anna.found("REPORT", path, query("", limit=7), "1")
        assert len([each for each in limited.values() if f"{C}address-data" in each]) == 7
        assert " 507 " in limited[path]["status"]
        listed = await anna.ask("PROPFIND", path, prop("D:getetag"), "1")
        assert listed.status_code == 507
        assert "sync-collection" in listed.text
        assert (await anna.ask("PROPFIND", path, prop("D:getetag"), "0")).status_code == 207


async def everything(client: Client, path: str, token: str = "", limit: int = 0) -> tuple[set[str], set[str], str]:
    """What is there and what is gone, over as many answers as it takes, and the token at the end."""
    there: set[str] = set()
    gone: set[str] = set()
    for _ in range(100):
        found = await client.found("REPORT", path, sync(token, limit))
        token = found.pop("token")["token"]
        more = " 507 " in found.pop(path, {"status": ""})["status"]
        assert not limit or len(found) <= limit
        there |= {href for href, each in found.items() if f"{D}getetag" in each}
        gone |= {href for href, each in found.items() if " 404 " in each["status"]}
        if not more:
            return there, gone, token
    raise AssertionError("there is no end")


@pytest.mark.parametrize("limit", [0, 1, 2, 7])
async def test_changes_are_told_from_a_token_on(house: House, limit: int) -> None:
    directory = house.rooms.directory
    async with (anna := Client(house, "anna")).http:
        path = f"{anna.home}crm/"
        there, gone, token = await everything(anna, path, limit=limit)
        assert (len(there), gone) == (3, set())
        assert await everything(anna, path, token, limit) == (set(), set(), token)
        put(house, "board", BOSS, contact(901, "Another Boss", "board"))
        assert await everything(anna, path, token, limit) == (set(), set(), token), "others' books change nothing"
        layers = [part.layer for part in reversed(directory.index.books["crm"])]
        for removed in (BEN, SILENT):  # two layers that only take away
            layers.append(Layer(build([], "crm"), frozenset({removed.id})))
            directory._index = directory.index.with_book("crm", *layers)
            there, gone, token = await everything(anna, path, token, limit)
            assert (there, gone) == (set(), {f"{path}{removed.id}.vcf"})
        layers.append(Layer(build([contact(5, "New One")], "crm")))
        directory._index = directory.index.with_book("crm", *layers)
        there, gone, token = await everything(anna, path, token, limit)
        assert (there, gone) == ({f"{path}{5:032x}.vcf"}, set())
        put(house, "crm", ANNA)  # made anew: nobody knows what was there before
        refused = await anna.ask("REPORT", path, sync(token))
        assert refused.status_code == 403
        assert etree.fromstring(refused.content).find(f"{D}valid-sync-token") is not None


async def test_a_book_written_by_hand_begins_anew(house: House) -> None:
    kept = await house.rooms.directory.create(NewContact("Carla Hand"), "")
    gone = await house.rooms.directory.create(NewContact("Dora Hand"), "")
    async with (anna := Client(house, "anna")).http:
        path = f"{anna.home}own/"
        there, _, token = await everything(anna, path)
        assert len(there) == 2
        await house.rooms.directory.remove(gone.id)
        assert (await anna.ask("REPORT", path, sync(token))).status_code == 403
        there, _, token = await everything(anna, path)
        assert there == {f"{path}{kept.id}.vcf"}
        assert await everything(anna, path, token) == (set(), set(), token)


async def test_a_token_that_is_none_is_refused(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        tokens = product(("urn:unisono:sync:", "nonsense"), ("", "m:", "m:AAAA", "c:gA", "x:gA", "m:wsQAxAA"), ("crm", "own"))
        for scheme, token, book in tokens:
            answer = await anna.ask("REPORT", f"{anna.home}{book}/", sync(f"{scheme}{token}"))
            assert answer.status_code == 403
            assert "valid-sync-token" in answer.text


async def test_a_person_never_sees_anothers_book(house: House) -> None:
    async with (anna := Client(house, "anna")).http, (ben := Client(house, "ben")).http:
        crm, board = f"{anna.home}crm/", f"{ben.home}board/"
        _, _, token = await everything(ben, board)
        assert not any("board" in path for path in await anna.found("PROPFIND", anna.home, prop("S:getctag"), "1"))
        card = f"{board}{BOSS.id}.vcf"
        mine = (f"{anna.home}board/", f"{anna.home}board/{BOSS.id}.vcf", f"{anna.home}crm/{BOSS.id}.vcf")
        nobodys = ("/carddav/books//", "/carddav/books//crm/", "/carddav/people//")
        for path in (board, ben.home, card, *mine, *nobodys):
            for method, body in (("PROPFIND", ""), ("REPORT", sync()), ("GET", "")):
                answer = await anna.ask(method, path, body)
                assert answer.status_code == 404, (method, path)
                assert "Capo" not in answer.text
        hrefs = "".join(f"<D:href>{path}</D:href>" for path in (card, f"{crm}{BOSS.id}.vcf", f"{anna.home}board/{BOSS.id}.vcf"))
        body = f"<C:addressbook-multiget {NS}><D:prop><C:address-data/></D:prop>{hrefs}</C:addressbook-multiget>"
        assert all(" 404 " in each["status"] for each in (await anna.found("REPORT", crm, body)).values())
        for filters in ("", named("FN", has("capo"))):
            assert "Capo" not in (await anna.ask("REPORT", crm, query(filters))).text
        assert (await anna.ask("REPORT", crm, sync(token))).status_code == 403
        before = await anna.ask("PROPFIND", anna.home, "", "1")
        put(house, "board", *(contact(number, f"Boss {number}", "board") for number in range(950, 990)))
        assert (await anna.ask("PROPFIND", anna.home, "", "1")).text == before.text


async def test_a_profile_that_is_taken_away_takes_the_book_along(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        assert (await anna.ask("GET", f"{anna.home}crm/{ANNA.id}.vcf")).status_code == 200
        await house.rooms.ldap.save(Profile("all", "All", books=("own",), people=(house.ids["anna"],)))
        assert (await anna.ask("GET", f"{anna.home}crm/{ANNA.id}.vcf")).status_code == 404
        assert (await anna.ask("REPORT", f"{anna.home}crm/", sync())).status_code == 404


async def test_nothing_is_written(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        for method in ("PUT", "DELETE", "PROPPATCH", "MKCOL", "MOVE", "COPY", "POST", "LOCK", "ACL"):
            answer = await anna.ask(method, f"{anna.home}crm/{ANNA.id}.vcf", "BEGIN:VCARD")
            assert answer.status_code == 403
            error = etree.fromstring(answer.content)
            assert error.tag == f"{D}error"
            assert error.find(f"{D}need-privileges/{D}resource/{D}privilege/{D}write") is not None
        assert (await anna.ask("BREW", anna.home)).status_code == 405


async def test_who_may_come_in(house: House) -> None:
    people = house.rooms.people
    _, token = await people.sign_in.add_token(house.ids["anna"], "phone", ("read",), None)
    _, calls = await people.sign_in.add_token(house.ids["anna"], "calls", ("calls",), None)
    for login, password, status in (
        ("anna", token, 207),
        ("ANNA", token, 207),
        ("ben", token, 401),
        ("anna", calls, 403),
        ("anna", "wrong", 401),
        ("nobody", PASSWORD, 401),
        ("", "", 401),
    ):
        async with (client := Client(house, login, password)).http:
            answer = await client.ask("PROPFIND", "/carddav/", prop("D:displayname"))
            assert answer.status_code == status, login
            assert ("www-authenticate" in answer.headers) is (status == 401)
    async with (anna := Client(house, "anna")).http:
        plain = await anna.ask("PROPFIND", "http://unisono.example/carddav/")
        assert (plain.status_code, "https" in plain.text) == (403, True)
        del anna.http.headers["Authorization"]
        assert (await anna.ask("PROPFIND", "/carddav/")).status_code == 401
        assert (await anna.ask("PUT", f"{anna.home}crm/a.vcf")).status_code == 401


async def test_a_changed_password_opens_nothing_more(house: House) -> None:
    people = house.rooms.people
    async with (anna := Client(house, "anna")).http:
        assert (await anna.ask("PROPFIND", "/carddav/")).status_code == 207
        assert (await anna.ask("PROPFIND", "/carddav/")).status_code == 207
        user = people.need_user(house.ids["anna"])
        await people.save_user(user, "another pass phrase")
        assert (await anna.ask("PROPFIND", "/carddav/")).status_code == 401


async def test_wrong_passwords_are_slowed_down_and_logged(house: House) -> None:
    async with (anna := Client(house, "anna", "guessed")).http:
        with capture_logs() as logs:
            answers = [await anna.ask("PROPFIND", "/carddav/") for _ in range(12)]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert any(each["event"] == "a sign-in was refused" and each["name"] == "anna" for each in logs)
    assert "guessed" not in str(logs)


LAUGHS = '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><D:propfind xmlns:D="DAV:"><D:prop>&c;</D:prop></D:propfind>'


BAD: list[tuple[str, str, int]] = [
    ("PROPFIND", "<", 400),
    ("PROPFIND", "<D:propfind/>", 400),
    ("PROPFIND", '<D:other xmlns:D="DAV:"/>', 400),
    ("PROPFIND", LAUGHS, 400),
    ("PROPFIND", f"<D:propfind {NS}>{'<a>' * 5000}{'</a>' * 5000}</D:propfind>", 400),
    ("PROPFIND", prop(*(f"D:p{number}" for number in range(101))), 400),
    ("PROPFIND", "x" * (4 * 1024 * 1024 + 1), 413),
    ("REPORT", "", 400),
    ("REPORT", '<D:expand-property xmlns:D="DAV:"/>', 403),
    ("REPORT", sync(limit=1).replace(">1<", ">0<"), 400),
    ("REPORT", sync(limit=1).replace(">1<", ">²<"), 400),
    ("REPORT", query(named("FN", has("a", collation="i;x"))), 403),
    ("REPORT", query(named("FN", has("a", match_type="x"))), 403),
    ("REPORT", query("<C:prop-filter/>"), 403),
    ("REPORT", query("", "someof"), 403),
    ("REPORT", query(named("FN") * 51), 403),
    ("REPORT", f"<C:addressbook-multiget {NS}>{'<D:href/>' * 100_000}</C:addressbook-multiget>", 400),
]


async def test_a_bad_body_is_refused_in_words(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        for method, body, status in BAD:
            answer = await anna.ask(method, f"{anna.home}crm/", body)
            assert answer.status_code == status, (body[:200], answer.text)
            assert etree.fromstring(answer.content).tag == f"{D}error"


async def test_a_depth_without_end_is_refused(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        for depth in ("infinity", "2", ""):
            answer = await anna.ask("PROPFIND", anna.home, "", depth)
            assert answer.status_code == 403
            assert "propfind-finite-depth" in answer.text


async def test_names_of_books_are_escaped(house: House) -> None:
    name = "Söhne & <Töchter>/ 100%"
    put(house, name, contact(7, "Zoe", name))
    await house.rooms.ldap.save(Profile("all", "All", books=(name,), people=(house.ids["anna"],)))
    async with (anna := Client(house, "anna")).http:
        books = await anna.found("PROPFIND", anna.home, prop("D:displayname"), "1")
        [path] = [path for path in books if path != anna.home]
        assert books[path][f"{D}displayname"].text == name
        there, _, _ = await everything(anna, path)
        [card] = there
        assert "FN:Zoe" in (await anna.ask("GET", card)).text
