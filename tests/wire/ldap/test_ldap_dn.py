"""Distinguished names (RFC 4514): there and back, compared, and where a wrong one goes wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.ldap.strategies import DNS

from unisono.wire.ldap import Dn, TextError
from unisono.wire.ldap.dn import MOST, Ava
from unisono.wire.ldap.message import Scope


@given(DNS)
def test_a_name_is_read_as_it_was_written(dn: Dn) -> None:
    text = str(dn)
    assert Dn.parse(text) == dn
    assert Dn.parse(text).key == dn.key
    assert str(Dn.parse(text)) == text


# RFC 4514 4, RFC 2253 5, and what clients write.
@pytest.mark.parametrize(
    ("text", "rdns"),
    [
        ("", []),
        (" ", []),
        ("dc=meta", [[("dc", "meta")]]),
        ("UID=jsmith,DC=example,DC=net", [[("UID", "jsmith")], [("DC", "example")], [("DC", "net")]]),
        ("OU=Sales+CN=J.  Smith,DC=net", [[("OU", "Sales"), ("CN", "J.  Smith")], [("DC", "net")]]),
        (r"CN=James \"Jim\" Smith\, III", [[("CN", 'James "Jim" Smith, III')]]),
        (r"CN=Before\0dAfter", [[("CN", "Before\rAfter")]]),
        ("1.3.6.1.4.1.1466.0=#04024869", [[("1.3.6.1.4.1.1466.0", "Hi")]]),
        ("1.3.6.1.4.1.1466.0=#0201ff", [[("1.3.6.1.4.1.1466.0", b"\x02\x01\xff")]]),
        (r"CN=Lu\C4\8Di\C4\87", [[("CN", "Lučić")]]),
        ("CN=Lučić", [[("CN", "Lučić")]]),
        ('CN=L. Eagle;O="Sue, Grabbit and Runn";C=GB', [[("CN", "L. Eagle")], [("O", "Sue, Grabbit and Runn")], [("C", "GB")]]),
        (" cn = Rossi , o = Alfa ", [[("cn", "Rossi")], [("o", "Alfa")]]),
        (r"cn=\ x\ ,o=\#1", [[("cn", " x ")], [("o", "#1")]]),
        ("cn=,o=x", [[("cn", "")], [("o", "x")]]),
        ("OID.2.5.4.3=x", [[("2.5.4.3", "x")]]),
        ("cn=a=b", [[("cn", "a=b")]]),
    ],
)
def test_known_names(text: str, rdns: list[list[tuple[str, str | bytes]]]) -> None:
    assert Dn.parse(text) == Dn(tuple(tuple(Ava(*pair) for pair in rdn) for rdn in rdns))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("cn", 0),
        ("=x", 0),
        ("cn=x,", 5),
        ("cn=x,,o=y", 5),
        ("cn=x+", 5),
        (",cn=x", 0),
        ('cn=x"y', 4),
        ("cn=x<y", 4),
        ("cn=x\\", 4),
        (r"cn=x\zy", 4),
        ("cn=x\0", 4),
        (r"cn=\ff", 3),
        ("cn=#", 3),
        ("cn=#0", 3),
        ("cn=#04", 3),
        ("cn=#040248", 3),
        ("cn=#04014869", 3),
        ('cn="x', 5),
        ('cn="x"y', 6),
        ("2=x", 0),
        ("cn=\ud800", 3),
    ],
)
def test_errors_say_where(text: str, at: int) -> None:
    with pytest.raises(TextError) as caught:
        Dn.parse(text)
    assert caught.value.at == at, caught.value


def test_a_name_is_as_long_as_its_limit() -> None:
    with pytest.raises(TextError, match="longer"):
        Dn.parse("a=b," * (MOST // 4) + "c=d")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=Anna  Rossi,DC=Meta", "cn=anna rossi, dc=meta"),
        ("cn=a+sn=b", "SN=B+CN=A"),
        ("2.5.4.3=x", "cn=x"),
        ("commonName=x+OID.0.9.2342.19200300.100.1.1=y", "userid=y+CN=x"),
        ("0.9.2342.19200300.100.1.25=meta", "DomainComponent=META"),
        ("organizationalUnitName=crm,organizationName=a,c=it", "ou=crm,2.5.4.10=a,countryName=it"),
        ("streetAddress=a,localityName=b,stateOrProvinceName=c", "2.5.4.9=a,2.5.4.7=b,2.5.4.8=c"),
        ("cn=STRASSE", "cn=straße"),
        ("cn=\\c3\\a9", "cn=E\u0301"),
        ("cn=\\ x\\ ", "cn=x"),
        ("cn=#04024869", "cn=hi"),
    ],
)
def test_names_that_are_equal(one: str, other: str) -> None:
    assert Dn.parse(one).key == Dn.parse(other).key


@pytest.mark.parametrize(
    ("one", "other"), [("cn=a,cn=b", "cn=b,cn=a"), ("cn=a", "sn=a"), ("cn=a b", "cn=ab"), ("cn=a", "cn=a,dc=m")]
)
def test_names_that_are_not_equal(one: str, other: str) -> None:
    assert Dn.parse(one).key != Dn.parse(other).key


@given(DNS, DNS)
def test_scopes(name: Dn, base: Dn) -> None:
    whole = Dn(name.rdns + base.rdns)
    below = len(name.rdns)
    assert whole.is_within(base, Scope.SUBTREE)
    assert whole.is_within(base, Scope.BASE) == (below == 0)
    assert whole.is_within(base, Scope.ONE) == (below == 1)
    assert whole.is_within(base, Scope.CHILDREN) == (below > 0)
    assert not base.is_within(Dn((*whole.rdns, (Ava("dc", "other"),))), Scope.SUBTREE)


def test_a_name_ends_with_its_base_by_whole_rdns() -> None:
    assert not Dn.parse("dc=nometa").is_within(Dn.parse("dc=meta"), Scope.SUBTREE)
    assert Dn.parse("cn=x,DC=META").is_within(Dn.parse("dc=meta"), Scope.ONE)
    assert Dn.parse("cn=x,dc=meta").parent == Dn.parse("dc=meta")


@given(st.text(st.sampled_from(' ,+=;<>#\\"acn2F.\0\né'), max_size=24))
def test_whatever_the_text_nothing_else_is_raised(text: str) -> None:
    try:
        found = Dn.parse(text)
    except TextError:
        return
    assert Dn.parse(str(found)) == found
