"""Files as sources: on this machine or behind an HTTPS address. Kinds that read files build on it.

What an address gives is first read into a file of its own, so that every reader may look twice and several may read at once.
"""

import base64
import errno
import mmap
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import IO, Annotated, Protocol, runtime_checkable
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from unisono.directory.replicators.timely import TimelyResponse
from unisono.kernel.errors import Culprit, Fault, Invalid, Retry, Unavailable
from unisono.kernel.secrets import Secret, no_secret
from unisono.storage import disk_fault

MAX_FILE = 4 * 1024**3
"""Bytes of a file that are read at most."""
_SECONDS_CONNECT = 30.0
_SECONDS_WHOLE = 3_600.0
_PACE = 16 * 1024
"""Bytes of an answer that come at least in the time for one piece; those of a file that is made meanwhile come slowly."""
_CHUNK = 1024 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a file is."""

    file: Annotated[str, Meta(min_length=1, max_length=2000, description="Path of the file, or its https:// address.")]
    user: Annotated[str, Meta(max_length=200, description="Name for the address (HTTP Basic); empty: none.")] = ""
    password: Annotated[Secret, Meta(description="Password for the address.")] = msgspec.field(default_factory=no_secret)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of this machine that are read."""
        return () if "://" in self.file else (self.file,)


@runtime_checkable
class ReadsFiles(Protocol):
    """Settings of kinds that read files of this machine, which the operator has to have allowed."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Those files. Raises `Invalid`."""
        ...


@contextmanager
def opened(settings: FileSettings) -> Iterator[IO[bytes]]:
    """The file, ready to be read from its beginning. Raises `Fault`, at the end too: if it was changed meanwhile."""
    with _downloaded(settings) if "://" in settings.file else _local(settings.file) as file:
        before = _state(file)
        if before[0] > MAX_FILE:
            raise _too_large(settings.file)
        try:
            yield file
        except Invalid as error:
            if _state(file) != before:
                raise _changed(settings.file) from error
            raise
        if _state(file) != before:
            raise _changed(settings.file)


def _state(file: IO[bytes]) -> tuple[int, int]:
    """What is different when somebody has written into a file."""
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


@contextmanager
def _own_file() -> Iterator[IO[bytes]]:
    """A file of ours that is gone when nobody has it open. Raises `Unavailable`."""
    with _ours():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed below
    try:
        yield file
    finally:
        with suppress(OSError):  # what was not written has been said by then
            file.close()


@contextmanager
def _ours() -> Iterator[None]:
    """Around what is done with a file of our own alone: whatever fails there is no source's. Raises `Unavailable`."""
    try:
        yield
    except OSError as error:
        raise disk_fault(error) from error


def mapped(file: IO[bytes]) -> bytes | mmap.mmap:
    """The whole file as one run of bytes, of which only what is looked at takes memory; the file may be closed then."""
    if not os.fstat(file.fileno()).st_size:
        return b""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def kept(file: IO[bytes]) -> bytes | mmap.mmap:
    """The whole file as it is now, as `mapped` gives it: whatever happens to the file itself.

    What is mapped and then cut off by somebody else would end this process (SIGBUS) in the middle of a line.
    """
    with _own_file() as own:
        at, left = 0, os.fstat(file.fileno()).st_size
        try:
            while left and (copied := os.sendfile(own.fileno(), file.fileno(), at, left)):
                at, left = at + copied, left - copied
        except OSError as error:
            if error.errno in _FULL:
                raise disk_fault(error) from error
            raise  # of the two it is the file that was asked for
        with _ours():
            return mapped(own)


def written(pieces: Iterable[bytes]) -> bytes | mmap.mmap:
    """What is made piece by piece, as if it had been a file."""
    with _own_file() as file, _ours():
        file.writelines(pieces)
        file.flush()
        return mapped(file)


def check_there(path: str, field: str = "file") -> None:
    """Whether a path of the settings leads to a file that has an end. Raises `Invalid`."""
    try:
        if Path(path).is_file():
            return
        there = Path(path).exists()
    except OSError as error:
        raise _unreadable(Invalid, path, error, field) from error
    data = {"field": field, "file": path}
    if there:
        message = f"{path} is no file but a folder, a pipe or a device. Name a file, and save as one what a pipe gives."
        raise Invalid("no-regular-file", message, data=data)
    raise Invalid("no-file", f"There is no file {path}.", data=data)


