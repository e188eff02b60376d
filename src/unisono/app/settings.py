"""What an operator can set, in one file; everything else is set on the admin pages and lives in the database."""

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.settings import DirectorySettings
from unisono.journal.settings import JournalSettings
from unisono.people.settings import PeopleSettings
from unisono.presence.settings import PresenceSettings
from unisono.web.settings import LimitSettings

Port = Annotated[int, Meta(ge=0, le=65535)]


class ServerSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Where the server keeps its things."""

    data: Annotated[str, Meta(description="Folder for database and certificates; empty: the user's state folder.")] = ""
    database: Annotated[
        str, Meta(description="SQLAlchemy URL; empty: SQLite in the data folder. At scale postgresql+asyncpg://...")
    ] = ""
    telephony: Annotated[
        bool,
        Meta(description="Link to telephone systems; false: beside a server that does, this one serves contacts only."),
    ] = True
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="What is logged.")] = "info"

    def folder(self) -> Path:
        """The data folder: as set, else the user's state folder."""
        if self.data:
            return Path(self.data)
        base = os.environ.get("STATE_DIRECTORY") or os.environ.get("XDG_STATE_HOME")
        return Path(base) / "unisono" if base else Path.home() / ".local" / "state" / "unisono"

    def database_url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database or f"sqlite+aiosqlite:///{self.folder() / 'unisono.sqlite3'}"


class WebSettings(msgspec.Struct, forbid_unknown_fields=True):
    """The door for browsers and programs."""

    host: Annotated[str, Meta(description="Address to listen on. Anything but loopback needs TLS or behind_proxy.")] = (
        "127.0.0.1"
    )
    port: Annotated[Port, Meta(description="HTTP port; 0 switches plain HTTP off.")] = 7224
    tls_port: Annotated[Port, Meta(description="HTTPS port; 0 switches HTTPS off. Usual: 7225.")] = 0
    certificate: Annotated[str, Meta(description="PEM file, certificate chain; empty: made in the data folder.")] = ""
    key: Annotated[str, Meta(description="PEM file, private key.")] = ""
    behind_proxy: Annotated[
        bool, Meta(description="A proxy in front speaks TLS; its X-Forwarded-For and -Proto headers are believed.")
    ] = False
    proxies: Annotated[
        str, Meta(description="Addresses or networks of that proxy, with commas between; of nobody else they are believed.")
    ] = "127.0.0.1,::1"


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """The settings file."""

    server: ServerSettings = msgspec.field(default_factory=ServerSettings)
    web: WebSettings = msgspec.field(default_factory=WebSettings)
    limits: LimitSettings = msgspec.field(default_factory=LimitSettings)
    people: PeopleSettings = msgspec.field(default_factory=PeopleSettings)
    presence: PresenceSettings = msgspec.field(default_factory=PresenceSettings)
    journal: JournalSettings = msgspec.field(default_factory=JournalSettings)
    directory: DirectorySettings = msgspec.field(default_factory=DirectorySettings)
    ldap: LdapSettings = msgspec.field(default_factory=LdapSettings)
