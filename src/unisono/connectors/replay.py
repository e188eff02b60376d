"""A recorded link through hops 1 and 2: what the translator and the call model make of it. No network, no database.

A directory holds `ami.txt`, the bytes as received, and `ami.times.jsonl`, one object a message: `t` (receive time, epoch
seconds), `offset`, `len`, `event`. If messages were taken out of `ami.txt`, the times still fit: each message takes the next
line of its name and length.
"""

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from unisono.calls.impossible import Impossible
from unisono.calls.model import Call, Connection, ConnectionState, Direction, LegOutcome, PartyKind, Result, Role
from unisono.calls.pbx_events import (
    CallInformation,
    CallSnapshot,
    DeviceDoNotDisturb,
    DeviceEvent,
    DeviceForwarding,
    DeviceInService,
    DeviceMessageWaiting,
    Established,
    Held,
    PbxEvent,
    SnapshotComplete,
)
from unisono.calls.picture import Picture
from unisono.calls.step import step
from unisono.connectors.asterisk.translate import Translator
from unisono.kernel.errors import Invalid
from unisono.wire.ami import AmiSyntaxError, Kind, Message, Parser

_TRANSFERS = ("blind", "attended", "attended-ringing", "cti-redirect")


@dataclass(slots=True)
class Run:
    """What became of a recording: the calls by our identifier in the order they were told, devices, anomalies."""

    picture: Picture = field(default_factory=Picture)
    calls: dict[str, Call] = field(default_factory=dict)
    devices: list[dict[str, Any]] = field(default_factory=list)
    at_snapshot: dict[str, str] = field(default_factory=dict)
    open_snapshots: set[str] = field(default_factory=set)
    in_service: dict[str, bool] = field(default_factory=dict)
    joined: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When each device of each native call was first in conversation or in a conference room."""
    anomalies: list[Impossible] = field(default_factory=list)
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def take(self, event: PbxEvent) -> None:
        """Let one event through hop 2."""
        if isinstance(event, DeviceEvent):
            self._device(event)
            return
        if isinstance(event, Established):
            self.joined.setdefault((event.connection.call, event.connection.device), event.head.at)
        result = step(self.picture, event, lambda: f"call-{next(self._ids)}")
        self.picture.apply(result)
        self.anomalies += result.anomalies
        for call in result.changed:
            new = call.id not in self.calls
            self.calls[call.id] = call
            self._snapshot_words(call, event, new)

    def _snapshot_words(self, call: Call, event: PbxEvent, new: bool) -> None:
        if new and isinstance(event, CallSnapshot):
            self.open_snapshots.add(call.id)
        if call.id not in self.open_snapshots or isinstance(event, CallInformation | SnapshotComplete):
            return
        if isinstance(event, CallSnapshot | Held):
            self.at_snapshot[call.id] = _state_words(call)
        else:
            self.open_snapshots.discard(call.id)

    def _device(self, event: DeviceEvent) -> None:
        match event:
            case DeviceInService():
                if event.on != self.in_service.get(event.device, True):
                    self.in_service[event.device] = event.on
                    state = "online" if event.on else "offline"
                    self.devices.append({"device": event.device, "state": state, "t_event": _t(event.head.at)})
            case DeviceDoNotDisturb() | DeviceForwarding() | DeviceMessageWaiting():
                pass


def replay_directory(path: Path, connector: str = "asterisk") -> dict[str, Any]:
    """The calls and device changes of a recording as JSON values, in the words of its `truth.json`.

    Raises `Invalid` for a connector that has no recordings and for files that are missing or unreadable.
    """
    if connector != "asterisk":
        raise Invalid("replay-unknown", f"Recordings of {connector!r} cannot be replayed; 'asterisk' can.")
    try:
        data = (Path(path) / "ami.txt").read_bytes()
        times = [json.loads(line) for line in (Path(path) / "ami.times.jsonl").read_text().splitlines() if line.strip()]
    except OSError as error:
        raise Invalid("replay-unreadable", f"Cannot read {error.filename}: {error.strerror}.") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise Invalid("replay-syntax", f"{path}/ami.times.jsonl: a line is not JSON: {error}.") from error
    try:
        return render(replay(data, times))
    except AmiSyntaxError as error:
        raise Invalid("replay-syntax", f"{path}/ami.txt: {error}.") from error


def replay(data: bytes, times: list[dict[str, Any]], *, chunks: list[int] | None = None) -> Run:
    """Run the bytes through both hops; `chunks`: cut the stream into pieces of these lengths."""
    messages, parser, start = [], Parser(), 0
    for length in [*(chunks or []), len(data)]:
        messages += parser.feed(data[start : start + length])
        start += length
    run, translator = Run(), Translator("replay")
    at = datetime.fromtimestamp(0, UTC)
    for message, at in zip(messages, _when(messages, times), strict=True):
        for event in translator.feed(message, at):
            run.take(event)
    for event in translator.finish(at + timedelta(seconds=1)):
        run.take(event)
    return run


def _when(messages: list[Message], times: list[dict[str, Any]]) -> list[datetime]:
    """The receive time of each message: the next line of times that fits its name and length."""
    found: list[datetime] = []
    last = float(times[0]["t"]) if times else 0.0
    by_order = len(messages) == len(times)
    position = 0
    for number, message in enumerate(messages):
        name = message.name if message.kind is Kind.EVENT else message.kind.value
        if by_order:
            last = float(times[number]["t"])
        else:
            fit = _next_fit(times, position, name, len(message.raw))
            if fit is not None:
                position, last = fit + 1, float(times[fit]["t"])
        found.append(datetime.fromtimestamp(last, UTC))
    return found


def _next_fit(times: list[dict[str, Any]], start: int, name: str, length: int) -> int | None:
    for index in range(start, len(times)):
        line = times[index]
        if line.get("len") == length and str(line.get("event", "")).lower() == name.lower():
            return index
    return None


def render(run: Run) -> dict[str, Any]:
    """A run in the words of a recording's truth."""
    calls = sorted(run.calls.values(), key=lambda call: call.started)
    return {"calls": [_call(call, run) for call in calls], "devices": run.devices}


