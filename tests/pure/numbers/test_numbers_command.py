"""The command line's answers about numbers."""

import json

from unisono.kernel.errors import NotFound
from unisono.numbers import Direction, Location, Rule, explain
from unisono.numbers.command import explain_lines, render

MUNICH = Location.simple("Munich", "DE", "89", trunk="36856", ranges=["[0-2]"], outside="0", internal_max=3)


def lookup(name: str) -> Location:
    if name != "munich":
        raise NotFound("unknown-location", f"There is no location {name!r}.", data={"field": "location_id"})
    return MUNICH


def answers(*lines: object) -> list[dict[str, object]]:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return [json.loads(text) for text in explain_lines(texts, lookup)]


def test_lines_are_answered_in_order_and_bad_ones_say_what_is_wrong() -> None:
    good = {"number": "0030123456", "location": "munich", "direction": "in"}
    found = answers(
        good,
        "no json",
        "",
        "[1]",
        {**good, "direction": "up"},
        {**good, "origin": "dog"},
        {**good, "role": "king"},
        {**good, "number": 5},
        {**good, "colour": "red"},
        {"location": "munich", "direction": "in"},
        {**good, "location": "Mars"},
        {**good, "at": "noon"},
        {**good, "number": "0" * 70_000},
        "[" * 100_000,
        {**good, "direction": "out", "origin": "pbx", "role": "called", "at": "2026-11-23T10:00:00+01:00"},
        {**good, "number": "Mario"},
    )
    assert [each["line"] for each in found] == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    assert (found[0]["supercanonical"], found[0]["kind"], found[0]["dialled"]) == ("+4930123456", "external", "0030123456")
    assert [each.get("field") for each in found[1:13]] == [
        "", "", "direction", "origin", "role", "number", "colour", "number", "location_id", "at", "", "",
    ]  # fmt: skip
    assert all("error" in each for each in found[1:13])
    assert found[13]["supercanonical"] == "+4930123456"
    assert (found[14]["kind"], found[14]["reason"], found[14]["dialled"]) == ("invalid", "no-number", "")


def test_the_words_for_people_show_every_stage_and_the_rule() -> None:
    from dataclasses import replace

    site = replace(MUNICH, in_rules=(Rule("^80(.*)", r"0\1"),))
    text = render(explain("80030123456", site, Direction.IN))
    assert "super-canonical: +4930123456" in text
    assert r"in-rules 1: ^80(.*) -> 0\1" in text
    assert "dialled:         0030123456" in text
    for name in ("clean", "in-rules", "outside-line", "supercanonical", "dial-format"):
        assert name in text
    assert "problem:         there is no number in it" in render(explain("Mario", site, Direction.OUT))
