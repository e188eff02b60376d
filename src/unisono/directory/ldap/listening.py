"""Where a worker answers: what it listens on itself, and what those listen on for whom it stands in."""

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import Sequence

from unisono.directory.ldap.door import Door

_BACKLOG = 2048
"""Connections that may wait to be accepted."""

Listening = tuple[socket.socket | None, socket.socket | None]
"""What a worker listens on: without and with TLS."""
_Key = tuple[int, bool]
"""The number of the worker that listens there, and whether with TLS."""


class Listener:
    """`sockets`: those of all workers; the one of this `number` is the own."""

    def __init__(self, number: int, sockets: Sequence[Listening], door: Door, tls: ssl.SSLContext | None) -> None:
        self._number = number
        self._door = door
        self._tls = tls
        self._sockets = {
            (at, secured): sock
            for at, pair in enumerate(sockets)
            for secured, sock in zip((False, True), pair, strict=True)
            if sock is not None and not (secured and tls is None)
        }
        self._servers: dict[_Key, asyncio.Server] = {}

    async def open(self) -> None:
        """Answer who comes to this worker. Raises `OSError`."""
        for key in self._keys(self._number):
            self._servers[key] = await self._answer(key)

    async def stand_in(self, numbers: Sequence[int]) -> None:
        """Answer also who comes to these others, and nobody else; where that cannot be, only one's own are answered."""
        wanted = self._keys(self._number, *numbers)
        for key in self._servers.keys() - set(wanted):
            self._servers.pop(key).close()
        for key in wanted:
            try:
                if key not in self._servers:
                    self._servers[key] = await self._answer(key)
            except OSError as error:
                print(f"ldap worker: it cannot stand in for worker {key[0]}: {error}", file=sys.stderr, flush=True)  # noqa: T201

    def close(self) -> None:
        """Answer nobody who comes."""
        while self._servers:
            self._servers.popitem()[1].close()

    def _keys(self, *numbers: int) -> list[_Key]:
        return [key for key in self._sockets if key[0] in numbers]

    async def _answer(self, key: _Key) -> asyncio.Server:
        """A server closes what it is given, and another one may be needed there later: it gets a file of its own.

        `socket.dup` would let all who listen there wait in `accept`, since whether they do is one for all files of a socket.
        """
        sock = socket.socket(fileno=os.dup(self._sockets[key].fileno()))
        factory, tls = (self._door.secured, self._tls) if key[1] else (self._door.plain, None)
        return await asyncio.get_running_loop().create_server(factory, sock=sock, ssl=tls, backlog=_BACKLOG)