def _t(at: datetime | None) -> float | None:
    return None if at is None else round(at.timestamp(), 3)


def _call(call: Call, run: Run) -> dict[str, Any]:
    snapshot = run.at_snapshot.get(call.id, "")
    own = [leg for leg in call.connections if leg.party.kind is PartyKind.EXTENSION]
    told = not snapshot and call.direction is not Direction.FEATURE
    shown: dict[str, Any] = {
        "linkedid": call.native,
        "direction": str(call.direction),
        "caller": _caller(call),
        "dialed": call.called.number or call.called.device,
        "t_start": _t(call.started),
        "t_ring": _t(call.rang),
        "t_answer": _t(call.answered),
        "t_end": _t(call.ended),
        "result": str(call.result) if call.result else ("answered" if call.answered else None),
        "ended_by": _ended_by(call),
        "legs": _merged([_leg(call, leg, run) for leg in own]) if told else [],
    }
    shown.update(_extras(call, own))
    if snapshot:
        shown["state_at_snapshot"] = snapshot
    elif call.holds:
        shown["holds"] = [
            {"by": _name(call, hold.by), "t_hold": _t(hold.since), "t_unhold": _t(hold.until)} for hold in call.holds
        ]
    return shown


def _caller(call: Call) -> dict[str, Any]:
    outside = call.calling.kind is not PartyKind.EXTENSION
    shown: dict[str, Any] = {"kind": "external" if outside else "ext", "number": call.calling.number or None}
    if call.calling.name:
        shown["name"] = call.calling.name
    if call.calling.restricted:
        shown["withheld"] = True
    return shown


def _extras(call: Call, own: list[Connection]) -> dict[str, Any]:
    """What only some calls have."""
    shown: dict[str, Any] = {}
    if call.by_cti:
        shown["initiated_by"] = "cti"
        shown["t_own_phone_answer"] = _t(call.placed)
    if call.direction is Direction.OUTBOUND:
        far = [leg.party.number for leg in call.connections if leg.party.kind is PartyKind.EXTERNAL]
        shown["remote_number"] = far[0] if far else call.called.number
    if call.queue is not None:
        shown["queue"] = call.queue.number
    if call.consultation:
        shown["consultation"] = True
    _answering(call, own, shown)
    _moves(call, shown)
    senders = sorted((leg for leg in call.connections if leg.digits), key=lambda leg: leg.digits_at or call.started)
    if senders:
        shown["dtmf"] = [{"frm": _name(call, leg.id.device), "digits": leg.digits} for leg in senders]
    return shown


