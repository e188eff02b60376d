"""One connection, bytes in and bytes out, without a socket."""

from collections import Counter

import pytest
from tests.pure.directory.ldap_client import ANNA, NAMES, NODES, Client, entries, index, search

from unisono.directory.ldap.model import Configuration, Identity, Kind, Node, Profile
from unisono.directory.ldap.session import Verdict
from unisono.directory.ldap.times import BOUNDS, Times
from unisono.directory.ldap.tree import Tree
from unisono.wire.ldap import ResultCode, encode_request, parse_response
from unisono.wire.ldap.control import (
    ByAssertion,
    Control,
    OtherControl,
    PagedResults,
    SortKey,
    SortRequest,
    VlvRequest,
    VlvResponse,
)
from unisono.wire.ldap.message import (
    AbandonRequest,
    BindRequest,
    CompareRequest,
    ExtendedName,
    ExtendedRequest,
    Sasl,
    Scope,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    Simple,
    UnbindRequest,
    Write,
    WriteRequest,
)
from unisono.wire.ldap.requests import encode_cancel


def test_a_search_answers_entries_and_done() -> None:
    answers = Client().ask(search("(telephoneNumber=0432/551)"))
    [entry] = entries(answers)
    assert entry.name == f"metaID={ANNA},ou=crm,dc=meta"
    assert dict(entry.attributes)["cn"] == (b"Anna Rossi",)
    assert dict(entry.attributes)["telephoneNumber"] == (b"+390432551",)
    assert b"contactperson" in dict(entry.attributes)["objectClass"]
    assert isinstance(answers[-1][0], SearchResultDone)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(sn=ross*)", {"Anna Rossi", "Eva Rossini"}),
        ("(cn=*ross*)", {"Anna Rossi", "Carla De Rossi", "Eva Rossini"}),
        ("(cn=mueller*)", set()),
        ("(sn=mueller)", {"Ben Müller"}),
        ("(&(telephoneNumber=*)(sn=ver*))", {"Dino Verdi"}),
        ("(!(o=ACME))", set()),
        ("(&(o=ACME)(!(cn=*ross*)))", {"Ben Müller", "Dino Verdi", "Zeno Capo"}),
        ("(|(telephoneNumber=*52)(mobile=*52)(homePhone=*52))", {"Ben Müller"}),
        ("(metaSearchNumber=+39 0432 55-3)", {"Carla De Rossi"}),
        ("(telephoneNumber=foo*)", set()),
        ("(!(telephoneNumber=foo*))", set()),
        ("(!(IMHandle=x))", set()),
        ("(|(o=an*)(cn=an*)(ou=an*)(mail=an*)(IMHandle=an*)(postalAddress=an*)(telephoneNumber=an*))", {"Anna Rossi"}),
        ("(cn>=d)", {"Dino Verdi", "Eva Rossini", "Zeno Capo"}),
        ("(cn:caseIgnoreMatch:=ANNA  rossi)", {"Anna Rossi"}),
        ("(cn:caseExactMatch:=ANNA ROSSI)", set()),
        ("(!(cn:caseExactMatch:=x))", set()),
        ("(&)", {*NAMES, "Zeno Capo"}),
        ("(|)", set()),
    ],
)
def test_filters_of_telephones(text: str, found: set[str]) -> None:
    assert set(Client().names(text)) == found


def test_scopes() -> None:
    client = Client()
    assert [e.name for e in entries(client.ask(search(scope=Scope.BASE)))] == ["dc=meta"]
    assert [e.name for e in entries(client.ask(search(scope=Scope.ONE)))] == ["ou=crm,dc=meta", "ou=board,dc=meta"]
    assert len(entries(client.ask(search()))) == 9
    assert len(entries(client.ask(search(scope=Scope.CHILDREN)))) == 8
    assert len(entries(client.ask(search(base="OU=CRM , dc=meta", scope=Scope.ONE)))) == 5
    [one] = entries(client.ask(search(base=f"metaID={ANNA},ou=crm,dc=meta", scope=Scope.BASE)))
    assert dict(one.attributes)["cn"] == (b"Anna Rossi",)
    assert len(entries(client.ask(search(base="ou=gate,dc=meta")))) == 7
    assert entries(client.ask(search("(sn=rossi)", base="")))


