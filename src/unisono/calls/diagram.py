"""`python -m unisono.calls.diagram > docs/calls.md`: the page about connection states and results, made from the code."""

from collections.abc import Mapping
from enum import StrEnum

from unisono.calls import transitions, unwatched
from unisono.calls.model import LegOutcome, Result
from unisono.calls.transitions import TABLE, Trigger

RESULTS: Mapping[Result, str] = {
    Result.ANSWERED: "A person answered: not a queue, a mailbox or an announcement.",
    Result.MISSED: "It rang and nobody answered.",
    Result.REJECTED: "The called person refused it.",
    Result.BUSY: "The called line was busy.",
    Result.VOICEMAIL: "Nobody answered; a mailbox took it.",
    Result.ABANDONED: "The caller left a queue.",
    Result.UNREACHABLE: "The called line is out of service, does not exist or cannot be reached.",
    Result.REFUSED_DND: "The called line is set to do not disturb.",
    Result.FORWARDED: "Unanswered, it went on to a line that nobody monitors: what became of it there is not known.",
    Result.NOT_PLACED: "The caller never dialled.",
    Result.TRANSFERRED_WHILE_RINGING: "It was transferred, or became part of another call, before anybody answered.",
    Result.FEATURE_CODE: "A code for the PBX, no call to anybody.",
    Result.LOST_SIGHT: "It vanished while the link was down: its end is not known.",
}
OUTCOMES: Mapping[LegOutcome, str] = {
    LegOutcome.ANSWERED: "This party talked.",
    LegOutcome.ANSWERED_ELSEWHERE: "It rang here; somebody else who was rung too answered.",
    LegOutcome.PICKED_UP_ELSEWHERE: "It rang here; somebody else took it by picking up.",
    LegOutcome.MISSED: "It rang and was not answered.",
    LegOutcome.MISSED_QUEUE: "A queue rang here, without an answer.",
    LegOutcome.MISSED_VOICEMAIL: "It rang here; a mailbox took it.",
    LegOutcome.MISSED_UNREACHABLE: "The line could not be reached.",
    LegOutcome.MISSED_DND: "The line is set to do not disturb.",
    LegOutcome.REJECTED: "This party refused it.",
    LegOutcome.BUSY: "The line was busy.",
    LegOutcome.DEFLECTED: "Sent on to somebody else while it rang.",
    LegOutcome.FORWARDED: "Forwarded by a setting of the line.",
    LegOutcome.TRANSFERRED: "This party talked and then transferred it, or was on the line that did.",
    LegOutcome.OWN_PHONE_NOT_ANSWERED: "A call made by a click: the caller's own telephone was not answered.",
    LegOutcome.RINGING_CONTINUES_AS_TRANSFER: "It rang here for a consultation, and goes on ringing for the transferred call.",
}


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([*_states(), "", *_results(), "", *_unwatched()])


def _states() -> list[str]:
    return [
        "# Calls: the states of a connection, and what becomes of calls",
        "",
        "<!-- Made by `python -m unisono.calls.diagram > docs/calls.md`. Do not edit. -->",
        "",
        (transitions.__doc__ or "").strip(),
        "",
        "```mermaid",
        transitions.mermaid(),
        "```",
        "",
        "| event | " + " | ".join(str(state) for state in TABLE) + " |",
        "|---|" + "---|" * len(TABLE),
        *[
            f"| {trigger} | " + " | ".join(str(row.get(trigger, "–")) for row in TABLE.values()) + " |"
            for trigger in Trigger
        ],
        "",
        "–: cannot be; it is counted as an anomaly and the connection stays as it was.",
    ]


def _results() -> list[str]:
    return [
        "## Results of a call",
        "",
        *_words(RESULTS),
        "",
        "## Outcomes of one party's part",
        "",
        "A party of whom nothing is known has none.",
        "",
        *_words(OUTCOMES),
    ]


def _words(meanings: Mapping[Result, str] | Mapping[LegOutcome, str]) -> list[str]:
    rows: list[tuple[StrEnum, str]] = list(meanings.items())
    return ["| word | meaning |", "|---|---|", *[f"| `{word}` | {meaning} |" for word, meaning in rows]]


def _unwatched() -> list[str]:
    first, _, rest = (unwatched.__doc__ or "").strip().partition("\n")
    return ["## " + first.removesuffix(" Pure.").rstrip("."), "", rest.strip()]


if __name__ == "__main__":
    print(page())  # noqa: T201
