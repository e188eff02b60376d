"""Recordings of a real Asterisk and the comparison with what is true about them."""

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2] / "recordings" / "asterisk"
NAMES = sorted(path.name for path in HERE.iterdir() if path.is_dir())
TOLERANCE = 0.3  # seconds
NOISE = re.compile(rb"Event: (CEL|Cdr)\r\n")
# What the recording's action list says and the manager interface does not; a null ring was not noted, but did happen.
UNTOLD = {"t_action", "detected_by"}
NOT_NOTED = {"t_ring"}


def read(name: str) -> tuple[bytes, list[dict[str, Any]], dict[str, Any]]:
    """The bytes, the times and the truth of a recording."""
    folder = HERE / name
    lines = (folder / "ami.times.jsonl").read_text().splitlines()
    truth = json.loads((folder / "truth.json").read_text())
    return (folder / "ami.txt").read_bytes(), [json.loads(line) for line in lines], truth


def without_noise(data: bytes) -> bytes:
    """The stream of a PBX that has CEL and Cdr off."""
    return b"".join(block for block in re.split(rb"(?<=\r\n\r\n)", data) if not NOISE.match(block))


def differences(truth: object, found: object, where: str = "") -> list[str]:
    """Everything the truth says that was not found; what was found besides is no difference, except more of a list."""
    if isinstance(truth, dict):
        assert isinstance(found, dict), where
        return [
            line
            for key, value in truth.items()
            if key not in UNTOLD and not (value is None and key in NOT_NOTED)
            for line in differences(value, found.get(key), f"{where}.{key}")
        ]
    if isinstance(truth, list):
        if not isinstance(found, list) or len(found) != len(truth):
            return [f"{where}: {found!r} instead of {truth!r}"]
        return [line for i, value in enumerate(truth) for line in differences(value, found[i], f"{where}[{i}]")]
    if isinstance(truth, float) and isinstance(found, float):
        return [] if abs(truth - found) <= TOLERANCE else [f"{where}: {found} is {found - truth:+.3f} s off"]
    return [] if truth == found else [f"{where}: {found!r} instead of {truth!r}"]


def expected(truth: dict[str, Any]) -> dict[str, Any]:
    """The truth in the form of a replay."""
    return {"calls": truth["calls"], "devices": truth.get("devices", [])}


CALL_EVENTS = (
    "Newchannel", "Newstate", "DialBegin", "DialState", "DialEnd", "BridgeCreate", "BridgeEnter", "BridgeLeave",
    "BridgeDestroy", "Hold", "Unhold", "HangupRequest", "SoftHangupRequest", "Newexten", "NewConnectedLine", "NewCallerid",
    "Pickup", "BlindTransfer", "AttendedTransfer", "LocalBridge", "QueueCallerJoin", "QueueCallerLeave", "AgentCalled",
    "AgentConnect", "OriginateResponse",
)  # fmt: skip
"""Events any of which may be lost without leaving a call behind."""
