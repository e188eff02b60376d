"""What the command line says about numbers: one number for people, many as JSON lines for programs."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from unisono.kernel.errors import Fault, Invalid
from unisono.numbers.explain import explain
from unisono.numbers.location import Location
from unisono.numbers.model import Direction, Explanation, Origin, Role, Stage
from unisono.numbers.reasons import explained

Lookup = Callable[[str], Location]
Word = TypeVar("Word", bound=StrEnum)

LINE_MOST = 65_536
_KEYS = {"number", "location", "direction", "origin", "role", "at", "private_pin", "project"}


def explain_lines(lines: Iterable[str], location_lookup: Lookup) -> Iterator[str]:
    """Explain every JSON line in its order; a line that cannot be read gives one with `error`, and the rest goes on.

    In: `{"number", "location", "direction", "origin"?, "role"?, "at"?, "private_pin"?, "project"?}`. Out: the
    explanation's JSON with `line`. Empty lines give nothing.
    """
    for place, line in enumerate(lines, 1):
        if not line.strip():
            continue
        answer: dict[str, object] = {"line": place}
        try:
            answer |= _explained(line, location_lookup).to_json()
        except Fault as fault:
            answer |= {"error": fault.message, "code": fault.code, **fault.data}
        yield json.dumps(answer, ensure_ascii=False)


def _explained(line: str, location_lookup: Lookup) -> Explanation:
    if len(line) > LINE_MOST:
        raise _wrong("", f"The line is longer than {LINE_MOST} characters.")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _wrong("", f"The line is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise _wrong("", "The line is no JSON object.")
    for key in value:
        if key not in _KEYS:
            raise _wrong(key, f"There is no {key}; there are {', '.join(sorted(_KEYS))}.")
    texts = {key: _text(value, key) for key in _KEYS}
    if "number" not in value:
        raise _wrong("number", "The line has no number.")
    return explain(
        texts["number"],
        location_lookup(texts["location"]),
        word(Direction, "direction", texts["direction"]),
        origin=word(Origin, "origin", texts["origin"]) if texts["origin"] else None,
        role=word(Role, "role", texts["role"]) if texts["role"] else None,
        at=_time(texts["at"]),
        private_pin=texts["private_pin"],
        project=texts["project"],
    )


def word(kind: type[Word], field: str, text: str) -> Word:
    """One of the words of an enumeration; `Invalid` says which there are."""
    try:
        return kind(text)
    except ValueError as error:
        raise _wrong(field, f"{field} is {text!r}; it must be one of {', '.join(kind)}.") from error


def _text(value: dict[str, object], key: str) -> str:
    text = value.get(key)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise _wrong(key, f"{key} must be a text.")
    return text


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise _wrong("at", f"at is {text!r}; it must be a time such as 2026-11-23T10:42.") from error


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("number-line-invalid", message, data={"field": field})


def render(explanation: Explanation) -> str:
    """The explanation for people: the result, then every stage with the rule that hit."""
    number = explanation.number
    head = [
        ("number", explanation.raw),
        ("read as", f"{explanation.direction}, from {explanation.origin}, {explanation.role}, at {explanation.location}"),
        ("super-canonical", number.supercanonical or "(none)"),
        ("kind", f"{number.kind}" + (f", {number.country}" if number.country else "")),
        ("extension", " at ".join(part for part in (number.extension, number.site) if part)),
        ("remark", number.reason),
        ("dialled", explanation.dialled + (f" then {explanation.after_answer}" if explanation.after_answer else "")),
        ("problem", explanation.problem),
    ]
    lines = [f"{name + ':':<17}{text}" for name, text in head if text]
    lines += ["", "stages:", *_stages(explanation.stages)]
    if explanation.dial_stages:
        lines += ["", "dialled back from here:", *_stages(explanation.dial_stages)]
    return "\n".join(lines)


def _stages(stages: tuple[Stage, ...]) -> Iterator[str]:
    for place, stage in enumerate(stages, 1):
        change = f"{stage.before} -> {stage.after or '(nothing)'}" if stage.before != stage.after else stage.before
        yield f"{place:>3} {stage.name:<18}{change}"
        for text in (stage.rule, explained(stage.note)):
            if text:
                yield f"{'':22}{text}"