@pytest.mark.parametrize(
    ("base", "code", "matched"),
    [
        ("dc=elsewhere", ResultCode.NO_SUCH_OBJECT, ""),
        ("ou=nothing,dc=meta", ResultCode.NO_SUCH_OBJECT, "dc=meta"),
        ("cn=x,ou=nothing,dc=meta", ResultCode.NO_SUCH_OBJECT, "dc=meta"),
        ("cn=x,cn=y,dc=meta", ResultCode.NO_SUCH_OBJECT, "dc=meta"),
        ("metaID=x,ou=crm,dc=meta", ResultCode.NO_SUCH_OBJECT, "ou=crm,dc=meta"),
        ("cn=x,OU=CRM,dc=meta", ResultCode.NO_SUCH_OBJECT, "ou=crm,dc=meta"),
        ("cn=x,metaID=x,ou=crm,dc=meta", ResultCode.NO_SUCH_OBJECT, "ou=crm,dc=meta"),
        (f"cn=x,metaID={ANNA},ou=crm,dc=meta", ResultCode.NO_SUCH_OBJECT, f"metaID={ANNA},ou=crm,dc=meta"),
        (f"metaID={ANNA},ou=board,dc=meta", ResultCode.NO_SUCH_OBJECT, "ou=board,dc=meta"),
        ("what is this", ResultCode.INVALID_DN_SYNTAX, ""),
    ],
)
def test_bases_that_are_not_there(base: str, code: ResultCode, matched: str) -> None:
    response, _ = Client().ask(search(base=base))[-1]
    assert isinstance(response, SearchResultDone)
    assert (response.result.code, response.result.matched_dn) == (code, matched)


def test_attributes_asked_for() -> None:
    client = Client()

    def shown(*attributes: str, types_only: bool = False) -> dict[str, tuple[bytes, ...]]:
        asked = search("(sn=rossi)", attributes=attributes)
        request = SearchRequest(asked.base, asked.scope, asked.deref, 0, 0, types_only, asked.filter, attributes)
        return dict(entries(client.ask(request))[0].attributes)

    assert set(shown("cn", "telephoneNumber")) == {"cn", "telephoneNumber"}
    assert shown("1.1") == {}
    assert shown("displayName", "company") == {"displayName": (b"Anna Rossi",), "company": (b"ACME",)}
    assert shown("cn", types_only=True) == {"cn": ()}
    assert shown("metaSearchNumber") == {"metaSearchNumber": (b"+390432551",)}
    operational = shown("+")
    assert operational["entryUUID"] == (b"00000000-0000-0000-0000-000000000001",)
    assert operational["entryDN"] == (f"metaID={ANNA},ou=crm,dc=meta".encode(),)
    assert operational["subschemaSubentry"] == (b"cn=Subschema",)
    assert "cn" not in operational
    everything = shown("*", "entryUUID")
    assert {"cn", "sn", "objectClass", "entryUUID"} <= set(everything)


def test_unknown_critical_controls_are_refused() -> None:
    assert Client().code(search(), Control(OtherControl("1.2.3"), True)) == ResultCode.UNAVAILABLE_CRITICAL_EXTENSION
    assert Client().code(search(), Control(OtherControl("1.2.3"))) == ResultCode.SUCCESS


def test_compare() -> None:
    client, anna = Client(), f"metaID={ANNA},ou=crm,dc=meta"
    assert client.code(CompareRequest(anna, "sn", b"ROSSI")) == ResultCode.COMPARE_TRUE
    assert client.code(CompareRequest(anna, "telephoneNumber", b"0432 551")) == ResultCode.COMPARE_TRUE
    assert client.code(CompareRequest(anna, "sn", b"Verdi")) == ResultCode.COMPARE_FALSE
    assert client.code(CompareRequest(anna, "mobile", b"1")) == ResultCode.NO_SUCH_ATTRIBUTE
    assert client.code(CompareRequest(anna, "shoeSize", b"1")) == ResultCode.UNDEFINED_ATTRIBUTE_TYPE
    assert client.code(CompareRequest("", "vendorName", b"unisono")) == ResultCode.COMPARE_TRUE
    assert client.code(CompareRequest("dc=meta", "dc", b"meta")) == ResultCode.COMPARE_TRUE


