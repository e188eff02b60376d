"""What the server and its LDAP workers say to each other, over a socket that only they have: MessagePack, length in front."""

import asyncio
from typing import TypeAlias

import msgspec

from unisono.directory.ldap.model import Configuration, Identity
from unisono.directory.ldap.settings import LdapSettings

_MOST = 64 * 1024 * 1024


class Begin(msgspec.Struct, frozen=True, tag=True):
    """The first message to a worker: how it works. `certificate` and `key`: PEM files; "": no TLS."""

    settings: LdapSettings
    folder: str
    """Where `manifest.json` and the segments are."""
    certificate: str = ""
    key: str = ""


class Configured(msgspec.Struct, frozen=True, tag=True):
    """To a worker: this holds from now on, and verdicts about passwords have to be asked for anew."""

    configuration: Configuration


class StandIn(msgspec.Struct, frozen=True, tag=True):
    """To a worker: it answers also who comes to these others, by number, and nobody else who comes to others."""

    numbers: tuple[int, ...]


class Checked(msgspec.Struct, frozen=True, tag=True):
    """To a worker: who it is; None: the password is wrong. With `busy` it could not be checked now."""

    id: int
    identity: Identity | None = None
    busy: bool = False
    message: str = ""


class Check(msgspec.Struct, frozen=True, tag=True):
    """From a worker: is this password right?"""

    id: int
    name: str
    password: bytes
    address: str

    def __repr__(self) -> str:
        return f"Check({self.id}, {self.name!r})"


class Figures(msgspec.Struct, frozen=True, tag=True):
    """From a worker, every few seconds: what there is, and what was since it began."""

    connections: int = 0
    accepted: int = 0
    refused: int = 0
    """Connections over a limit."""
    cut: int = 0
    """Connections ended because the client read or sent too slowly."""
    searches: int = 0
    unindexed: int = 0
    """Searches for which every contact had to be looked at."""
    binds: int = 0
    contacts: int = 0
    unprotected: int = 0
    """Binds refused because their password came without TLS."""
    cpu: float = 0.0
    """Seconds of computing."""
    answers: dict[str, int] = {}
    """Last words other than the success of a search, by operation and result: `bind invalid_credentials`."""
    times: dict[str, list[int]] = {}
    """How long answers took, by operation (`times.Times`)."""
    seconds: dict[str, float] = {}
    """How long all of them took together, by operation."""


class Missing(msgspec.Struct, frozen=True, tag=True):
    """From a worker: the books that it cannot read now, each with why; whenever that changes."""

    books: dict[str, str] = {}


Message: TypeAlias = Begin | Configured | StandIn | Checked | Check | Figures | Missing

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


class Channel:
    """One end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, message: Message) -> None:
        """Say something; it waits for nobody."""
        data = _encoder.encode(message)
        self._writer.write(len(data).to_bytes(4) + data)

    async def receive(self) -> Message | None:
        """What the other end said; None when it is gone."""
        try:
            size = int.from_bytes(await self._reader.readexactly(4))
            return _decoder.decode(await self._reader.readexactly(min(size, _MOST)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    def close(self) -> None:
        """Say no more."""
        self._writer.close()
