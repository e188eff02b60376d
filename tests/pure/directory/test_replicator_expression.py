"""Expressions of a mapping: what they give, and what an admin who mistypes one reads."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.replicators.expression import (
    Branch,
    Choice,
    Condition,
    Expression,
    ExpressionError,
    Operand,
    column,
    parse,
)
from unisono.directory.replicators.filters import FILTERS
from unisono.directory.replicators.source import Value

ROW: dict[str, Value] = {
    "First": " anna ",
    "Last": "Rossi",
    "Kind": "Fax",
    "Phone": "0432 1",
    "Born": "23.11.1976",
    "Tel. (privat)": "0432 2",
    "a|b": "odd",
    "mail": ("a@x.it", "b@x.it"),
    "Empty": "",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{Last}", "Rossi"),
        ("{First} {Last}", "anna  Rossi"),
        ("{First:strip:title} {Last:upper}", "Anna ROSSI"),
        ("{Empty | Nowhere | Last}", "Rossi"),
        ("{Empty | 'nobody'}", "nobody"),
        ("{Kind = 'fax' ? Phone}", "0432 1"),
        ("{Kind != 'fax' ? Phone | 'no'}", "no"),
        ("{Kind ~ '^F' ? Phone}", "0432 1"),
        ("{Empty ? 'there' | 'not there'}", "not there"),
        ("{! Empty ? 'not there'}", "not there"),
        ("{Tel. (privat)}", "0432 2"),
        ('{"a|b":upper}', "ODD"),
        ("{Born:date('%d.%m.%Y')}", "1976-11-23"),
        ("{Last:date('%d.%m.%Y')}", "Rossi"),
        ("{Phone:digits}", "04321"),
        ("{Phone:replace(' ', '-')}", "0432-1"),
        (r"{Phone:regex('(\d+)$')}", "1"),
        (r"{Phone:regex('(\d+) (\d+)', '\\2 \\1')}", "1 0432"),
        ("{Last:regex('x')}", ""),
        ("{Last:split('s', '3')}", "i"),
        ("{Last:split('s', '9')}", ""),
        ("{mail:upper}", ("A@X.IT", "B@X.IT")),
        ("{mail:item('2')}", "b@x.it"),
        ("{mail:item('3')}", ""),
        ("{mail:join('; ')}", "a@x.it; b@x.it"),
        ("<{mail}>", "<a@x.it>"),
        ("{{{Last}}}", "{Rossi}"),
        ("ext. {Empty}", ""),
        ("Customer", "Customer"),
        (r"{'it\'s'}", "it's"),
        ("", ""),
    ],
)
def test_what_an_expression_gives(text: str, value: Value) -> None:
    assert parse(text).values(ROW) == value


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("{First", 1, "bracket"),
        ("a }", 3, "bracket"),
        ("{}", 2, "name"),
        ("{A | }", 6, "name"),
        ("{A:wave}", 4, "filter"),
        ("{A:replace}", 4, "arguments"),
        ("{A:strip('x')}", 4, "arguments"),
        ("{A:replace(x)}", 12, "text"),
        ("{A:regex('(')}", 10, "pattern"),
        (r"{A:regex('a', '\\1')}", 15, "replacement"),
        ("{A:item('0')}", 9, "place"),
        ("{A:split(',', 'x')}", 15, "place"),
        ("{A ~ B ? C}", 6, "pattern"),
        ("{A ~ '(' ? C}", 6, "pattern"),
        ("{A = 'x'}", 9, "sign"),
        ("{A 'x'}", 4, "sign"),
        ("{'x}", 2, "quote"),
        ("x" * 2001, 1, "too-long"),
    ],
)
def test_mistakes_say_where_they_are(text: str, position: int, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.position, caught.value.data["reason"]) == (position, reason)


def test_a_plain_column_is_known_as_one() -> None:
    assert parse("{ Last }").column == "Last"
    assert parse('{"a|b"}').column == "a|b"
    assert not parse("{Last:strip}").column
    assert not parse("{Last} ").column
    assert parse("{A ? B:strip | C != D ? 'x'} {E}").columns == {"A", "B", "C", "D", "E"}


NAMES = st.text(min_size=1, max_size=12).filter(lambda name: name == name.strip())
TEXTS = st.text(max_size=8)
PLAIN_FILTERS = st.sampled_from(
    [*((name, ()) for name, each in FILTERS.items() if each.least == 0), ("item", ("2",)), ("split", (";", "1"))]
)
OPERANDS = st.one_of(
    st.builds(Operand, NAMES, st.just(False), st.lists(PLAIN_FILTERS, max_size=2).map(tuple)),
    st.builds(Operand, TEXTS, st.just(True)),
)
CONDITIONS = st.one_of(
    st.builds(Condition, OPERANDS, st.sampled_from(["", "!"])),
    st.builds(Condition, OPERANDS, st.sampled_from(["=", "!="]), OPERANDS),
)
CHOICES = st.builds(
    Choice, st.lists(st.builds(Branch, OPERANDS, st.none() | CONDITIONS), min_size=1, max_size=3).map(tuple)
)


def _joined(parts: list[Any]) -> Expression:
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return Expression(tuple(merged))


EXPRESSIONS = st.lists(st.one_of(TEXTS, CHOICES), max_size=4).map(_joined)
ROWS = st.dictionaries(NAMES, st.one_of(TEXTS, st.lists(TEXTS, max_size=3).map(tuple)), max_size=4)


@given(EXPRESSIONS)
def test_an_expression_written_down_reads_as_itself(expression: Expression) -> None:
    assert parse(str(expression)) == expression


@given(EXPRESSIONS, ROWS)
def test_any_expression_gives_a_text_for_any_row(expression: Expression, row: dict[str, Value]) -> None:
    value = expression.values(row)
    assert isinstance(value, str | tuple)


@given(st.text(max_size=60) | st.text("{}|:?!=~'\"\\ab(),1", max_size=40))
def test_any_text_is_an_expression_or_a_mistake_within_it(text: str) -> None:
    position = 1
    try:
        parse(text)
    except ExpressionError as error:
        position = error.position
    assert 1 <= position <= len(text) + 1


@given(NAMES)
def test_every_column_can_be_named(name: str) -> None:
    assert column(name).values({name: "x"}) == "x"
    assert parse(str(column(name))).column == name