@pytest.mark.parametrize("write", list(Write))
def test_writes_are_refused(write: Write) -> None:
    request = WriteRequest(write, "dc=meta", b"" if write is Write.DELETE else b"\x30\x00")
    assert Client().code(request) == ResultCode.UNWILLING_TO_PERFORM


def test_last_words_are_counted() -> None:
    counted: Counter[tuple[str, int]] = Counter()
    client = Client(answers=counted)
    client.names("(cn=*)")
    client.code(search(base="ou=nothing,dc=meta"))
    client.code(BindRequest(3, "", Simple(b"")))
    client.code(WriteRequest(Write.DELETE, "dc=meta"))
    assert counted == {
        ("search", ResultCode.NO_SUCH_OBJECT): 1, ("bind", ResultCode.SUCCESS): 1,
        ("write", ResultCode.UNWILLING_TO_PERFORM): 1,
    }  # fmt: skip


def test_binding() -> None:
    client = Client(secure=True)
    assert client.code(BindRequest(3, "", Simple(b""))) == ResultCode.SUCCESS
    assert client.code(BindRequest(3, "cn=anna", Simple(b""))) == ResultCode.UNWILLING_TO_PERFORM
    assert client.code(BindRequest(4, "", Simple(b""))) == ResultCode.PROTOCOL_ERROR
    assert client.code(BindRequest(3, "", Sasl("PLAIN"))) == ResultCode.AUTH_METHOD_NOT_SUPPORTED
    assert client.ask(BindRequest(2, "uid=anna,ou=people,dc=meta", Simple(b"secret"))) == []
    question = client.session.question
    assert question is not None
    assert (question.name, question.password) == ("anna", b"secret")
    assert "secret" not in repr(question)
    client.session.verdict(Verdict(Identity(Kind.PERSON, "1", "anna")))
    assert client.hear()[0][0].result.code == ResultCode.SUCCESS  # type: ignore[union-attr]
    [(answer, _)] = client.ask(ExtendedRequest(ExtendedName.WHO_AM_I))
    assert answer.value == b"u:anna"  # type: ignore[union-attr]
    client.ask(BindRequest(3, "anna", Simple(b"wrong")))
    client.session.verdict(Verdict(None))
    assert client.hear()[0][0].result.code == ResultCode.INVALID_CREDENTIALS  # type: ignore[union-attr]
    [(answer, _)] = client.ask(ExtendedRequest(ExtendedName.WHO_AM_I))
    assert answer.value == b""  # type: ignore[union-attr]


def test_passwords_need_tls_where_the_way_is_not_trusted() -> None:
    assert Client(trusted=False).code(BindRequest(3, "a", Simple(b"b"))) == ResultCode.CONFIDENTIALITY_REQUIRED
    assert Client(trusted=False, secure=True).ask(BindRequest(3, "a", Simple(b"b"))) == []


def test_abandoned_and_cancelled_searches_say_no_more() -> None:
    client = Client()
    for number in (1, 2, 3):
        client.session.receive(encode_request(number, search("(cn=*)")))
    client.session.receive(encode_request(4, AbandonRequest(2)))
    client.session.receive(encode_request(5, ExtendedRequest(ExtendedName.CANCEL, encode_cancel(3))))
    client.session.receive(encode_request(6, ExtendedRequest(ExtendedName.CANCEL, encode_cancel(9))))
    done = [r for r, _ in client.hear() if not isinstance(r, SearchResultEntry)]
    codes = sorted(r.result.code for r in done)  # type: ignore[union-attr]
    assert codes == [ResultCode.SUCCESS, ResultCode.SUCCESS, ResultCode.CANCELED, ResultCode.NO_SUCH_OPERATION]


def test_time_runs_out() -> None:
    client = Client()
    client.session.receive(encode_request(1, search("(!(cn=x))")))
    client.now = 100.0
    clock = iter(range(100, 10_000, 100))
    client.session._clock = lambda: float(next(clock))
    assert client.hear()[-1][0].result.code == ResultCode.TIME_LIMIT_EXCEEDED  # type: ignore[union-attr]


