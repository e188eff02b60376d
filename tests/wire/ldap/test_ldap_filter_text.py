"""Filters as text (RFC 4515): there and back, what manuals print, and where a wrong one goes wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.ldap.strategies import FILTERS

from unisono.wire.ldap import Filter, Limits, TextError, parse_filter
from unisono.wire.ldap.filter import (
    And,
    Approx,
    Equality,
    Extensible,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)

CN = Equality("cn", b"x")
SN = Equality("sn", b"y")


@given(FILTERS)
def test_a_filter_is_read_as_it_was_written(one: Filter) -> None:
    text = str(one)
    assert parse_filter(text) == one
    assert parse_filter(text, tolerant=True) == one
    assert str(parse_filter(text)) == text


# The examples of RFC 4515 4, of RFC 4526, and what phones ask.
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("(cn=Babs Jensen)", Equality("cn", b"Babs Jensen")),
        ("(!(cn=Tim Howes))", Not(Equality("cn", b"Tim Howes"))),
        (
            "(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))",
            And((Equality("objectClass", b"Person"), Or((Equality("sn", b"Jensen"), Substrings("cn", b"Babs J"))))),
        ),
        ("(o=univ*of*mich*)", Substrings("o", b"univ", (b"of", b"mich"))),
        ("(seeAlso=)", Equality("seeAlso", b"")),
        ("(cn:caseExactMatch:=Fred Flintstone)", Extensible("cn", b"Fred Flintstone", "caseExactMatch")),
        ("(cn:=Betty Rubble)", Extensible("cn", b"Betty Rubble")),
        ("(sn:dn:2.4.6.8.10:=Barney Rubble)", Extensible("sn", b"Barney Rubble", "2.4.6.8.10", True)),
        ("(o:dn:=Ace Industry)", Extensible("o", b"Ace Industry", "", True)),
        ("(:1.2.3:=Wilma Flintstone)", Extensible("", b"Wilma Flintstone", "1.2.3")),
        ("(:DN:2.4.6.8.10:=Dino)", Extensible("", b"Dino", "2.4.6.8.10", True)),
        (
            r"(o=Parens R Us \28for all your parenthetical needs\29)",
            Equality("o", b"Parens R Us (for all your parenthetical needs)"),
        ),
        (r"(cn=*\2A*)", Substrings("cn", any=(b"*",))),
        (r"(filename=C:\5cMyFile)", Equality("filename", rb"C:\MyFile")),
        (r"(bin=\00\00\00\04)", Equality("bin", b"\0\0\0\4")),
        (r"(sn=Lu\c4\8di\c4\87)", Equality("sn", "Lučić".encode())),
        (r"(1.3.6.1.4.1.1466.0=\04\02\48\69)", Equality("1.3.6.1.4.1.1466.0", b"\x04\x02Hi")),
        ("(&)", And(())),
        ("(|)", Or(())),
        ("(cn;lang-de=Müller)", Equality("cn;lang-de", "Müller".encode())),
        ("(sn>=a)", GreaterOrEqual("sn", b"a")),
        ("(sn<=z)", LessOrEqual("sn", b"z")),
        ("(sn~=maier)", Approx("sn", b"maier")),
        ("(cn=*)", Present("cn")),
        ("(cn=**)", Present("cn")),
        ("(telephoneNumber=*5464)", Substrings("telephoneNumber", final=b"5464")),
        ("(&(telephoneNumber=*)(sn=ro*))", And((Present("telephoneNumber"), Substrings("sn", b"ro")))),
        ("(cn= x )", Equality("cn", b" x ")),
        ("(cn=a=b>=c)", Equality("cn", b"a=b>=c")),
    ],
)
def test_known_filters(text: str, wanted: Filter) -> None:
    assert parse_filter(text) == wanted


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 0),
        ("cn=x", 0),
        ("(", 1),
        ("()", 1),
        ("(cn=x", 5),
        ("(cn=x))", 6),
        ("(cn=x)(sn=y)", 6),
        (" (cn=x)", 0),
        ("(cn)", 1),
        ("(=x)", 1),
        ("(c n=x)", 1),
        ("(cn=x(y))", 5),
        ("(cn=x\0)", 5),
        (r"(cn=a\2)", 5),
        (r"(cn=*a*\zz)", 7),
        ("(cn>=a*)", 6),
        ("(:=x)", 1),
        ("(:dn:=x)", 1),
        ("(cn:dn=x)", 1),
        ("(!)", 2),
        ("(!(cn=x)(sn=y))", 8),
        ("(&(cn=x) (sn=y))", 8),
        ("(&(cn=x)sn=y)", 8),
        ("(cn=\ud800)", 4),
    ],
)
def test_errors_say_where(text: str, at: int) -> None:
    with pytest.raises(TextError) as caught:
        parse_filter(text)
    assert caught.value.at == at, caught.value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("(|(cn=x)(sn=y)", Or((CN, SN))),
        ("(|(cn=x)(sn=y", Or((CN, SN))),
        ("(|(cn=x)(sn=y)))", Or((CN, SN))),
        ("|(cn=x)(sn=y)", Or((CN, SN))),
        (" ( & (cn=x) (sn=y) ) ", And((CN, SN))),
        ("cn=x", CN),
        ("!(cn=x)", Not(CN)),
        ("(cn=x", CN),
        ("(cn=*", Present("cn")),
    ],
)
def test_a_tolerant_reader_takes_what_manuals_print(text: str, wanted: Filter) -> None:
    assert parse_filter(text, tolerant=True) == wanted
    with pytest.raises(TextError):
        parse_filter(text)


@pytest.mark.parametrize("text", ["", " ", ")", "(", "(cn=x)(sn=y)", "(|(cn=x))(sn=y))", "(cn=a(b))", "(cn)", "(!)"])
def test_a_tolerant_reader_does_not_guess(text: str) -> None:
    with pytest.raises(TextError):
        parse_filter(text, tolerant=True)


def test_filters_are_nested_as_deep_as_the_limit() -> None:
    assert parse_filter("(!" * 39 + "(cn=x)" + ")" * 39)
    for levels in (40, 10_000):
        with pytest.raises(TextError, match="too deep"):
            parse_filter("(!" * levels + "(cn=x)" + ")" * levels, limits=Limits(filter=100_000))
    with pytest.raises(TextError, match="longer than the limit"):
        parse_filter("(cn=xxxxxx)", limits=Limits(filter=10))


def test_a_name_from_elsewhere_cannot_break_out() -> None:
    assert str(Equality("cn=*)(mail", b"x")) == r"(cn=\2a\29\28mail=x)"


@given(st.text(st.sampled_from("()&|!=<>~:*\\ acn2;.\0é"), max_size=30), st.booleans())
def test_whatever_the_text_nothing_else_is_raised(text: str, tolerant: bool) -> None:
    try:
        found = parse_filter(text, tolerant=tolerant)
    except TextError:
        return
    assert parse_filter(str(found)) == found
