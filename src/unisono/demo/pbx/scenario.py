"""Scripted scenarios: commands at times, one a line.

    call from=+441632960123 to=101
    +3 answer at=101
    +5 consult at=101 to=103

`+3` waits three seconds after the step before; without it a step follows at once. `#` begins a comment.
"""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from unisono.demo.pbx.timeline import Timeline
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.log import Log

log = Log("demo.pbx")

SCENARIOS: Mapping[str, str] = {
    "transfer": """
        # A customer calls 101, who asks 103 and hands the call over.
        call from=+441632960123 to=101
        +3 answer at=101
        +5 consult at=101 to=103
        +3 answer at=103
        +4 transfer at=101
        +10 hang-up at=103
    """,
    "blind-transfer": """
        call from=+441632960123 to=101
        +3 answer at=101
        +4 transfer at=101 to=104
        +3 answer at=104
        +8 hang-up at=104
    """,
    "conference": """
        call from=+441632960121 to=102
        +3 answer at=102
        +4 consult at=102 to=201
        +3 answer at=201
        +3 conference at=102
        +8 hang-up at=201
        +3 hang-up at=102
    """,
    "missed": """
        call from=+441632960123 to=101 patience=12
    """,
    "voicemail": """
        auto at=105 on=off
        call from=+441632960127 to=105 patience=60
        +60 auto at=105 on=on
    """,
    "queue": """
        call from=+441632960123 to=600 talk=20 patience=90
        +1 call from=+441632960121 to=600 talk=20 patience=90
        +1 call from=+443069990021 to=600 talk=20 patience=90
    """,
    "park": """
        call from=+441632960123 to=101
        +3 answer at=101
        +4 park at=101 slot=790
        +5 dial at=103 to=790
        +8 hang-up at=103
    """,
    "pick-up": """
        call from=+441632960123 to=104
        +4 pick-up at=103
        +8 hang-up at=103
    """,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One command, so many seconds after the step before."""

    after: float
    do: str
    arguments: Mapping[str, str]


def named(name: str) -> str:
    """The text of a built-in scenario."""
    text = SCENARIOS.get(name)
    if text is None:
        known = ", ".join(SCENARIOS)
        raise Invalid("unknown-scenario", f"There is no scenario {name!r}. There are: {known}.", data={"field": "name"})
    return text


def parse(text: str) -> tuple[Step, ...]:
    """The steps of a scenario; raises `Invalid` with the line that is wrong."""
    lines = (line.strip() for line in text.replace(";", "\n").splitlines())
    return tuple(_step(line) for line in lines if line and not line.startswith("#"))


def _step(line: str) -> Step:
    wrong = Invalid("bad-scenario", f"This is no step of a scenario: {line}. Write: +3 answer at=101.")
    try:
        words = shlex.split(line, comments=True)
        after = float(words.pop(0)) if words[0].startswith("+") else 0.0
        do, *rest = words
    except (ValueError, IndexError) as error:
        raise wrong from error
    if not all("=" in word for word in rest):
        raise wrong
    return Step(after, do, dict(word.split("=", 1) for word in rest))


def play(steps: tuple[Step, ...], timeline: Timeline, serve: Callable[[str, Mapping[str, object]], object]) -> None:
    """Do the steps at their times; the first one that fails ends the scenario."""
    if not steps:
        return
    step, rest = steps[0], steps[1:]

    def act() -> None:
        try:
            serve(step.do, step.arguments)
        except Fault as fault:
            log.warning("scenario ended", step=step.do, why=fault.message)
            return
        play(rest, timeline, serve)

    timeline.after(step.after, act)
