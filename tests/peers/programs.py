"""Programs from Debian that run beside a test, and what they need."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = 60.0


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def needed(program: str) -> str:
    """Where a program is; skips the test if it is not installed."""
    found = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.skip(f"{program} is not installed; script/test installs it")
    return found


@contextmanager
def running(command: list[str], ready: Callable[[], bool], log: Path) -> Iterator[None]:
    """A program in the foreground from when it is ready until it is ended."""
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL) as process:
        try:
            ends = time.monotonic() + SECONDS
            while not ready():
                assert process.poll() is None, log.read_text(errors="replace")[-3000:]
                assert time.monotonic() < ends, log.read_text(errors="replace")[-3000:]
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection((host, port), 1):
            return True
    except OSError:
        return False


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """A certificate for these names (DNS:... or IP:...) that signs itself, and its key."""
    pair = folder / "peer.crt", folder / "peer.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=peer", "-addext", f"subjectAltName={','.join(names)}", "-keyout", str(pair[1]), "-out", str(pair[0])],
        check=True, capture_output=True,
    )  # fmt: skip
    return pair
