"""The LDAP door asked by clients that are not ours, each in its own way: python-ldap, ldap3 and bonsai."""

import asyncio
import json
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import bonsai
import ldap
import pytest
from ldap.controls import SimplePagedResultsControl
from ldap.controls.sss import SSSRequestControl, SSSResponseControl
from ldap.controls.vlv import VLVRequestControl, VLVResponseControl
from ldap.schema import SubSchema
from tests.rooms.ldap_house import PASSWORD, PEOPLE, Ldap, open_ldap, people, publish

from unisono.directory.ldap.model import Configuration

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it imports
    import ldap3

T = TypeVar("T")
BASE = "dc=meta"
ANNA = "cn=anna,dc=meta"
MANY = 120
NAMES = [f"Name {n:03}" for n in range(MANY)]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Ldap]:
    async with open_ldap(tmp_path) as made:
        publish(made.folder, {"crm": people(NAMES, "crm")})
        async with asyncio.timeout(60):
            while len(await made.search("(cn=*)", "1.1")) != MANY:
                pass
        yield made


async def beside(work: Callable[[], T]) -> T:
    """A client that waits, in a thread."""
    async with asyncio.timeout(60):
        return await asyncio.to_thread(work)


# python-ldap, over OpenLDAP's library


def connected(url: str) -> Any:
    client = ldap.initialize(url)
    client.set_option(ldap.OPT_PROTOCOL_VERSION, 3)
    client.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
    client.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_NEVER)
    client.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    return client


async def test_python_ldap_binds_searches_and_compares(door: Ldap) -> None:
    def work() -> None:
        client = connected(door.url)
        assert client.whoami_s() == ""
        client.start_tls_s()
        with pytest.raises(ldap.INVALID_CREDENTIALS):
            client.simple_bind_s(ANNA, "wrong")
        client.simple_bind_s(ANNA, PASSWORD)
        assert client.whoami_s() == "u:anna"
        [(dn, attributes)] = client.search_s(BASE, ldap.SCOPE_SUBTREE, "(cn=name 007)", ["cn", "telephoneNumber"])
        assert attributes == {"cn": [b"Name 007"], "telephoneNumber": [b"+390432550008"]}
        [(same, whole)] = client.search_s(dn, ldap.SCOPE_BASE, attrlist=["*", "+"])
        assert (same, whole["entryDN"]) == (dn, [dn.encode()])
        [[(kind, value, _)], *_] = ldap.dn.str2dn(dn)
        assert whole[kind] == [value.encode()], "the entry has what it is named by"
        for asked, shown in ((["*"], False), (None, False), (["*", kind], True)):
            [(_, some)] = client.search_s(dn, ldap.SCOPE_BASE, attrlist=asked)
            assert (kind in some) is shown, "an operational attribute, as the guide says"
        assert client.compare_s(dn, "sn", b"007")
        assert not client.compare_s(dn, "sn", b"other")
        with pytest.raises(ldap.NO_SUCH_OBJECT):
            client.search_s("ou=nothing,dc=meta", ldap.SCOPE_BASE)
        with pytest.raises(ldap.UNWILLING_TO_PERFORM):
            client.modify_s(dn, [(ldap.MOD_REPLACE, "sn", b"x")])
        with pytest.raises(ldap.UNWILLING_TO_PERFORM):
            client.delete_s(dn)
        client.unbind_s()

    await beside(work)


async def test_python_ldap_pages_sorts_and_reads_a_part_of_a_list(door: Ldap) -> None:
    def pages(client: Any) -> list[str]:
        found: list[str] = []
        control = SimplePagedResultsControl(True, 50, "")
        while True:
            number = client.search_ext(BASE, ldap.SCOPE_SUBTREE, "(cn=*)", ["cn"], serverctrls=[control])
            _, entries, _, controls = client.result3(number)
            found += [values["cn"][0].decode() for _, values in entries]
            control.cookie = next(c.cookie for c in controls if c.controlType == control.controlType)
            if not control.cookie:
                return found

    def work() -> None:
        client = connected(door.tls_url)
        client.simple_bind_s(ANNA, PASSWORD)
        assert sorted(pages(client)) == NAMES
        backwards = SSSRequestControl(True, ["-cn"])
        number = client.search_ext(BASE, ldap.SCOPE_SUBTREE, "(cn=*)", ["cn"], serverctrls=[backwards])
        _, entries, _, controls = client.result3(number, resp_ctrl_classes={SSSResponseControl.controlType: SSSResponseControl})
        assert [values["cn"][0].decode() for _, values in entries] == NAMES[::-1]
        assert [c.controlType for c in controls] == [SSSResponseControl.controlType]
        listed = VLVRequestControl(True, before_count=2, after_count=3, offset=61, content_count=0)
        number = client.search_ext(
            BASE, ldap.SCOPE_SUBTREE, "(cn=*)", ["cn"], serverctrls=[SSSRequestControl(True, ["cn"]), listed]
        )
        known = {VLVResponseControl.controlType: VLVResponseControl, SSSResponseControl.controlType: SSSResponseControl}
        _, entries, _, controls = client.result3(number, resp_ctrl_classes=known)
        assert [values["cn"][0].decode() for _, values in entries] == NAMES[58:64]
        [view] = [c for c in controls if c.controlType == VLVResponseControl.controlType]
        assert (view.target_position, view.content_count) == (61, MANY)

    await beside(work)