def _answering(call: Call, own: list[Connection], shown: dict[str, Any]) -> None:
    plain = (Role.CALLER, Role.CALLEE, Role.PARTICIPANT, Role.TRANSFER_TARGET)
    answered = sorted(
        (leg for leg in own if leg.answered and leg.role is not Role.CALLER), key=lambda leg: leg.answered or leg.started
    )
    if answered and answered[0].role not in plain:
        shown["answered_by"] = _name(call, answered[0].id.device)
    boxes = [leg.answered for leg in call.connections if leg.party.kind is PartyKind.VOICEMAIL and leg.answered]
    if boxes:
        shown["t_voicemail"] = _t(boxes[0])
    rejected = [leg.ended for leg in own if leg.outcome is LegOutcome.REJECTED]
    if call.result is Result.REJECTED and rejected:
        shown["t_rejected"] = _t(rejected[-1])


def _moves(call: Call, shown: dict[str, Any]) -> None:
    for move in call.transfers:
        cti = move.kind in ("cti-redirect", "deflect")
        by, to = "cti" if cti else _name(call, move.by), _name(call, move.to)
        if move.kind == "pickup":
            word, value = "pickup", {"by": by, "of": _name(call, move.of), "t": _t(move.at)}
        elif move.kind in _TRANSFERS and (not move.of or _talked(call, move.of)):
            word, value = "transfer", {"kind": move.kind, "by": by, "to": to, "t": _t(move.at)}
        else:
            word, value = "redirect", {"by": by, "frm": _name(call, move.of), "to": to, "t": _t(move.at)}
            if not cti:
                value["kind"] = move.kind
        shown.setdefault(word, value)


def _talked(call: Call, device: str) -> bool:
    return any(leg.id.device == device and leg.answered for leg in call.connections)


def _name(call: Call, device: str) -> str:
    """A device in people's words: its extension, or external."""
    leg = call.leg(device)
    if leg is None:
        return device
    return leg.party.number or device if leg.party.kind is PartyKind.EXTENSION else "external"


def _ended_by(call: Call) -> str | None:
    if call.ended is None or not call.ended_by:
        return None
    leg = call.leg(call.ended_by)
    if call.result is Result.REJECTED and leg is not None and leg.role is not Role.CALLER:
        return "callee"
    return _name(call, call.ended_by)


def _leg(call: Call, leg: Connection, run: Run) -> dict[str, Any]:
    conference = call.direction is Direction.CONFERENCE  # where nobody calls anybody
    joined = run.joined.get((leg.id.call, leg.id.device)) if conference else None
    return {
        "ext": _name(call, leg.id.device),
        "role": str(Role.PARTICIPANT if conference else leg.role),
        "outcome": str(LegOutcome.ANSWERED if joined else leg.outcome) if leg.outcome or joined else None,
        "t_ring": _t(leg.rang),
        "t_answer": _t(joined or leg.answered),
        "t_end": _t(leg.ended),
    }


def _merged(legs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The legs, where several unanswered rings of one device in one role count as one."""
    shown: list[dict[str, Any]] = []
    for leg in legs:
        same = [old for old in shown if (old["ext"], old["role"]) == (leg["ext"], leg["role"])]
        if same and same[-1]["t_answer"] is None:
            first = same[-1]
            first.update(leg, t_ring=first["t_ring"] or leg["t_ring"])
        else:
            shown.append(leg)
    return shown


def _state_words(call: Call) -> str:
    """What a snapshot showed, in a sentence."""
    live = [leg for leg in call.connections if leg.live]
    talks = [leg for leg in live if leg.state in (ConnectionState.CONNECTED, ConnectionState.HOLD)]
    rings = [leg for leg in live if leg.state is ConnectionState.ALERTING]
    names = sorted((_name(call, leg.id.device) for leg in talks), key=lambda name: name == "external")
    if rings:
        who = " and ".join(_name(call, leg.id.device) for leg in rings)
        return f"{who} rings, {names[0] if names else 'somebody'} calling"
    words = f"{names[0]} talks with {', '.join(names[1:])}" if len(names) > 1 else " ".join(names)
    return words + "".join(f", {_name(call, hold.by)} holds" for hold in call.holds if hold.until is None)
