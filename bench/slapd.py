"""OpenLDAP's server with contacts in it, tuned for telephones: what the LDAP door is measured and checked against."""

import base64
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from argon2 import PasswordHasher

from unisono.directory.model import Contact
from unisono.directory.segment.attributes import Attribute
from unisono.directory.segment.columns import values_of

SLAPD = Path("/usr/sbin/slapd")
SHOWN = (
    Attribute.CN, Attribute.SN, Attribute.GIVEN_NAME, Attribute.O, Attribute.MAIL, Attribute.L, Attribute.TELEPHONE_NUMBER,
    Attribute.MOBILE, Attribute.HOME_PHONE, Attribute.FACSIMILE, Attribute.TITLE, Attribute.STREET, Attribute.POSTAL_CODE,
    Attribute.ST, Attribute.EMPLOYEE_NUMBER, Attribute.DESCRIPTION,
)  # fmt: skip
"""Attributes that its schema has too."""
PASSWORD = "secret"
ADMIN = "cn=admin,dc=meta"
"""Whose password it has as argon2id."""
CLEAR = "dc=meta"
"""Whose password, the same, it has as clear text."""

_CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload argon2
loglevel 0
threads 4
sizelimit unlimited
timelimit unlimited
index_substr_any_len 3
index_substr_any_step 1
index_substr_if_minlen 2
access to * by * read
database mdb
maxsize 17179869184
suffix "dc=meta"
rootdn "{admin}"
rootpw {{ARGON2}}{hash}
directory {folder}/db
index objectClass eq
index uid eq
index cn,sn,givenName,o,mail eq,pres,sub
index telephoneNumber,mobile,homePhone eq,sub
"""


class Slapd:
    """A server in a folder, on a free port of loopback. What `fill` has made is used again if it is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def disk(self) -> int:
        """Bytes that its database takes."""
        return sum(path.stat().st_blocks * 512 for path in (self.folder / "db").iterdir())

    @property
    def filled(self) -> bool:
        """Whether its database is there."""
        return (self.folder / "filled").exists()

    def fill(self, contacts: Iterable[Contact]) -> None:
        """Make its database."""
        subprocess.run(self.prepare(contacts), check=True)
        self.done()

    def prepare(self, contacts: Iterable[Contact]) -> list[str]:
        """The command that makes its database of these contacts; `done` has to follow it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "db").mkdir(parents=True)
        words = {"folder": str(self.folder), "admin": ADMIN, "hash": PasswordHasher().hash(PASSWORD)}
        (self.folder / "slapd.conf").write_text(_CONFIGURATION.format(**words))
        with self._ldif.open("w") as file:
            file.write("dn: dc=meta\nobjectClass: dcObject\nobjectClass: organization\no: root\ndc: meta\n")
            file.write(f"userPassword: {PASSWORD}\n\n")
            for contact in contacts:
                file.write(entry(contact))
        return [str(SLAPD.with_name("slapadd")), "-q", "-f", str(self.folder / "slapd.conf"), "-l", str(self._ldif)]

    def done(self) -> None:
        """Its database is made."""
        self._ldif.unlink()
        (self.folder / "filled").touch()

    @property
    def _ldif(self) -> Path:
        return self.folder / "contacts.ldif"

    def start(self) -> None:
        """Serve; returns when it answers."""
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        url = f"ldap://127.0.0.1:{self.port}"
        self._process = subprocess.Popen(
            [SLAPD, "-f", self.folder / "slapd.conf", "-h", url, "-d", "0"], stderr=subprocess.DEVNULL, env=os.environ.copy()
        )
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("slapd does not answer")

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


def entry(contact: Contact) -> str:
    """A contact as LDIF, with what inetOrgPerson has."""
    lines = [f"dn: uid={contact.id},dc=meta", "objectClass: inetOrgPerson", f"uid: {contact.id}"]
    for slot, values in values_of(contact):
        if slot in SHOWN:
            lines += [_line(Attribute(slot).ldap_name, value) for value in values]
    return "\n".join(lines) + "\n\n"


def _line(name: str, value: str) -> str:
    if value.isascii() and value.isprintable() and value[:1] not in " :<" and not value.endswith(" "):
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"

