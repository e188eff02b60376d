"""The values of the number engine: what a number is, how it was reached, how it may be written."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from unisono.numbers.dialect import check_replacement, translate
from unisono.numbers.reasons import explained


class Direction(StrEnum):
    """From where a number comes to us."""

    IN = "in"
    """The PBX reports it for a call that arrives."""
    OUT = "out"
    """A person dials it; or, with the origin `pbx`, the PBX reports it for a call that leaves."""
    STORED = "stored"
    """It stands in a contact, a file or a mail: nothing of an outside line is taken off."""


class Origin(StrEnum):
    """Who wrote the number."""

    PERSON = "person"
    PBX = "pbx"


class Role(StrEnum):
    """What the number is in the call; each has its own list of outside digits to take off."""

    CALLER = "caller"
    CALLED = "called"
    CONNECTED = "connected"
    REDIRECTING = "redirecting"
    FORWARDING = "forwarding"
    LINE = "line"


class NumberKind(StrEnum):
    """What a number is."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    """An extension of this site, or of another site that this one knows."""
    SERVICE = "service"
    """A short public number that has no international form (11833); stays as dialled."""
    EMERGENCY = "emergency"
    FEATURE = "feature"
    """A code for the PBX or the network (*21*123#)."""
    ANONYMOUS = "anonymous"
    """No number was given, or a rule suppressed it."""
    INVALID = "invalid"
    """It cannot be read as one number; `PhoneNumber.reason` says why."""


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One number, told in the one form that is used everywhere inside.

    `supercanonical`: `+`, country, area, subscriber, digits only (`+390432123456`); service, emergency and feature
    numbers and extensions that nobody can dial from outside stay as dialled; empty if anonymous or refused.
    `country`: ISO 3166 alpha-2, empty where unknown. `extension`: of an internal number the digits dialled inside; of an
    external one what to dial after the answer (`int. 12`). `site`: name of the location an internal number belongs to.
    `reason`: why it was refused, or what looks odd about it (`too-short`, `second-number`); a stable code.
    """

    supercanonical: str
    kind: NumberKind
    country: str = ""
    extension: str = ""
    site: str = ""
    reason: str = ""

    def __str__(self) -> str:
        return self.supercanonical

    @property
    def dialable(self) -> bool:
        """Whether there is something to dial."""
        return self.kind not in (NumberKind.ANONYMOUS, NumberKind.INVALID)


class NumberFormat(IntEnum):
    """The ten forms in which a number is written, with the values that clients of such servers know."""

    PLAIN = 0
    PLAIN_SHORT = 1
    READABLE = 2
    READABLE_SHORT = 3
    DIALABLE = 4
    DIN_5008 = 5
    DIN_5008_SHORT = 6
    PLAIN_HYPHEN = 7
    PLAIN_HYPHEN_SHORT = 8
    UNFORMATTED = 9


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule list.

    `search` is a pattern (`dialect.py` says which), or, with `match_replace`, the whole number literally.
    `replace`: None only recognises; an empty text replaces by nothing; `\\1` to `\\9` are the groups of the pattern.
    `auto_created` rows are made by the server for another site, whose name is `for_location`.
    Raises ValueError if the pattern or the replacement is not one.
    """

    search: str
    replace: str | None = None
    match_replace: bool = False
    auto_created: bool = False
    for_location: str = ""

    def __post_init__(self) -> None:
        if self.match_replace:
            return
        _, groups = translate(self.search)
        if self.replace is not None:
            check_replacement(self.replace, groups)

    def __str__(self) -> str:
        target = " (recognises)" if self.replace is None else f" -> {self.replace or 'nothing'}"
        return ("is exactly " if self.match_replace else "") + self.search + target


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an order: its name, the text before and after, the rule or entry that hit, what was decided.

    `note` is a code of `reasons`, or a number's kind.
    """

    name: str
    before: str
    after: str
    rule: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dialled:
    """What goes to the PBX.

    `digits`: what to dial. `after_answer`: DTMF for later, `p` half a second, `P` a second of pause (project codes).
    `number`: who is called. `provider`: name of the least-cost provider, if one was chosen.
    `stages`: filled only when an explanation was asked for.
    """

    digits: str
    number: PhoneNumber
    after_answer: str = ""
    provider: str = ""
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a number was read and dialled, stage by stage.

    `dialled`: what the PBX would get to reach the number from here; `dial_stages` how, where that is not the order
    explained in `stages` itself. `problem`: why it cannot be dialled, empty if it can; `problem_code` the same for clients.
    """

    raw: str
    location: str
    direction: Direction
    origin: Origin
    role: Role
    number: PhoneNumber
    stages: tuple[Stage, ...]
    dialled: str = ""
    after_answer: str = ""
    dial_stages: tuple[Stage, ...] = ()
    problem: str = ""
    problem_code: str = ""
    formats: tuple[tuple[NumberFormat, str], ...] = ()

    def to_json(self) -> dict[str, object]:
        """The explanation as plain JSON values; the client's and the command line's words side by side."""
        return {
            "input": self.raw,
            "location": self.location,
            "direction": self.direction.value,
            "origin": self.origin.value,
            "role": self.role.value,
            "result": self.number.supercanonical,
            "supercanonical": self.number.supercanonical,
            "canonical": self.number.supercanonical,
            "kind": self.number.kind.value,
            "country": self.number.country,
            "extension": self.number.extension,
            "site": self.number.site,
            "reason": self.number.reason,
            "dialled": self.dialled,
            "after_answer": self.after_answer,
            "problem": self.problem or None,
            "problem_code": self.problem_code,
            "formats": {str(int(fmt)): text for fmt, text in self.formats},
            "stages": [_stage_json(stage) for stage in self.stages],
            "dial_stages": [_stage_json(stage) for stage in self.dial_stages],
        }


def _stage_json(stage: Stage) -> dict[str, object]:
    return {
        "stage": stage.name,
        "name": stage.name,
        "before": stage.before,
        "after": stage.after,
        "rule": stage.rule,
        "hit": stage.rule is not None or stage.before != stage.after,
        "note": explained(stage.note),
        "note_code": stage.note,
    }
