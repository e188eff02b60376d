"""The pattern dialect: what it means, what it refuses, and that no pattern can take the server's time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unisono.numbers import Rule
from unisono.numbers.dialect import INPUT_MOST, expand, translate
from unisono.numbers.location import DdiRange, RangeMode
from unisono.numbers.rules import RuleList
from unisono.numbers.sites import range_patterns


def hits(search: str, text: str) -> bool:
    return RuleList((Rule(search),)).find(text) is not None


@pytest.mark.parametrize(
    ("search", "hit", "miss"),
    [
        ("^0", "0123", "1023"),
        ("152$", "89152", "1523"),
        ("8|9", "2390", "1234"),
        ("^1.3$", "123", "1223"),
        ("^12*$", "1222", "13"),
        ("^12*$", "1", "12*"),
        ("^12+$", "122", "1"),
        ("^12?3$", "13", "1223"),
        ("^[^0-8]", "91", "81"),
        ("^[0-24]5", "45", "35"),
        ("^(12|34)5$", "345", "1345"),
        (r"^\+49", "+4989", "04989"),
        (r"^\*21\*", "*21*1", "221"),
        ("^#31#", "#31#0", "31"),
        (r"^\d{3}$", "123", "1234"),
        ("^[0-9]{2,3}$", "12", "1"),
        ("^[+]39$", "+39", "39"),
        (r"^[\+0]", "+1", "11"),
        ("^(?:0|9)1$", "91", "81"),
        ("^[]0]1", "01", "11"),
    ],
)
def test_the_dialect(search: str, hit: str, miss: str) -> None:
    assert hits(search, hit)
    assert not hits(search, miss)


@pytest.mark.parametrize(
    "search",
    [
        *("", "(", ")", "[", "[0", "*1", "a**", "1+?", "(?=1)", r"\1", r"\w", "1{", "1{2", "1{3,2}", "x" * 600, "[9-0]", "^*"),
        *("$+", "(" * 12 + "1" + ")" * 12, "(1)" * 10),
    ],
)
def test_what_is_no_pattern_is_refused_in_words(search: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|character|range"):
        Rule(search)


@pytest.mark.parametrize("replace", [r"\2", "\n", "ü", "1" * 600])
def test_what_is_no_replacement_is_refused(replace: str) -> None:
    with pytest.raises(ValueError, match="replacement"):
        Rule("^(0)", replace)


@pytest.mark.parametrize(
    "search",
    [
        *("(1*)*2", "(1+)+2", "([0-9]+)*$", "(1|1)*2", "(1?)*2", "1*1*1*1*2", "^" + "1?" * 20 + "2", "^(1*1*)(1*1*)2"),
        "(1|1|1){9}2",
    ],
)
def test_patterns_that_can_match_in_too_many_ways_are_refused(search: str) -> None:
    with pytest.raises(ValueError, match=r"too many ways|repetition inside"):
        Rule(search)


@pytest.mark.parametrize("search", ["^(.*)(.*)(.*)2$", "(.*)1(.*)2$", "^" + "1?" * 18 + "2$"])
def test_the_worst_that_is_allowed_comes_back(search: str) -> None:
    assert RuleList((Rule(search),)).find("1" * INPUT_MOST) is None


def test_longer_texts_than_numbers_are_not_searched() -> None:
    assert not hits("1", "1" * (INPUT_MOST + 1))


ATOM = st.sampled_from([*"0123456789.", "[0-9]", "[^05]", "[12]", r"\+", r"\*", "(1)", "(12|3)"])
PIECE = st.builds(lambda atom, mark: atom + mark, ATOM, st.sampled_from(["", "", "", "?", "*", "+"]))
PATTERN = st.builds(
    lambda head, pieces, tail: head + "".join(pieces) + tail,
    st.sampled_from(["", "^"]), st.lists(PIECE, min_size=1, max_size=5), st.sampled_from(["", "$"]),
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(PATTERN, st.text("0123456789+*", max_size=12))
def test_the_dialect_means_what_python_means(search: str, text: str) -> None:
    try:
        rule = Rule(search)
    except ValueError:
        return
    assert (RuleList((rule,)).find(text) is not None) == (re.search(search, text) is not None)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.text("0123456789", max_size=20))
def test_any_text_is_a_pattern_or_refused(search: str, text: str) -> None:
    try:
        rule = Rule(search)
    except ValueError:
        return
    RuleList((rule,)).find(text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["(^7?456$)", "^456$", "^4", "^7(.*)", "^[0-9]56$", "^7456$", "^4?5?6?$", "9"]),
            st.sampled_from([None, "", "1", r"\0"]),
        ),
        max_size=6,
    ),
    st.sampled_from(["456", "7456", "56", "4", "", "9", "456456"]),
)
def test_looking_up_and_searching_find_the_same_rule(rows: list[tuple[str, str | None]], text: str) -> None:
    rules = tuple(Rule(search, replace) for search, replace in rows)
    hit = RuleList(rules).find(text)
    wanted = next((place for place, (search, _) in enumerate(rows, 1) if re.search(search, text)), None)
    assert (hit.place if hit else None) == wanted
    if hit and hit.rule.replace is not None:
        match = re.search(hit.rule.search, text)
        assert match
        assert hit.after == text[: match.start()] + expand(hit.rule.replace, match) + text[match.end() :]


def test_thousands_of_synchronised_rows_are_looked_up() -> None:
    rules = tuple(Rule(f"(^7?{number}$)", r"+492132916\1") for number in range(1000, 9000))
    known = RuleList(rules)
    hit = known.find("78999")
    assert hit is not None
    assert (hit.after, hit.place) == ("+49213291678999", 8000)
    assert not known._searched


def test_groups_that_took_no_part_are_empty() -> None:
    hit = RuleList((Rule("^(7)?(456)$", r"\1-\2"),)).find("456")
    assert hit is not None
    assert hit.after == "-456"


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 99999), st.integers(0, 99999), st.integers(0, 120000))
def test_range_patterns_match_exactly_the_range(one: int, other: int, number: int) -> None:
    low, high = sorted((one, other))
    extensions = DdiRange(str(low), str(high))
    patterns = [translate(f"^{each}$")[0] for each in range_patterns(extensions, 0, 0)]
    inside = any(re.search(each, str(number)) for each in patterns)
    assert inside == (low <= number <= high) == extensions.holds(str(number), 0, 0)


def test_range_patterns_of_a_first_digit_have_the_internal_lengths() -> None:
    assert range_patterns(DdiRange("0", "2", RangeMode.FIRST_DIGIT), 2, 3) == ["[0-2][0-9]", "[0-2][0-9][0-9]"]