async def test_python_ldap_reads_the_schema_and_gives_up_a_search(door: Ldap) -> None:
    def work() -> None:
        client = connected(door.url)
        [(_, root)] = client.search_s("", ldap.SCOPE_BASE, "(objectClass=*)", ["subschemaSubentry", "namingContexts"])
        assert root["namingContexts"] == [b"dc=meta"]
        name = root["subschemaSubentry"][0].decode()
        schema = SubSchema(client.read_subschemasubentry_s(name))
        person = schema.get_obj(ldap.schema.ObjectClass, "contactperson")
        assert person is not None
        must, may = schema.attribute_types(["inetOrgPerson", "contactperson"])
        names = {each for attribute in (*must.values(), *may.values()) for each in attribute.names}
        assert {"cn", "telephoneNumber", "metaSearchNumber"} <= names
        number = client.search(BASE, ldap.SCOPE_SUBTREE, "(cn=*)")
        client.abandon(number)
        assert client.search_s(BASE, ldap.SCOPE_SUBTREE, "(cn=name 001)", ["cn"])[0][1]["cn"] == [b"Name 001"]

    await beside(work)


# ldap3, in Python alone


@contextmanager
def of_ldap3(server: Any, *who: str, **how: Any) -> Iterator[Any]:
    """Its own `with` leaves open what was open before."""
    client = ldap3.Connection(server, *who, **{"auto_bind": True, **how})
    try:
        yield client
    finally:
        client.unbind()


async def test_ldap3_reads_everything_about_the_server(door: Ldap) -> None:
    def work() -> None:
        server = ldap3.Server("127.0.0.1", door.port, get_info=ldap3.ALL)
        with of_ldap3(server, ANNA, PASSWORD, auto_bind=ldap3.AUTO_BIND_TLS_BEFORE_BIND) as client:
            assert server.info.naming_contexts == ["dc=meta"]
            assert {"2", "3"} <= set(server.info.supported_ldap_versions)
            assert "contactperson" in server.schema.object_classes
            assert server.schema.attribute_types["telephoneNumber"].single_value is False
            assert client.extend.standard.who_am_i() == "u:anna"
            # With a schema at hand it checks what it is given, and tells values by their syntax.
            assert client.search(BASE, "(&(objectClass=contactperson)(cn=name 01*))", attributes=ldap3.ALL_ATTRIBUTES)
            assert len(client.entries) == 10
            entry = client.entries[0]
            assert (entry.cn.value, entry.sn.value, entry.o.value) == ("Name 010", "010", "ACME")
            assert client.compare(entry.entry_dn, "o", "acme")
            assert client.search(entry.entry_dn, "(objectClass=*)", ldap3.BASE, attributes=ldap3.ALL_OPERATIONAL_ATTRIBUTES)
            kind, value, _ = ldap3.utils.dn.parse_dn(entry.entry_dn)[0]
            assert client.entries[0][kind].value == value
            assert not client.modify(entry.entry_dn, {"sn": [(ldap3.MODIFY_REPLACE, ["x"])]})
            assert client.result["description"] == "unwillingToPerform"
        stranger = ldap3.Connection(server, ANNA, "wrong")
        assert not stranger.bind()
        stranger.unbind()

    await beside(work)