def test_the_end() -> None:
    client = Client()
    client.session.receive(encode_request(1, UnbindRequest()))
    assert client.session.closing
    client = Client()
    client.session.receive(b"GET / HTTP/1.1\r\n\r\n")
    [(notice, _)] = client.hear(0)
    assert client.session.closing
    assert notice.result.code == ResultCode.PROTOCOL_ERROR  # type: ignore[union-attr]


def test_start_tls() -> None:
    assert Client().code(ExtendedRequest(ExtendedName.START_TLS)) == ResultCode.PROTOCOL_ERROR
    client = Client(tls=True)
    client.session.receive(encode_request(1, ExtendedRequest(ExtendedName.START_TLS)))
    _, answer, _ = parse_response(client.session.work(0.0))
    assert answer.result.code == ResultCode.SUCCESS  # type: ignore[union-attr]
    assert client.session.starts_tls
    client.session.receive(encode_request(2, search()))
    client.session.secured()
    assert not client.session.ready
    assert client.code(ExtendedRequest(ExtendedName.START_TLS)) == ResultCode.OPERATIONS_ERROR
    early = Client(tls=True)
    early.session.receive(encode_request(1, ExtendedRequest(ExtendedName.START_TLS)) + encode_request(2, search()))
    assert not early.session.starts_tls
    assert early.hear()[0][0].result.code == ResultCode.OPERATIONS_ERROR  # type: ignore[union-attr]


def test_networks_and_anonymous() -> None:
    nodes = (Node("meta", anonymous=("10.0.0.0/8",)), Node("in", "o=in", networks=("2001:db8::/32", "10.1.2.3")))
    tree = Tree(index(crm=NAMES), Configuration(nodes))
    assert Client(tree, "192.0.2.1").code(search()) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    assert Client(tree, "10.9.9.9").code(search()) == ResultCode.SUCCESS
    assert Client(tree, "::ffff:10.9.9.9").code(search()) == ResultCode.SUCCESS
    assert Client(tree, "10.9.9.9").code(search(base="o=in")) == ResultCode.NO_SUCH_OBJECT
    assert Client(tree, "10.1.2.3").code(search(base="o=in")) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    assert Client(tree, "::ffff:10.1.2.3").code(search(base="o=in")) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    assert Client(tree, "2001:db8:7::1").code(search(base="o=in")) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    assert Client(tree, "2001:db9::1").code(search(base="o=in")) == ResultCode.NO_SUCH_OBJECT
    contexts = entries(Client(tree, "10.9.9.9").ask(search(base="", scope=Scope.BASE, attributes=("namingContexts",))))
    assert contexts[0].attributes == (("namingContexts", (b"dc=meta",)),)


def test_books_that_are_being_made_are_not_empty() -> None:
    """Not "nobody has this number", but "ask again"; what is there is answered, and nobody hears of others' books."""
    nodes = (*NODES, Node("board", "ou=board,dc=meta", books=("board",)))
    client = Client(Tree(index(own=("Nina Hand",)), Configuration(nodes), awaited=frozenset({"crm"})))
    for base in ("dc=meta", "", "ou=gate,dc=meta", "ou=crm,dc=meta", f"metaID={ANNA},ou=crm,dc=meta"):
        assert client.code(search("(sn=rossi)", base)) == ResultCode.BUSY, base
    assert client.code(search(scope=Scope.BASE)) == ResultCode.SUCCESS
    assert client.names("(sn=hand)", "ou=own,dc=meta") == ["Nina Hand"]
    assert client.names("(sn=rossi)", "ou=board,dc=meta") == []
    for base in ("ou=crm,ou=board,dc=meta", "ou=none,dc=meta"):
        assert client.code(search(base=base)) == ResultCode.NO_SUCH_OBJECT
    partly = Client(Tree(index(board=("Zeno Capo",)), Configuration(nodes), awaited=frozenset({"crm"})))
    assert partly.names("(sn=capo)") == partly.names("(sn=capo)", "ou=board,dc=meta") == ["Zeno Capo"]
    sort, page = Control(SortRequest((SortKey("cn"),))), Control(PagedResults(5, b""))
    for text in ("(sn=rossi)", "(telephoneNumber=0432559)", "(objectClass=*)"):
        for controls in ((), (), (sort,), (page,), (sort, page)):
            assert partly.code(search(text), *controls) == ResultCode.BUSY
    assert partly.names("(objectClass=*)", "ou=board,dc=meta") == ["Zeno Capo"]
    there = Client(Tree(index(crm=NAMES), Configuration(nodes), awaited=frozenset({"crm"})))
    assert set(there.names("(sn=ross*)")) == {"Anna Rossi", "Eva Rossini"}


