"""A hand that writes manager streams the way Asterisk does, for scenarios of which there is no recording.

The order of events is that of the recordings and of Asterisk's documentation; names, numbers and contexts are others.
"""

from typing import Any

from unisono.connectors.replay import render, replay

START = 1_800_000_000.0


class Line:
    """One channel."""

    def __init__(self, name: str, uid: str, number: str, person: str, context: str, exten: str) -> None:
        self.name, self.uid, self.linked = name, uid, uid
        self.number, self.person, self.context, self.exten = number, person, context, exten
        self.state = 0

    def fields(self, prefix: str = "") -> dict[str, str]:
        return {
            f"{prefix}Channel": self.name,
            f"{prefix}ChannelState": str(self.state),
            f"{prefix}CallerIDNum": self.number or "<unknown>",
            f"{prefix}CallerIDName": self.person or "<unknown>",
            f"{prefix}Context": self.context,
            f"{prefix}Exten": self.exten,
            f"{prefix}Uniqueid": self.uid,
            f"{prefix}Linkedid": self.linked,
        }


class FakeAsterisk:
    """Writes events; `at` is the time of the next one, in seconds from the start."""

    def __init__(self) -> None:
        self.at = 0.0
        self.data = b""
        self.times: list[dict[str, Any]] = []
        self._count = 0
        self._bridges: dict[str, list[Line]] = {}

    def event(self, name: str, *parts: dict[str, str], **fields: object) -> None:
        lines = [f"Event: {name}", "Privilege: call,all"]
        for part in (*parts, {key.replace("_", "-"): str(value) for key, value in fields.items()}):
            lines += [f"{key}: {value}" for key, value in part.items()]
        raw = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.times.append({"t": START + self.at, "offset": len(self.data), "len": len(raw), "event": name})
        self.data += raw
        self.at += 0.001

    def calls(self) -> list[dict[str, Any]]:
        """What the connector and the call model make of it, times from the start."""
        run = replay(self.data, self.times)
        assert run.anomalies == []
        assert not any(call.live for call in run.calls.values()) or self._living()
        found: list[dict[str, Any]] = render(run)["calls"]
        return [_relative(call) for call in found]

    def devices(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = render(replay(self.data, self.times))["devices"]
        return found

    def _living(self) -> bool:
        return self.data.count(b"Event: Newchannel") > self.data.count(b"Event: Hangup\r\n")

    def _new(self, name: str, number: str, person: str, context: str, exten: str, linked: Line | None) -> Line:
        self._count += 1
        uid = f"{int(START + self.at)}.{self._count}"
        line = Line(f"{name}-{self._count:08x}" if not name.startswith("Local/") else name, uid, number, person, context, exten)
        line.linked = linked.linked if linked else uid
        return line

    def comes_in(
        self, endpoint: str, number: str, exten: str, *, context: str = "from-internal", person: str = ""
    ) -> Line:
        """A channel that calls: a phone or a trunk."""
        line = self._new(endpoint, number, person, context, exten, None)
        line.state = 4
        self.event("Newchannel", line.fields())
        return line

    def dial(self, source: Line | None, endpoint: str, number: str, dial_string: str = "", *, linked: Line | None = None,
             context: str = "from-internal") -> Line:  # fmt: skip
        """A channel that Asterisk makes to ring somebody; without a source it is an originate."""
        dest = self._new(endpoint, number, "", context, "s", linked or source)
        self.event("Newchannel", dest.fields())
        dest.exten = source.exten if source else "s"
        fields = source.fields() if source else {}
        string = dial_string or endpoint.partition("/")[2]
        self.event("DialBegin", fields, dest.fields("Dest"), DialString=string)
        return dest

    def rings(self, dest: Line, source: Line | None = None) -> None:
        self.at += 0.15
        dest.state = 5
        self.event("Newstate", dest.fields())
        self.event("DialState", source.fields() if source else {}, dest.fields("Dest"), DialStatus="RINGING")

    def up(self, line: Line) -> None:
        line.state = 6
        self.event("Newstate", line.fields())

    def dial_end(self, source: Line | None, dest: Line, status: str, **more: str) -> None:
        self.event("DialEnd", source.fields() if source else {}, dest.fields("Dest"), more, DialStatus=status)

    def answers(self, source: Line, dest: Line, bridge: str) -> None:
        """The dialled one lifts and both talk."""
        self.up(dest)
        self.dial_end(source, dest, "ANSWER")
        if source.state != 6:
            self.up(source)
        self.enter(bridge, dest)
        self.enter(bridge, source)

    def enter(self, bridge: str, line: Line, **more: str) -> None:
        if bridge not in self._bridges:
            self._bridges[bridge] = []
            self.event("BridgeCreate", self._bridge(bridge, more))
        self._bridges[bridge].append(line)
        self.event("BridgeEnter", self._bridge(bridge, more), line.fields(), {k: v for k, v in more.items() if "Swap" in k})

    def _bridge(self, bridge: str, more: dict[str, str]) -> dict[str, str]:
        fields = {"BridgeUniqueid": bridge, "BridgeType": "basic", "BridgeTechnology": "simple_bridge"}
        fields |= {"BridgeCreator": "<unknown>", "BridgeName": "<unknown>"}
        return fields | {k: v for k, v in more.items() if k.startswith("Bridge")}

    def leave(self, bridge: str, line: Line, **more: str) -> None:
        self._bridges[bridge].remove(line)
        self.event("BridgeLeave", self._bridge(bridge, more), line.fields())
        if not self._bridges[bridge]:
            self.event("BridgeDestroy", self._bridge(bridge, more))

    def app(self, line: Line, application: str, data: str = "") -> None:
        self.event("Newexten", line.fields(), Application=application, AppData=data)

    def wants_off(self, line: Line, cause: int = 16, **more: str) -> None:
        """The far end of a channel hangs up."""
        self.event("HangupRequest", line.fields(), more, Cause=cause)

    def soft(self, line: Line) -> None:
        self.event("SoftHangupRequest", line.fields(), Cause=16)

    def gone(self, line: Line, cause: int = 16) -> None:
        self.event("Hangup", line.fields(), {"Cause-txt": "?"}, Cause=cause)

    def ends(self, bridge: str, first: Line, second: Line) -> None:
        """The first one hangs up, which ends the conversation of two."""
        self.wants_off(first)
        self.leave(bridge, first)
        self.soft(second)
        self.leave(bridge, second)
        self.gone(first)
        self.gone(second)

    def state(self, device: str, state: str) -> None:
        self.event("DeviceStateChange", Device=device, State=state)

    def hint(self, exten: str, hint: str, status: int = 0) -> None:
        self.event("ExtensionStatus", Exten=exten, Context="ext-local", Hint=hint, Status=status)


def _relative(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: round(item - START, 1) if (key == "t" or key.startswith("t_")) and isinstance(item, float) else _relative(item)
            for key, item in value.items()
        }
    return [_relative(item) for item in value] if isinstance(value, list) else value