async def test_ldap3_walks_pages_and_finds_numbers(door: Ldap) -> None:
    def work() -> None:
        server = ldap3.Server("127.0.0.1", door.tls_port, use_ssl=True, get_info=ldap3.SCHEMA)
        with of_ldap3(server, ANNA, PASSWORD) as client:
            walked = client.extend.standard.paged_search(BASE, "(cn=*)", attributes=["cn"], paged_size=33, generator=True)
            assert sorted(entry["attributes"]["cn"][0] for entry in walked) == NAMES
            for number in ("+390432550042", "0432 55 0042", "0039-0432-550042"):
                assert client.search(BASE, f"(metaSearchNumber={number})", attributes=["cn"]), number
                assert [entry.cn.value for entry in client.entries] == ["Name 041"]
            assert client.search(BASE, "(|(telephoneNumber=*0042)(mobile=*0042))", attributes=["cn"], size_limit=5)
            assert client.search(BASE, "(cn=*)", attributes=["cn"], size_limit=5) is True
            assert (len(client.entries), client.result["description"]) == (5, "sizeLimitExceeded")

    await beside(work)


# bonsai, over OpenLDAP's library and asyncio


def of_bonsai(url: str, *, tls: bool = False) -> Any:
    client = bonsai.LDAPClient(url, tls)
    client.set_cert_policy("never")
    client.set_credentials("SIMPLE", user=ANNA, password=PASSWORD)
    client.set_raw_attributes(["telephoneNumber"])  # else it makes integers of numbers
    return client


async def test_bonsai_asks_beside_other_work(door: Ldap) -> None:
    client = of_bonsai(door.url, tls=True)
    async with client.connect(is_async=True, timeout=10) as connection:
        assert await connection.whoami() == "u:anna"
        [entry] = await connection.search(BASE, bonsai.LDAPSearchScope.SUB, "(cn=name 007)")
        assert (entry["sn"], entry["telephoneNumber"]) == (["007"], [b"+390432550008"])
        asked = [connection.search(BASE, bonsai.LDAPSearchScope.SUB, f"(cn={name})", ["cn"]) for name in NAMES[:5]]
        found = [await each for each in asked]
        assert [each["cn"] for [each] in found] == [[name] for name in NAMES[:5]]
        pages = await connection.paged_search(BASE, bonsai.LDAPSearchScope.SUB, "(cn=*)", ["cn"], page_size=50)
        assert sorted([entry["cn"][0] async for entry in pages]) == NAMES


_LISTS = """
import json, sys
import bonsai

bonsai.set_connect_async(False)
url, user, password = sys.argv[1:]
client = bonsai.LDAPClient(url)
client.set_cert_policy("never")
client.set_credentials("SIMPLE", user=user, password=password)
SUB = bonsai.LDAPSearchScope.SUB


def names(entries):
    return [entry["cn"][0] for entry in entries]


told = {"contexts": client.get_rootDSE()["namingContexts"]}
with client.connect(timeout=20) as connection:
    told["backwards"] = names(connection.search("dc=meta", SUB, "(cn=*)", ["cn"], sort_order=["-cn"]))
    asked = ("dc=meta", SUB, "(cn=*)", ["cn"])
    part, control = connection.virtual_list_search(
        *asked, sort_order=["cn"], offset=61, before_count=2, after_count=3, est_list_count=120
    )
    told["part"] = names(part), control["target_position"], control["list_count"]
    part, control = connection.virtual_list_search(*asked, sort_order=["cn"], attrvalue="name 090", after_count=1)
    told["from"] = names(part)
client.set_credentials("SIMPLE", user=user, password="wrong")
try:
    client.connect(timeout=20)
except bonsai.AuthenticationError:
    told["wrong"] = True
print(json.dumps(told))
"""


async def test_bonsai_sorts_and_reads_a_part_of_a_list(door: Ldap) -> None:
    """In a process of its own: where it does not wait by asyncio, it lets nothing else of its process run."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _LISTS, door.tls_url, ANNA, PASSWORD, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    assert json.loads(out) == {
        "contexts": ["dc=meta"],
        "backwards": NAMES[::-1],
        "part": [NAMES[58:64], 61, MANY],
        "from": NAMES[90:92],
        "wrong": True,
    }


@pytest.mark.parametrize("which", ["python-ldap", "ldap3"])
async def test_someone_without_a_name_sees_what_the_node_lets_them(door: Ldap, which: str) -> None:
    door.workers.configure(Configuration(people=PEOPLE))

    def work() -> int:
        if which == "python-ldap":
            client = connected(door.url)
            client.simple_bind_s("", "")
            return len(client.search_s(BASE, ldap.SCOPE_SUBTREE, "(cn=*)", ["1.1"]))
        server = ldap3.Server("127.0.0.1", door.port, get_info=ldap3.NONE)
        with of_ldap3(server) as client:
            client.search(BASE, "(cn=*)", attributes=ldap3.NO_ATTRIBUTES)
            return len(client.entries)

    assert await beside(work) == MANY