def test_a_profile_never_shows_another_book() -> None:
    """By no scope, base, count, order, list or comparison."""
    profiles = (Profile("p", "Sales", ("crm",), people=("anna",)),)
    tree = Tree(index(crm=NAMES, board=("Zeno Capo",)), Configuration(profiles=profiles, people={"anna": ()}))
    client = Client(tree, secure=True)
    client.ask(BindRequest(3, "anna", Simple(b"x")))
    client.session.verdict(Verdict(Identity(Kind.PERSON, "anna", "anna")))
    client.hear()
    assert set(client.names("(cn=*)")) == set(NAMES)
    assert client.names("(sn=capo)") == []
    assert client.names("(!(sn=rossi))") == NAMES_WITHOUT_ROSSI
    zeno = f"metaID={6:032x},ou=board,dc=meta"
    for base in ("ou=board,dc=meta", zeno, "cn=x,ou=board,dc=meta", f"cn=x,{zeno}"):
        hidden, absent = client.ask(search(base=base)), client.ask(search(base=base.replace("board", "nothing")))
        assert hidden == absent
    compared = client.ask(CompareRequest(zeno, "sn", b"Capo"))
    assert compared == client.ask(CompareRequest(zeno.replace("board", "nothing"), "sn", b"Capo"))
    assert client.code(CompareRequest(zeno.replace("board", "crm"), "sn", b"Capo")) == ResultCode.NO_SUCH_OBJECT
    vlv = client.ask(
        search("(cn=*)"), Control(SortRequest((SortKey("cn"),))), Control(VlvRequest(0, 9, ByAssertion(b"zeno")))
    )
    assert [c.value.count for c in vlv[-1][1] if isinstance(c.value, VlvResponse)] == [5]
    assert "ou=board,dc=meta" not in [e.name for e in entries(client.ask(search(scope=Scope.ONE)))]


NAMES_WITHOUT_ROSSI = ["Ben Müller", "Carla De Rossi", "Dino Verdi", "Eva Rossini"]


def test_how_long_answers_took_is_counted() -> None:
    times = Times()
    client = Client(times=times)
    client.ask(search("(telephoneNumber=0432/551)"))
    client.ask(search("(telephoneNumber=0432/552)"))
    client.ask(search(base="dc=nowhere"))
    client.ask(search(), Control(PagedResults(2, b"")))
    client.session.receive(encode_request(8, search(), (Control(PagedResults(2, b"")),)))
    client.session.work(client.now - 1)  # others have their turn at once
    client.now += 0.02
    client.hear()
    client.session.receive(encode_request(9, BindRequest(3, "anna", Simple(b"right")), ()))
    client.hear()
    client.now += 0.3
    client.session.verdict(Verdict(Identity(Kind.PERSON, "anna", "anna")))
    client.hear()
    longest = {operation: sum(counts[: BOUNDS.index(0.025) + 1]) for operation, counts in times.counts.items()}
    assert longest == {"bind": 0, "compare": 0, "extended": 0, "search": 5, "write": 0}
    assert times.counts["search"][0] == 4
    assert times.counts["bind"][BOUNDS.index(0.5)] == 1
    assert times.seconds["bind"] == pytest.approx(0.3)
    assert times.seconds["search"] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("text", "helped"),
    [("(cn=anna*)", True), ("(objectClass=*)", True), ("(!(cn=anna*))", False), ("(&(!(cn=anna*))(sn=rossi))", True)],
)
def test_searches_that_no_index_helps_are_counted(text: str, helped: bool) -> None:
    many = [f"Anna Rossi{n}" for n in range(3000)]
    client = Client(Tree(index(crm=many), Configuration(NODES)))
    client.ask(search(text))
    assert client.session.unindexed == (not helped)
