"""LDAP as a source, from OpenLDAP's slapd: pages, encryption, what is no text, and every way it says no."""

import shutil
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.peers.programs import answers, certificate, free_port, needed, running

from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.ldap import LdapSettings
from unisono.directory.replicators.source import Record, Source
from unisono.directory.replicators.suggest import suggest
from unisono.kernel.errors import Fault
from unisono.kernel.settings import parse

pytestmark = [pytest.mark.peer]

PEOPLE = 1_205
_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/peer.crt
TLSCertificateKeyFile {folder}/peer.key
access to dn.subtree="ou=secret,dc=company,dc=example" by dn.exact="cn=reader,dc=company,dc=example" none by * none
access to attrs=userPassword by anonymous auth by dn.exact="cn=reader,dc=company,dc=example" read by * none
access to * by * read
database mdb
maxsize 268435456
suffix "dc=company,dc=example"
rootdn "cn=admin,dc=company,dc=example"
directory {folder}/db
limits anonymous size=20 size.prtotal=hard
limits users size=500 size.prtotal=unlimited
"""
_HEAD = """
dn: dc=company,dc=example
objectClass: domain
dc: company

dn: cn=reader,dc=company,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: open sesame

dn: ou=people,dc=company,dc=example
objectClass: organizationalUnit
ou: people

dn: ou=secret,dc=company,dc=example
objectClass: organizationalUnit
ou: secret

dn: ou=elsewhere,ou=people,dc=company,dc=example
objectClass: referral
objectClass: extensibleObject
ou: elsewhere
ref: ldap://other.example/ou=people,dc=company,dc=example
"""
_PERSON = """
dn: uid=u{n},ou=people,dc=company,dc=example
objectClass: inetOrgPerson
uid: u{n}
cn: Jörg Müller {n}
sn: Müller
o: Rossi & Figli
telephoneNumber: +39 0432 {n:06}
telephoneNumber: +39 0433 {n:06}
mobile: +39 333 {n:06}
jpegPhoto:: /9j/4AAQ
userPassword: hidden
"""


@dataclass
class Slapd:
    port: int
    tls_port: int
    authority: str

    def source(self, **settings: object) -> Source:
        given = {
            "host": "127.0.0.1", "port": self.port, "encryption": "none", "base": "ou=people,dc=company,dc=example",
            "user": "cn=reader,dc=company,dc=example", "password": "open sesame", **settings,
        }  # fmt: skip
        return KINDS["ldap"].open(parse(given, LdapSettings))


@pytest.fixture(scope="module")
def slapd() -> Iterator[Slapd]:
    program = needed("slapd")
    folder = Path(tempfile.mkdtemp(prefix="slapd"))
    (folder / "db").mkdir()
    authority, _ = certificate(folder, "IP:127.0.0.1")
    (folder / "slapd.conf").write_text(_CONFIGURATION.format(folder=folder))
    people = "".join(_PERSON.format(n=n) for n in range(PEOPLE))
    (folder / "data.ldif").write_text(_HEAD + people)
    add = [needed("slapadd"), "-q", "-f", str(folder / "slapd.conf"), "-l", str(folder / "data.ldif")]
    subprocess.run(add, check=True, capture_output=True)
    port, tls_port = free_port(), free_port()
    urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}"
    command = [program, "-d", "0", "-f", str(folder / "slapd.conf"), "-h", urls]
    with running(command, lambda: answers(port) and answers(tls_port), folder / "log"):
        yield Slapd(port, tls_port, str(authority))
    shutil.rmtree(folder)


def refused(source: Source) -> str:
    with pytest.raises(Fault) as caught:
        list(source.read(None))
    return caught.value.code


def test_everybody_is_read_page_by_page(slapd: Slapd) -> None:
    found = [item for item in slapd.source().read(None) if isinstance(item, Record)]
    assert len({item.key for item in found}) == len(found) == PEOPLE
    one = next(item for item in found if item.values["uid"] == "u7")
    assert one.values["telephoneNumber"] == ("+39 0432 000007", "+39 0433 000007")
    assert one.values["cn"] == "Jörg Müller 7"
    assert not {"jpegPhoto", "userPassword"} & one.values.keys()
    assert len(one.key) == 36


def test_key_and_attributes_are_chosen(slapd: Slapd) -> None:
    source = slapd.source(attributes=["cn", "mobile"], key="uid", filter="(uid=u9)")
    assert [(item.key, sorted(item.values)) for item in source.read(None) if isinstance(item, Record)] == [
        ("u9", ["cn", "mobile", "uid"])
    ]


def test_columns_say_what_they_mean(slapd: Slapd) -> None:
    source = slapd.source(base="")
    assert source.check().peer == f"LDAP 127.0.0.1:{slapd.port}"
    columns = source.columns()
    assert columns[0].name == "cn"
    assert len(columns[0].samples) == 50
    meanings = {rule.value: rule.field for rule in suggest(columns)}
    assert meanings["{telephoneNumber}"] == "phone_business"
    assert {"display_name", "last_name", "company", "phone_mobile"} <= set(meanings.values())


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_the_certificate_is_checked(slapd: Slapd, encryption: str) -> None:
    port = slapd.tls_port if encryption == "tls" else slapd.port
    source = slapd.source(encryption=encryption, port=port, ca_file=slapd.authority, filter="(uid=u1)")
    assert len(list(source.read(None))) == 1
    assert refused(slapd.source(encryption=encryption, port=port)) == "source-certificate"


def test_no_is_said_in_words(slapd: Slapd) -> None:
    assert refused(slapd.source(password="wrong")) == "source-sign-in"
    assert refused(slapd.source(password="")) == "source-setting"
    assert refused(slapd.source(base="ou=nobody,dc=company,dc=example")) == "source-not-there"
    assert refused(slapd.source(base="ou=secret,dc=company,dc=example")) == "source-not-there"
    assert refused(slapd.source(base="no name")) == "source-refused"
    assert refused(slapd.source(port=1)) == "source-unreachable"
    assert refused(slapd.source(encryption="tls", port=slapd.port)) in ("source-unreachable", "source-lost")
    assert refused(slapd.source(port=slapd.tls_port)) == "source-lost"


def test_a_directory_that_gives_only_some_is_no_whole_one(slapd: Slapd) -> None:
    assert refused(slapd.source(user="", password="")) == "source-forbidden"


def test_a_filter_that_cannot_be_read_is_said() -> None:
    with pytest.raises(Fault, match="filter"):
        Slapd(1, 1, "").source(filter="(cn=")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "source-garbled"),
        (b"", "source-lost"),
        (b"\x30\x84\x7f\xff\xff\xff", "source-garbled"),
        (b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01", "source-lost"),
        (b"\x30\x05\x02\x01\x01\x61\x00", "source-garbled"),
    ],
)
def test_what_is_no_ldap_is_said(said: bytes, code: str) -> None:
    class Odd(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(100)
            self.request.sendall(said)

    with socketserver.TCPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            assert refused(Slapd(server.server_address[1], 0, "").source()) == code
        finally:
            server.shutdown()
            thread.join()


def test_whoever_stops_reading_gives_the_connection_back(slapd: Slapd) -> None:
    items = slapd.source().read(None)
    assert isinstance(next(items), Record)
    items.close()  # type: ignore[attr-defined]
