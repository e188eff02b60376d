"""Starts `unisono` as people do."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

GROUPS = ("demo", "directory", "number", "user")


class Loaded:
    """The command line, loaded once (`loaded.py`): most of what a command costs is its start."""

    now: "Loaded | None" = None
    """That of the tests at hand."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._begun = set[Sequence[str]]()
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = [sys.executable, str(Path(__file__).with_name("loaded.py")), str(theirs.fileno()), *modules]
        self._process = subprocess.Popen(program, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),))
        theirs.close()

    def __enter__(self) -> Self:
        Loaded.now = self
        return self

    def __exit__(self, *_: object) -> None:
        Loaded.now = None
        self._ours.close()
        self._process.wait()

    def knows(self, arguments: Sequence[str]) -> bool:
        """Whether a command was given before: the first time it is started on its own, and loads what it needs by itself."""
        command = arguments[: 2 if arguments[0] in GROUPS else 1]
        known = command in self._begun
        self._begun.add(command)
        return known

    def run(self, arguments: Sequence[str], stdin: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Do a command in a fork."""
        with TemporaryFile("w+") as given, TemporaryFile("w+") as out, TemporaryFile("w+") as err:
            given.write(stdin)
            given.seek(0)
            order = json.dumps({"arguments": arguments, "environment": environment}).encode()
            socket.send_fds(self._ours, [order], [given.fileno(), out.fileno(), err.fileno()])
            code = int(self._ours.recv(16))
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, code, out.read(), err.read())


def unisono(*arguments: str, home: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command, with what it said."""
    environment = {**os.environ, "XDG_STATE_HOME": str(home), "COLUMNS": "200"}
    if Loaded.now is not None and Loaded.now.knows(arguments):
        return Loaded.now.run(arguments, stdin, environment)
    command = [sys.executable, "-m", "unisono", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, check=False)
