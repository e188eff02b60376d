"""What people do: those outside who call or are called, and those of ours who are not there (their telephones are "auto").

Everything is planned on the switch's clock and drawn from one seeded generator, so that a run can be repeated.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from unisono.demo.pbx.model import CallEvent, CallEventKind, Category, Cause, Leg, Refusal, State
from unisono.demo.pbx.switch import Switch

HANDS_OFF = 600.0
"""Seconds for which a telephone is left alone after a person has acted on it."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How people behave; ranges in seconds, chances from 0 to 1."""

    answer_after: tuple[float, float] = (2.0, 9.0)
    answers: float = 0.85
    rejects: float = 0.03
    takes_up: float = 1.0
    """After how many seconds a telephone is taken up that is prompted to dial."""
    talk: tuple[float, float] = (15.0, 120.0)
    gives_up_after: tuple[float, float] = (15.0, 45.0)
    outside_rings_after: tuple[float, float] = (0.4, 1.5)
    outside_answers: float = 0.8
    outside_busy: float = 0.08
    message: tuple[float, float] = (5.0, 20.0)
    holds: float = 0.1
    transfers: float = 0.12


class World:
    """Plays everybody who is not a user of the system."""

    def __init__(self, switch: Switch, auto: Iterable[str], habits: Habits | None = None, seed: int = 1) -> None:
        self.switch = switch
        self.habits = habits or Habits()
        self.random = random.Random(seed)  # noqa: S311
        self.auto = set(auto)
        self._hands: dict[str, float] = {}
        self._scripted: dict[str, float] = {}
        self._renamed: dict[str, str] = {}
        switch.core.watchers.append(self._see)

    # Who acts by itself

    def hands_on(self, device: str) -> None:
        """A person acts on this telephone: it does nothing by itself for a while."""
        self._hands[device] = self.switch.timeline.now + HANDS_OFF

    def acts(self, device: str) -> bool:
        """Whether this telephone acts by itself now."""
        return device in self.auto and self._hands.get(device, 0.0) <= self.switch.timeline.now

    def script(self, call: str, talk: float) -> None:
        """This call ends so many seconds after it was answered; until then nothing else happens in it by itself."""
        self._scripted[call] = talk

    # Reactions

    def _see(self, event: CallEvent) -> None:
        for moved in event.moved:
            if moved.old is not None and moved.old.call != moved.new.call:
                self._renamed[moved.old.call] = moved.new.call
        match event.kind:
            case CallEventKind.NETWORK_REACHED:
                self._outside(event.subject)
            case CallEventKind.DELIVERED:
                self._rings(event)
            case CallEventKind.ESTABLISHED:
                self._talks(event)
            case CallEventKind.SERVICE_INITIATED:
                self._prompted(event)
            case CallEventKind.CALL_CLEARED:
                self._forget(event.subject.call)
            case _:
                pass

    def _within(self, bounds: tuple[float, float]) -> float:
        return self.random.uniform(*bounds)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Plan something that people do; if it is no longer possible by then, it does not happen."""

        def act() -> None:
            try:
                action()
            except Refusal:
                return

        self.switch.timeline.after(seconds, act)

    def _outside(self, leg: Leg) -> None:
        """Somebody outside is called: rings, and answers, is busy, or lets it ring."""
        ring = self._within(self.habits.outside_rings_after)
        if self.random.random() < self.habits.outside_busy:
            self.later(ring, lambda: self.switch.trunk.refuses(leg))
            return
        self.later(ring, lambda: self.switch.trunk.rings(leg))
        if self.random.random() < self.habits.outside_answers:
            self.later(ring + self._within(self.habits.answer_after), lambda: self.switch.trunk.answers(leg))
        else:
            self.later(ring + 45.0, lambda: self.switch.trunk.refuses(leg, Cause.CALL_NOT_ANSWERED))

    def _rings(self, event: CallEvent) -> None:
        leg = event.subject
        if not self.acts(leg.device):
            return
        luck = self.random.random()
        wait = self._within(self.habits.answer_after)
        if luck < self.habits.rejects:
            self.later(wait, lambda: self._if_auto(leg, self.switch.services.clear_connection))
        elif luck < self.habits.rejects + self.habits.answers:
            self.later(wait, lambda: self._if_auto(leg, self._answer))

    def _answer(self, leg: Leg) -> None:
        """Who talks already lets a second call ring."""
        if not self.switch.core.in_state(leg.device, State.CONNECTED, State.HOLD):
            self.switch.services.answer(leg)

    def _prompted(self, event: CallEvent) -> None:
        """A telephone that is prompted to dial is taken up: whoever clicked has no telephone in the demo."""
        leg = event.subject
        if event.cause is Cause.MAKE_CALL or self.acts(leg.device):
            self.later(self.habits.takes_up, lambda: self._take_up(leg))

    def _take_up(self, leg: Leg) -> None:
        if self.switch.core.connection(leg).state is State.INITIATED:
            self.switch.services.answer(leg)

    def _if_auto(self, leg: Leg, action: Callable[[Leg], object]) -> None:
        if self.acts(leg.device):
            action(leg)

    def _talks(self, event: CallEvent) -> None:
        """Somebody has answered: plan what happens in the call, and its end."""
        call = event.subject.call
        device = self.switch.core.devices.get(event.subject.device)
        if device is not None and device.category is Category.VOICE:
            self.later(self._within(self.habits.message), lambda: self._end(call))
            return
        if call in self._scripted:
            self.later(self._scripted[call], lambda: self._end(call))
            return
        talk = self._within(self.habits.talk)
        luck = self.random.random()
        if self.acts(event.subject.device) and event.cause is not Cause.TRANSFER:
            if luck < self.habits.transfers:
                self.later(talk / 2, lambda: self._transfer(event.subject))
            elif luck < self.habits.transfers + self.habits.holds:
                self.later(talk / 3, lambda: self._if_auto(event.subject, self.switch.services.hold))
                self.later(talk / 2, lambda: self._if_auto(event.subject, self.switch.services.retrieve))
        self.later(talk, lambda: self._end(call))

    def _transfer(self, leg: Leg) -> None:
        """Hand the call to a free colleague, with or without asking first."""
        free = [each for each in sorted(self.auto) if self.acts(each) and not self.switch.core.own(each)]
        if not free or not self.acts(leg.device):
            return
        colleague = self.random.choice(free)
        if self.random.random() < 0.5:
            self.switch.joining.single_step_transfer(leg, colleague)
            return
        consultation = self.switch.joining.consultation(leg, colleague)
        self.later(self._within((8.0, 20.0)), lambda: self._complete(leg, consultation))

    def _complete(self, held: Leg, active: Leg) -> None:
        colleague = self.switch.call(active.call).parties
        if any(party.state is State.CONNECTED and party.leg != active for party in colleague):
            self.switch.joining.transfer(held, active)
        else:
            self.switch.joining.reconnect(held, active)

    def _forget(self, call: str) -> None:
        self._scripted.pop(call, None)
        self._renamed = {old: new for old, new in self._renamed.items() if new != call}

    def _end(self, call: str) -> None:
        """Somebody hangs up who acts by itself: the outside party, or an auto telephone."""
        while call in self._renamed:
            call = self._renamed[call]
        enders = [
            party.leg
            for party in self.switch.call(call).parties
            if party.state in (State.CONNECTED, State.HOLD)
            and ((party.address.outside and party.leg.device not in self.switch.core.devices) or self.acts(party.leg.device))
        ]
        if enders:
            self.switch.services.clear_connection(self.random.choice(enders))

    # Calls from outside

    def call_in(
        self,
        number: str,
        to: str,
        *,
        name: str = "",
        patience: float | None = None,
        talk: float | None = None,
    ) -> Leg:
        """Somebody outside calls and gives up after `patience`; with `talk` the call is scripted."""
        leg = self.switch.trunk.arrive(number, to, name)
        if talk is not None:
            self.script(leg.call, talk)
        wait = patience if patience is not None else self._within(self.habits.gives_up_after)
        self.later(wait, lambda: self._give_up(leg))
        return leg

    def _give_up(self, leg: Leg) -> None:
        connection = self.switch.core.connection(leg)
        if not connection.established:
            self.switch.trunk.hangs_up(leg)
