"""What an operator can set, in one file; everything else is set on the admin pages and lives in the database."""

import os
from pathlib import Path
from typing import Annotated

import msgspec

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class ServerSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Where the server keeps its things."""

    data: Annotated[str, msgspec.Meta(description="Folder for the database, certificates and backups.")] = ""
    database: Annotated[
        str, msgspec.Meta(description="SQLAlchemy URL; empty: SQLite in the data folder. postgresql+asyncpg://... at scale.")
    ] = ""
    log_level: Annotated[str, msgspec.Meta(description="debug, info, warning or error.", pattern="^(debug|info|warning|error)$")] = (
        "info"
    )

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

    host: Annotated[str, msgspec.Meta(description="Address to listen on. Other than loopback needs TLS or behind_proxy.")] = (
        "127.0.0.1"
    )
    port: Annotated[Port, msgspec.Meta(description="HTTP port; 0 switches plain HTTP off.")] = 7224
    tls_port: Annotated[Port, msgspec.Meta(description="HTTPS port; 0 switches HTTPS off.")] = 0
    certificate: Annotated[
        str, msgspec.Meta(description="PEM file with the certificate chain; empty: one is made in the data folder.")
    ] = ""
    key: Annotated[str, msgspec.Meta(description="PEM file with the private key.")] = ""
    behind_proxy: Annotated[
        bool, msgspec.Meta(description="A proxy in front speaks TLS; its X-Forwarded-For and -Proto headers are believed.")
    ] = False


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """The settings file."""

    server: ServerSettings = msgspec.field(default_factory=ServerSettings)
    web: WebSettings = msgspec.field(default_factory=WebSettings)
