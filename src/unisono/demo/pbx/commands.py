"""What the demo PBX can be told: calls from outside, keys at a telephone, settings, faults, traffic, load, scenarios.

A command has a name and arguments, all texts (as from a command line) or JSON values; the answer is a JSON object. `at` is
the extension whose telephone is meant; which of its calls, the state says (the ringing one is answered, and so on).
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields, replace

from unisono.demo.pbx import scenario
from unisono.demo.pbx.exchange import Exchange
from unisono.demo.pbx.faults import Faults, Garbage, garbage
from unisono.demo.pbx.model import Cause, Forwarding, Leg, Problem, Refusal, State
from unisono.demo.pbx.switch import CallView
from unisono.demo.pbx.traffic import Cast, Load, LoadPlan, Traffic
from unisono.demo.pbx.world import World
from unisono.kernel.errors import Conflict, Culprit, Invalid

Answer = dict[str, object]
Arguments = Mapping[str, object]

DIGITS = 5
"""Digits that tell the callers of a load apart."""
LONG_TALK = 900.0
"""How long a caller on request talks when nobody says how long."""


class Commands:
    """Serves commands; every public method is one, called like it with hyphens instead of underscores."""

    def __init__(self, exchange: Exchange, world: World, cast: Cast, load_extensions: tuple[str, ...] = ()) -> None:
        self._exchange = exchange
        self._switch = exchange.switch
        self._world = world
        self._cast = cast
        self._load_extensions = load_extensions
        self._load: Load | None = None
        self._traffic = Traffic(world, cast)
        exchange.requests.touched = world.hands_on

    def serve(self, name: str, arguments: Arguments) -> Answer:
        """Do a command; raises a `Fault` that says what is wrong with it."""
        method = _COMMANDS.get(name)
        if method is None:
            raise Invalid("unknown-command", f"There is no command {name}. `help` lists them.", data={"field": "do"})
        given = {key.replace("-", "_"): value for key, value in arguments.items() if value is not None}
        if "from" in given:
            given["caller"] = given.pop("from")
        try:
            bound = inspect.signature(method).bind(self, **given)
        except TypeError as error:
            raise Invalid("bad-arguments", f"{name}: {error}. `help` lists the arguments.") from error
        try:
            answer = method(*bound.args, **bound.kwargs)
        except Refusal as refusal:
            raise Conflict("switch-refused", f"The switch refuses: {refusal}.", culprit=Culprit.USER) from refusal
        except ValueError as error:
            raise Invalid("bad-arguments", f"{name}: {error}.") from error
        return {} if answer is None else answer

    def help(self) -> Answer:
        """All commands with their arguments."""
        return {
            name: {
                "about": inspect.getdoc(method) or "",
                "arguments": list(_arguments(method)),
            }
            for name, method in _COMMANDS.items()
        }

    # From outside

    def call(
        self,
        caller: str = "",
        to: str = "",
        name: str = "",
        answer_after: object = None,
        talk: object = None,
        patience: object = 60.0,
        hangup_by: str = "caller",
    ) -> Answer:
        """Somebody outside calls; with answer_after the telephone answers by itself, with talk the call ends by itself."""
        if hangup_by not in ("caller", "called"):
            raise ValueError("hangup_by is caller or called")
        length = LONG_TALK if talk is None else _seconds(talk)
        wait = None if answer_after is None else _seconds(answer_after)
        by_caller = hangup_by == "caller"
        talks = length if by_caller else LONG_TALK
        far = self._world.call_in(caller, to, name=name, patience=_seconds(patience), talk=talks)
        near = Leg(far.call, self._switch.numbering.extension(to))
        if wait is not None:
            self._world.hands_on(near.device)
            self._world.later(wait, lambda: self._switch.services.answer(near))
        if not by_caller:
            self._world.later((wait or 0.0) + length, lambda: self._switch.services.clear_connection(near))
        return {"call": far.call}

    def far(self, at: str, does: str, digits: str = "") -> None:
        """What the outside party of a telephone's call does: ring, answer, busy, unreachable, hang-up, press (digits)."""
        far = self._outside_of(at)
        trunk = self._switch.trunk
        match does:
            case "ring":
                trunk.rings(far)
            case "answer":
                trunk.answers(far)
            case "busy":
                trunk.refuses(far, Cause.BUSY)
            case "unreachable":
                trunk.refuses(far, Cause.DEST_NOT_OBTAINABLE)
            case "hang-up":
                trunk.hangs_up(far)
            case "press":
                trunk.presses(far, digits)
            case _:
                raise ValueError(f"an outside party cannot {does}")

    # At a telephone

    def answer(self, at: str) -> None:
        """Take up the telephone: the ringing call, or the one it is prompted for."""
        self._world.hands_on(at)
        self._switch.services.answer(self._leg(at, State.ALERTING, State.INITIATED))

    def hang_up(self, at: str) -> None:
        """Hang up, or reject a ringing call."""
        self._world.hands_on(at)
        leg = self._leg(at, State.CONNECTED, State.FAIL, State.INITIATED, State.ALERTING, State.HOLD)
        self._switch.services.clear_connection(leg)

    def dial(self, at: str, to: str) -> Answer:
        """Dial at the telephone."""
        self._world.hands_on(at)
        return {"call": self._switch.services.make_call(at, to).call}

    def hold(self, at: str) -> None:
        """Put the call on hold."""
        self._world.hands_on(at)
        self._switch.services.hold(self._leg(at, State.CONNECTED))

    def retrieve(self, at: str) -> None:
        """Take the held call back."""
        self._world.hands_on(at)
        self._switch.services.retrieve(self._leg(at, State.HOLD))

    def press(self, at: str, digits: str) -> None:
        """Press keys during the call."""
        self._world.hands_on(at)
        self._switch.services.generate_digits(self._leg(at, State.CONNECTED), digits)

    def consult(self, at: str, to: str) -> Answer:
        """Hold the call and dial another."""
        self._world.hands_on(at)
        return {"call": self._switch.joining.consultation(self._leg(at, State.CONNECTED), to).call}

    def alternate(self, at: str) -> None:
        """Swap the held and the active call."""
        self._world.hands_on(at)
        self._switch.joining.alternate(self._leg(at, State.HOLD), self._leg(at, State.CONNECTED))

    def reconnect(self, at: str) -> None:
        """Hang up the active call and go back to the held one."""
        self._world.hands_on(at)
        active = self._leg(at, State.CONNECTED, State.FAIL, State.INITIATED)
        self._switch.joining.reconnect(self._leg(at, State.HOLD), active)

    def transfer(self, at: str, to: str = "") -> None:
        """Join the held and the active call and leave; with `to` hand the call over without asking."""
        self._world.hands_on(at)
        active = self._leg(at, State.CONNECTED)
        if to:
            self._switch.joining.single_step_transfer(active, to)
        else:
            self._switch.joining.transfer(self._leg(at, State.HOLD), active)

    def conference(self, at: str) -> None:
        """Join the held and the active call."""
        self._world.hands_on(at)
        self._switch.joining.conference(self._leg(at, State.HOLD), self._leg(at, State.CONNECTED))

    def deflect(self, at: str, to: str) -> None:
        """Send the ringing call elsewhere."""
        self._world.hands_on(at)
        self._switch.services.deflect(self._leg(at, State.ALERTING), to)

    def pick_up(self, at: str, of: str = "") -> None:
        """Take the call that rings at `of`, or in the telephone's group."""
        self._world.hands_on(at)
        if of:
            self._switch.services.directed_pickup(self._leg(of, State.ALERTING), at)
        else:
            self._switch.services.group_pickup(at)

    def park(self, at: str, slot: str = "") -> Answer:
        """Park the call."""
        self._world.hands_on(at)
        return {"slot": self._switch.parking.park(self._leg(at, State.CONNECTED), slot).device}

    # Settings of a telephone

    def dnd(self, at: str, on: object = True) -> None:
        """Switch do-not-disturb."""
        self._switch.features.set_do_not_disturb(at, on=_flag(on))

    def forward(self, at: str, to: str = "", type: str = "forwardImmediate", on: object = True) -> None:
        """Switch a forwarding (types of ECMA-323: forwardImmediate, forwardBusy, forwardNoAns ...)."""
        self._switch.features.set_forwarding(at, Forwarding(type), on=_flag(on), to=to)

    def service(self, at: str, on: object = True) -> None:
        """Plug the telephone in or pull its plug."""
        self._switch.features.set_in_service(at, on=_flag(on))

    def messages(self, at: str, count: object = 1) -> None:
        """Set the number of voice messages."""
        self._switch.features.set_messages(at, int(_seconds(count)))

    def calls_at_once(self, at: str, most: object) -> None:
        """How many calls the telephone takes at once; 1: busy on busy."""
        self._switch.device(at).max_calls = max(1, int(_seconds(most)))

    def auto(self, at: str, on: object = True) -> None:
        """Whether the telephone acts by itself."""
        self._switch.device(at)
        (self._world.auto.add if _flag(on) else self._world.auto.discard)(at)

    # Traffic

    def traffic(self, on: object = True, per_minute: object = 0.0) -> Answer:
        """Let calls happen by themselves, or stop that."""
        if _flag(on):
            self._traffic.start(_seconds(per_minute) or None)
        else:
            self._traffic.stop()
        return {"on": self._traffic.on, "per_minute": self._traffic.per_minute, "made": self._traffic.made}

    def load(
        self,
        per_second: object = 50.0,
        seconds: object = 60.0,
        talk: object = 3.0,
        ring: object = 1.0,
        callers: str = "",
    ) -> Answer:
        """Make so many calls a second to the load extensions; `state` tells how far it is. Each call comes from another
        number when `callers` says how these begin."""
        extensions = self._load_extensions
        if not extensions:
            raise ValueError("there are no load extensions: start the PBX with --extensions")
        if self._load is not None and not self._load.done:
            raise ValueError("a load is running already")
        known = self._cast.known or ("",)

        def caller(call: int) -> str:
            return f"{callers}{call:0{DIGITS}}" if callers else known[call * 7 % len(known)]

        plan = LoadPlan(_seconds(per_second), _seconds(seconds), extensions, caller, _seconds(ring), _seconds(talk))
        self._load = Load(self._switch, plan)
        return {"extensions": len(extensions), "calls": int(plan.per_second * plan.seconds)}

    def play(self, name: str = "", steps: str = "") -> Answer:
        """Play a scenario by its name, or these steps."""
        played = scenario.parse(steps or scenario.named(name))
        for step in played:
            for who in {step.arguments.get("at", ""), step.arguments.get("to", "")} & set(self._switch.core.devices):
                self._world.hands_on(who)
        scenario.play(played, self._switch.timeline, self.serve)
        return {"steps": len(played), "seconds": sum(step.after for step in played)}

    # Faults

    def fault(self, **changes: object) -> Answer:
        """Switch faults; without arguments everything is well again."""
        current = asdict(self._exchange.faults)
        unknown = set(changes) - set(current)
        if unknown:
            raise ValueError(f"there is no fault {', '.join(sorted(unknown))}")
        wanted = {name: _like(current[name], value) for name, value in changes.items()}
        self._exchange.impair(replace(self._exchange.faults, **wanted) if wanted else Faults())  # type: ignore[arg-type]
        return asdict(self._exchange.faults)

    def drop(self) -> Answer:
        """Cut every CSTA link."""
        return {"dropped": self._exchange.drop_links()}

    def garbage(self, kind: str = Garbage.XML) -> Answer:
        """Send nonsense to every CSTA client: bytes, xml, soap, unknown, future, stray."""
        data = garbage(Garbage(kind))
        for client in list(self._exchange.clients):
            client.send_raw(data)
        return {"clients": len(self._exchange.clients)}

    def state(self) -> Answer:
        """What is up: clients, calls, settings, traffic, load."""
        load = self._load
        return {
            "clients": len(self._exchange.clients),
            "monitors": len(self._exchange.monitors.by_ref),
            "events": self._exchange.told,
            "calls": [_call(view) for view in self._switch.calls()],
            "auto": sorted(self._world.auto),
            "traffic": {"on": self._traffic.on, "per_minute": self._traffic.per_minute, "made": self._traffic.made},
            "faults": asdict(self._exchange.faults),
            "load": load.counts() if load else None,
        }

    # Which call is meant

    def _leg(self, device: str, *states: State) -> Leg:
        self._switch.device(device)
        for state in states:
            for connection in self._switch.core.in_state(device, state):
                return connection.leg
        raise Refusal(Problem.CONNECTION_STATE, f"no call of {device} is {' or '.join(states)}")

    def _outside_of(self, device: str) -> Leg:
        """The outside party of a telephone's call, or the one on a trunk's channel ("T1")."""
        for connection in self._switch.core.at.get(device, ()):
            if connection.address.outside:
                return connection.leg
        for view in self._switch.calls_of(device):
            for party in view.parties:
                if party.address.outside:
                    return party.leg
        raise Refusal(Problem.INVALID_CONNECTION, f"no call of {device} has an outside party")


def _arguments(method: Callable[..., object]) -> Iterator[str]:
    """The names that a command takes; faults are named one by one."""
    for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            yield from (each.name for each in fields(Faults))
        else:
            yield "from" if name == "caller" else name


def _call(view: CallView) -> Answer:
    parties = [{"device": p.leg.device, "number": p.address.number, "state": p.state.value} for p in view.parties]
    return {"id": view.id, "calling": view.calling.number, "called": view.called.number, "parties": parties}


def _seconds(value: object) -> float:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        number = float(value)
        if 0.0 <= number < 1e9:
            return number
    raise ValueError(f"{value!r} is not a number from 0 up")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"{value!r} is neither on nor off")


def _like(example: object, value: object) -> object:
    """The value in the type of the example."""
    match example:
        case bool():
            return _flag(value)
        case int():
            return int(_seconds(value))
        case float():
            return _seconds(value)
        case _:
            return str(value)


_COMMANDS: dict[str, Callable[..., Answer | None]] = {
    name.replace("_", "-"): method
    for name, method in vars(Commands).items()
    if callable(method) and not name.startswith("_") and name != "serve"
}