@contextmanager
def _local(path: str) -> Iterator[IO[bytes]]:
    check_there(path)
    try:
        file = open(path, "rb")  # noqa: SIM115 - as just below
    except OSError as error:
        raise _unreadable(Invalid, path, error) from error
    with file:
        try:
            yield file
        except OSError as error:  # what it lies on fails; it may be there again the next time
            raise _unreadable(Unavailable, path, error) from error


def _unreadable(kind: type[Invalid | Unavailable], path: str, error: OSError, field: str = "file") -> Fault:
    remedy = "Let the server's user read it, and check the disk or share on which it lies."
    fault = kind("file-unreadable", f"{path} cannot be read: {error.strerror}. {remedy}")
    fault.data |= {"field": field, "file": path, "reason": error.strerror}
    return fault


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Follows no redirection to where answer or password could be read by others."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        there = urlsplit(newurl)
        if there.scheme != "https":
            fp.close()
            raise Unavailable("address-insecure", f"{req.full_url} sends us on to {newurl}, which is not https.")
        found = super().redirect_request(req, fp, code, msg, headers, newurl)
        if found is not None and there.netloc != urlsplit(req.full_url).netloc:
            found.remove_header("Authorization")
        return found


class _AtPace(TimelyResponse):
    piece = _PACE


class _Connection(HTTPSConnection):
    response_class = _AtPace


class _Timely(urllib.request.HTTPSHandler):
    """Gives up whoever trickles, also while the answer only begins."""

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


@contextmanager
def _downloaded(settings: FileSettings) -> Iterator[IO[bytes]]:
    address = settings.file
    if urlsplit(address).scheme != "https":
        raise Invalid("address-insecure", "Only https:// addresses are read.", data={"field": "file"})
    request = urllib.request.Request(address, headers={"User-Agent": "Unisono"})  # noqa: S310 - https, as just seen
    if settings.user:
        pair = f"{settings.user}:{settings.password.reveal()}".encode()
        request.add_header("Authorization", f"Basic {base64.b64encode(pair).decode()}")
    with _own_file() as file:
        try:
            opener = urllib.request.build_opener(_OnlyHttps, _Timely)
            with opener.open(request, timeout=_SECONDS_CONNECT) as answer:
                ends = time.monotonic() + _SECONDS_WHOLE
                while chunk := answer.read1(_CHUNK):
                    with _ours():
                        file.write(chunk)
                    if file.tell() > MAX_FILE:
                        raise _too_large(address)
                    if time.monotonic() > ends:
                        raise _unanswered(address, f"it takes more than {_SECONDS_WHOLE:,.0f} seconds")
                if answer.length:  # `read1` takes the end of the connection for the end of the answer
                    raise _unanswered(address, f"it was cut off, {answer.length:,} bytes are missing")
        except urllib.error.HTTPError as error:
            error.close()
            raise _unanswered(address, f"the server answers {error.code} {error.reason}") from error
        except (OSError, HTTPException, ValueError) as error:  # what our own disk says is told by now
            raise _unanswered(address, _reason(error)) from error
        with _ours():
            file.flush()
            file.seek(0)
            yield file


def _unanswered(address: str, reason: str) -> Unavailable:
    message = f"{address} cannot be read: {reason}. Check the address, name and password, and whether its server is up."
    return Unavailable("address-unanswered", message, retry=Retry.LATER, culprit=Culprit.PEER)


def _reason(error: Exception) -> str:
    """What went wrong in words, without the system's numbers."""
    if isinstance(error, TimeoutError):
        return "the answer does not come in time"
    cause: object = error.reason if isinstance(error, urllib.error.URLError) else error  # of a connection
    if isinstance(cause, TimeoutError):
        return "no connection comes about in time"
    found = cause.strerror if isinstance(cause, OSError) else ""
    return (found or str(cause) or type(cause).__name__).rstrip(" .")


def _changed(name: str) -> Fault:
    message = (
        f"{name} was changed while it was read; nothing of it was taken. Try again when it is written,"
        " or let its writer make a new file and rename it."
    )
    return Fault("file-changed", message, culprit=Culprit.PEER, retry=Retry.LATER, data={"file": name})


def _too_large(name: str) -> Invalid:
    return Invalid("file-too-large", f"{name} has more than {MAX_FILE:,} bytes. Split it.", data={"field": "file"})
