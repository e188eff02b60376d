"""What an admin lets happen before and after a run: a program of the operator's folder, or a message to an https address."""

import asyncio
import hashlib
import hmac
import os
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import msgspec

from unisono.directory.replicators.http_client import checked_url
from unisono.directory.replicators.model import Hook
from unisono.kernel.errors import Culprit, Fault, Invalid, Retry

SECONDS = 60.0
ENDS_WITHIN = 3.0
"""Seconds that a program has to stop by itself."""
_SAID = 4_096
"""Bytes of the end of what a program says that are looked at."""


class Told(msgspec.Struct):
    """What a hook is told, as JSON: to a program on standard input, to an address as the body."""

    event: str
    source: str
    name: str
    run: str
    mode: str
    state: str = ""
    counts: dict[str, int] = {}


def check(hook: Hook, programs: str) -> None:
    """Whether a hook may be saved; `programs` is the operator's folder. Raises `Invalid`."""
    if hook.program:
        _program(hook, programs)
    if hook.url and not hook.url.lower().startswith("https:"):
        raise Invalid("address-insecure", "A message goes to https:// addresses only.", data={"field": "url"})
    if hook.url:
        checked_url(hook.url, plain=False)


async def call(hook: Hook, programs: str, told: Told, secret: str) -> None:
    """Run the program, send the message, one after the other; at most a minute each. Raises `Fault`.

    Who is cancelled meanwhile ends the program; a message that is on its way arrives or not.
    The message is signed: `X-Unisono-Signature: sha256=` and the HMAC of the body with the source's secret, if it has one.
    """
    body = msgspec.json.encode(told)
    if hook.program:
        await _run(_program(hook, programs), body)
    if hook.url:
        await asyncio.to_thread(_send, hook.url, body, secret)


def _program(hook: Hook, programs: str) -> list[str]:
    name, *arguments = hook.program
    folder = Path(programs).resolve() if programs else None
    path = (folder / name).resolve() if folder else None
    if folder is None or path is None or path.parent != folder or not path.is_file():
        where = f"in {programs}" if programs else "allowed: the operator names a folder for them (directory.programs)"
        raise Invalid("no-program", f"There is no program {name} {where}.", data={"field": "program", "program": name})
    return [str(path), *arguments]


async def _run(command: list[str], body: bytes) -> None:
    """Run a program. What it says goes to a file: there may be much of it, and who it has started may hold on to it."""
    name = Path(command[0]).name
    with tempfile.TemporaryFile() as said:
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
            )
        except OSError as error:
            raise _failed(name, str(error)) from error
        try:
            async with asyncio.timeout(SECONDS):
                await process.communicate(body)
        except TimeoutError as error:
            raise _failed(name, f"it took more than {SECONDS:g} seconds") from error
        finally:
            if process.returncode is None:
                await _end(process)
        if process.returncode:
            said.seek(max(0, said.seek(0, os.SEEK_END) - _SAID))
            words = said.read().decode("utf-8", "replace").strip().splitlines()
            raise _failed(name, f"it ended with {process.returncode}{f': {words[-1][:200]}' if words else ''}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a program and who it waits for: they are asked first."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(ENDS_WITHIN):
            await process.wait()
    except TimeoutError:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """A message goes where the admin said: a redirection would make it a question, and to anybody."""

    def redirect_request(self, *asked: object) -> None:
        return None


def _send(url: str, body: bytes, secret: str) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": "Unisono"}
    if secret:
        headers["X-Unisono-Signature"] = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - https, as `check` saw
    try:
        with urllib.request.build_opener(_NoRedirection).open(request, timeout=SECONDS):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise _failed(url, f"the server answers {error.code}") from error
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        raise _failed(url, str(getattr(error, "reason", "") or error)) from error


def _failed(name: str, why: str) -> Fault:
    data = {"hook": name, "reason": why}
    return Fault("hook-failed", f"{name}: {why}.", culprit=Culprit.PEER, retry=Retry.ASK_ADMIN, data=data)
