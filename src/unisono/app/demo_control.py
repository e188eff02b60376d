"""Steering the demo that runs: a command starts no server for it, nor loads one."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unisono.app.settings import ServerSettings
from unisono.demo.pbx.control import ask
from unisono.kernel.errors import Unavailable
from unisono.kernel.secrets import Secret
from unisono.net import Endpoint


def folder_of(data: Path | None) -> Path:
    """The demo's data folder: as given, else beside the server's own."""
    return data or ServerSettings().folder().with_name("unisono-demo")


async def control(data: Path | None, command: str, arguments: Mapping[str, object]) -> dict[str, Any]:
    """Give a command to the PBX of the running demo; raises `Fault` in words when it does not run or refuses."""
    file = folder_of(data) / "pbx.json"
    try:
        where = json.loads(await asyncio.to_thread(file.read_text))
    except OSError as error:
        raise Unavailable("demo-not-running", "The demo does not run. Start it: unisono demo.") from error
    given = {name: value for name, value in arguments.items() if value not in (None, "")}
    endpoint = Endpoint(where["host"], where["control_port"])
    return await ask(endpoint, Secret(where["token"]), command, given)
