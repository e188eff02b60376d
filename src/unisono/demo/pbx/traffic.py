"""Traffic that happens by itself: life-like for the demo, or so many calls a second for a load test."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from unisono.demo.pbx.model import Leg, Refusal
from unisono.demo.pbx.switch import Switch
from unisono.demo.pbx.timeline import Timer
from unisono.demo.pbx.world import World


@dataclass(frozen=True, slots=True)
class Cast:
    """Who calls whom. Outside numbers are E.164 with plus, `dial` what our people dial."""

    staff: Sequence[str]
    queues: Sequence[str]
    known: Sequence[str]
    main: Sequence[str]
    extensions: Sequence[str]
    strangers: Sequence[str]
    dial: Callable[[str], str]
    """How a number outside is dialled from a telephone."""


class Traffic:
    """Calls at random moments, `per_minute` on average; switched on and off at any time."""

    def __init__(self, world: World, cast: Cast, per_minute: float = 4.0) -> None:
        self.world = world
        self.cast = cast
        self.per_minute = per_minute
        self.made = 0
        self._next: Timer | None = None

    @property
    def on(self) -> bool:
        """Whether calls happen."""
        return self._next is not None and self._next.pending

    def start(self, per_minute: float | None = None) -> None:
        """Let calls happen from now on."""
        self.stop()
        self.per_minute = per_minute or self.per_minute
        self._plan()

    def stop(self) -> None:
        """No new calls; those that are up go on."""
        if self._next is not None:
            self._next.cancel()

    def _plan(self) -> None:
        pause = self.world.random.expovariate(self.per_minute / 60.0)
        self._next = self.world.switch.timeline.after(max(0.05, pause), self._call)

    def _call(self) -> None:
        self.made += 1
        kinds: list[tuple[int, Callable[[], object]]] = [
            (34, lambda: self._inbound(self.cast.known)),
            (12, lambda: self._inbound(self.cast.extensions)),
            (6, lambda: self._inbound(self.cast.main)),
            (9, lambda: self._inbound(self.cast.strangers)),
            (3, lambda: self._inbound(("",))),
            (14, self._to_queue),
            (10, self._internal),
            (12, self._outbound),
        ]
        (kind,) = self.world.random.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])
        with suppress(Refusal):  # a taken line or a busy telephone: nobody calls this time
            kind()
        self._plan()

    def _one(self, among: Sequence[str]) -> str:
        return self.world.random.choice(among)

    def _inbound(self, among: Sequence[str]) -> None:
        self.world.call_in(self._one(among), self._one(self.cast.staff))

    def _to_queue(self) -> None:
        self.world.call_in(self._one(self.cast.known), self._one(self.cast.queues), patience=90.0)

    def _idle(self) -> list[str]:
        return [e for e in self.cast.staff if self.world.acts(e) and not self.world.switch.core.own(e)]

    def _internal(self) -> None:
        calling = self._one(self._idle() or self.cast.staff)
        to = self._one([each for each in self.cast.staff if each != calling])
        if self.world.acts(calling):
            self._patiently(self.world.switch.services.make_call(calling, to))

    def _outbound(self) -> None:
        calling = self._one(self._idle() or self.cast.staff)
        if self.world.acts(calling):
            number = self._one(self.cast.known if self.world.random.random() < 0.8 else self.cast.main)
            self._patiently(self.world.switch.services.make_call(calling, self.cast.dial(number)))

    def _patiently(self, leg: Leg) -> None:
        """Our own caller gives up in the end, too."""
        self.world.later(self.world.random.uniform(30.0, 60.0), lambda: self._give_up(leg))

    def _give_up(self, leg: Leg) -> None:
        connection = self.world.switch.core.connection(leg)
        if not connection.established and self.world.acts(leg.device):
            self.world.switch.services.clear_connection(leg)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """A load: `per_second` calls from outside to `extensions` in turn, answered after `ring`, ended after `talk` seconds."""

    per_second: float
    seconds: float
    extensions: tuple[str, ...]
    caller: Callable[[int], str]
    """The number from which each call comes, by its own number from 0."""
    ring: float = 1.0
    talk: float = 3.0


class Load:
    """Makes the calls of a plan at even intervals and counts them."""

    def __init__(self, switch: Switch, plan: LoadPlan) -> None:
        self.plan = plan
        self.made = 0
        self.refused = 0
        self.answered = 0
        self.ended = 0
        self._switch = switch
        self._start = switch.timeline.now
        self._next: Timer = switch.timeline.after(0.0, self._call)

    @property
    def done(self) -> bool:
        """Whether all calls were made and have ended."""
        return not self._next.pending and self.ended + self.refused == self.made

    def counts(self) -> dict[str, int | bool]:
        """How far it is."""
        counted: dict[str, int | bool] = {"made": self.made, "refused": self.refused}
        return {**counted, "answered": self.answered, "ended": self.ended, "done": self.done}

    def _call(self) -> None:
        number, plan = self.made, self.plan
        self.made += 1
        extension = plan.extensions[number % len(plan.extensions)]
        try:
            leg = self._switch.trunk.arrive(plan.caller(number), extension)
            self._switch.timeline.after(plan.ring, lambda: self._answer(Leg(leg.call, extension), leg))
        except Refusal:
            self.refused += 1
        due = self._start + self.made / plan.per_second
        if due < self._start + plan.seconds:
            self._next = self._switch.timeline.after(due - self._switch.timeline.now, self._call)

    def _answer(self, own: Leg, far: Leg) -> None:
        try:
            self._switch.services.answer(own)
            self.answered += 1
        except Refusal:
            self._end(far)
            return
        # Both ends hang up equally often.
        last = own if self.answered % 2 else far
        self._switch.timeline.after(self.plan.talk, lambda: self._end(last))

    def _end(self, leg: Leg) -> None:
        self.ended += 1
        try:
            self._switch.services.clear_connection(leg)
        except Refusal:
            return
