"""A codec that is not ours: we read what ldap3 writes, byte for byte as we would write it, and it reads what we write."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wire.ldap.strategies import ATTRIBUTES, COUNTS, IDS, OIDS, RULES

from unisono.wire.ldap import (
    Control,
    Filter,
    Request,
    Response,
    Result,
    ResultCode,
    encode_request,
    encode_response,
    parse_filter,
    parse_request,
    writes,
)
from unisono.wire.ldap.control import ManageDsaIt, OtherControl, PagedResults
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
from unisono.wire.ldap.message import (
    AbandonRequest,
    BindRequest,
    BindResponse,
    CompareRequest,
    CompareResponse,
    Deref,
    ExtendedName,
    ExtendedRequest,
    ExtendedResponse,
    IntermediateResponse,
    Sasl,
    Scope,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    SearchResultReference,
    Simple,
    UnbindRequest,
    Write,
    WriteRequest,
    WriteResponse,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of names in pyasn1
    from ldap3.operation.abandon import abandon_operation
    from ldap3.operation.add import add_operation
    from ldap3.operation.bind import bind_operation, bind_response_to_dict_fast
    from ldap3.operation.compare import compare_operation
    from ldap3.operation.delete import delete_operation
    from ldap3.operation.extended import (
        extended_operation,
        extended_response_to_dict_fast,
        intermediate_response_to_dict_fast,
    )
    from ldap3.operation.modify import modify_operation
    from ldap3.operation.modifyDn import modify_dn_operation
    from ldap3.operation.search import (
        raw_attributes_to_dict_fast,
        search_operation,
        search_result_reference_response_to_dict_fast,
    )
    from ldap3.operation.unbind import unbind_operation
    from ldap3.protocol.convert import build_controls_list
    from ldap3.protocol.rfc2696 import paged_search_control
    from ldap3.protocol.rfc4511 import LDAPMessage, MessageID, ProtocolOp
    from ldap3.strategy.base import BaseStrategy
    from ldap3.utils.asn1 import decode_message_fast, decoder, encode, ldap_result_to_dict_fast

SEARCH = SearchRequest("dc=meta", Scope.SUBTREE, Deref.ALWAYS, 50, 5, False, Present("objectClass"), ("cn", "mail"))


def written(message_id: int, kind: str, operation: Any, controls: Any = None) -> bytes:
    """A message as ldap3 sends it."""
    message = LDAPMessage()
    message["messageID"] = MessageID(message_id)
    message["protocolOp"] = ProtocolOp().setComponentByName(kind, operation)
    if controls:
        message["controls"] = build_controls_list(controls)
    return bytes(encode(message))


def searched(text: str, **changed: Any) -> Any:
    options = {
        "search_base": "dc=meta",
        "search_scope": "SUBTREE",
        "dereference_aliases": "ALWAYS",
        "attributes": ["cn", "mail"],
        "size_limit": 50,
        "time_limit": 5,
        "types_only": False,
        "auto_escape": False,
        "auto_encode": False,
    }
    return search_operation(search_filter=text, **{**options, **changed})


WRITTEN: dict[str, tuple[str, Any, Request]] = {
    "anonymous bind": ("bindRequest", bind_operation(3, "ANONYMOUS"), BindRequest(3, "", Simple(b""))),
    "simple bind": (
        "bindRequest",
        bind_operation(3, "SIMPLE", "cn=x,dc=meta", "pässword"),
        BindRequest(3, "cn=x,dc=meta", Simple("pässword".encode())),
    ),
    "bind of version 2": ("bindRequest", bind_operation(2, "SIMPLE", "cn=x", "y"), BindRequest(2, "cn=x", Simple(b"y"))),
    "SASL bind": (
        "bindRequest",
        bind_operation(3, "SASL", "", None, "PLAIN", b"\0u\0p"),
        BindRequest(3, "", Sasl("PLAIN", b"\0u\0p")),
    ),
    "unbind": ("unbindRequest", unbind_operation(), UnbindRequest()),
    "abandon": ("abandonRequest", abandon_operation(300), AbandonRequest(300)),
    "compare": (
        "compareRequest",
        compare_operation("cn=x", "mail", "a@example.org", auto_encode=True),
        CompareRequest("cn=x", "mail", b"a@example.org"),
    ),
    "StartTLS": ("extendedReq", extended_operation(ExtendedName.START_TLS), ExtendedRequest(ExtendedName.START_TLS)),
    "extended with a value": ("extendedReq", extended_operation("1.2.3", b"\0\xff"), ExtendedRequest("1.2.3", b"\0\xff")),
    "delete": ("delRequest", delete_operation("cn=x,dc=meta"), WriteRequest(Write.DELETE, "cn=x,dc=meta")),
}
WRITES: dict[str, tuple[Any, Write]] = {
    "addRequest": (add_operation("cn=x,dc=meta", {"sn": ["x", "y"]}, auto_encode=True), Write.ADD),
    "modifyRequest": (modify_operation("cn=x,dc=meta", {"sn": [(2, ["z"])]}, auto_encode=True), Write.MODIFY),
    "modDNRequest": (modify_dn_operation("cn=x,dc=meta", "cn=y", True, "dc=other"), Write.MODIFY_DN),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_we_read_its_requests(name: str) -> None:
    kind, operation, expected = WRITTEN[name]
    pdu = written(7, kind, operation)
    assert parse_request(pdu) == (7, expected, ())
    assert encode_request(7, expected) == pdu


@pytest.mark.parametrize("kind", WRITES)
def test_we_read_whom_it_wants_to_change(kind: str) -> None:
    operation, write = WRITES[kind]
    pdu = written(7, kind, operation)
    found = parse_request(pdu)[1]
    assert isinstance(found, WriteRequest)
    assert (found.kind, found.entry) == (write, "cn=x,dc=meta")
    assert encode_request(7, found) == pdu


@pytest.mark.parametrize(
    ("kind", "operation", "ours"),
    [
        ("addRequest", WRITES["addRequest"][0], writes.add("cn=x,dc=meta", {"sn": [b"x", b"y"]})),
        ("modifyRequest", WRITES["modifyRequest"][0], writes.replace("cn=x,dc=meta", {"sn": [b"z"]})),
        (
            "modifyRequest",
            modify_operation("cn=x", {"sn": [(2, [])], "l": [(2, ["a"])]}, auto_encode=True),
            writes.replace("cn=x", {"sn": [], "l": [b"a"]}),
        ),
        ("modDNRequest", modify_dn_operation("cn=x,dc=meta", "cn=y", True), writes.rename("cn=x,dc=meta", "cn=y")),
        ("delRequest", delete_operation("cn=x"), writes.delete("cn=x")),
    ],
    ids=["add", "replace", "replace by nothing", "rename", "delete"],
)
def test_we_write_changes_as_it_does(kind: str, operation: Any, ours: WriteRequest) -> None:
    assert encode_request(7, ours) == written(7, kind, operation)


@given(
    IDS,
    st.sampled_from(["BASE", "LEVEL", "SUBTREE"]),
    COUNTS,
    COUNTS,
    st.booleans(),
    st.sampled_from(["NEVER", "SEARCH", "ALWAYS"]),
)
def test_we_read_its_searches(message_id: int, scope: str, size: int, time: int, types: bool, deref: str) -> None:
    operation = searched(
        "(objectClass=*)", search_scope=scope, size_limit=size, time_limit=time, types_only=types, dereference_aliases=deref
    )
    scopes = {"BASE": Scope.BASE, "LEVEL": Scope.ONE, "SUBTREE": Scope.SUBTREE}
    derefs = {"NEVER": Deref.NEVER, "SEARCH": Deref.SEARCHING, "ALWAYS": Deref.ALWAYS}
    expected = SearchRequest("dc=meta", scopes[scope], derefs[deref], size, time, types, Present("objectClass"), ("cn", "mail"))
    pdu = written(message_id, "searchRequest", operation)
    assert parse_request(pdu) == (message_id, expected, ())
    assert encode_request(message_id, expected) == pdu


# ldap3 trims values, and can write neither an AND of nothing nor the negation of a compound.
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8).map(str.encode)
ITEMS: st.SearchStrategy[Filter] = st.one_of(
    *(st.builds(kind, ATTRIBUTES, VALUES) for kind in (Equality, GreaterOrEqual, LessOrEqual, Approx)),
    st.builds(Present, ATTRIBUTES),
    st.builds(Substrings, ATTRIBUTES, VALUES | st.just(b""), st.lists(VALUES, min_size=1, max_size=2).map(tuple), VALUES),
    st.builds(Extensible, ATTRIBUTES, VALUES, RULES | st.just(""), st.booleans()),
    st.builds(Extensible, st.just(""), VALUES, RULES, st.booleans()),
)
SEVERAL = st.lists(ITEMS | st.builds(Not, ITEMS), min_size=1, max_size=3).map(tuple)
COMPOUNDS = st.builds(And, SEVERAL) | st.builds(Or, SEVERAL)
FILTERS: st.SearchStrategy[Filter] = ITEMS | st.builds(And, st.lists(COMPOUNDS | ITEMS, min_size=1, max_size=3).map(tuple))


@given(FILTERS)
@settings(max_examples=50)
def test_we_read_its_filters(one: Filter) -> None:
    pdu = written(7, "searchRequest", searched(str(one)))
    found = parse_request(pdu)[1]
    assert isinstance(found, SearchRequest)
    assert found.filter == one
    assert encode_request(7, found) == pdu


@pytest.mark.parametrize(
    "text",
    [
        "(telephoneNumber>=+39)",
        "(cn=ro*)",
        "(cn=*ss*)",
        "(sn=a*b*c*d)",
        "(sn~=maier)",
        "(cn:dn:2.5.13.5:=x)",
        r"(cn=\2a\28\29\5c\00)",
    ],
)
def test_it_reads_our_filters(text: str) -> None:
    one = parse_filter(text)
    pdu = encode_request(7, SearchRequest("dc=meta", Scope.SUBTREE, Deref.ALWAYS, 50, 5, False, one, ("cn", "mail")))
    assert written(7, "searchRequest", searched(text)) == pdu
    message, rest = decoder.decode(pdu, asn1Spec=LDAPMessage())
    assert rest == b""
    assert bytes(encode(message)) == pdu


def test_we_read_its_controls() -> None:
    controls = [paged_search_control(True, 500, b"next"), ("2.16.840.1.113730.3.4.2", False, None), ("1.2.3", True, b"\0")]
    pdu = written(7, "searchRequest", searched("(objectClass=*)"), controls)
    expected = (
        Control(PagedResults(500, b"next"), critical=True),
        Control(ManageDsaIt()),
        Control(OtherControl("1.2.3", b"\0"), critical=True),
    )
    assert parse_request(pdu) == (7, SEARCH, expected)
    assert encode_request(7, SEARCH, expected) == pdu


RESULTS = st.builds(
    Result,
    st.sampled_from([code for code in ResultCode if code <= 80 and code not in (60, 61, 76)]),
    st.just("dc=meta"),
    st.sampled_from(["", "keiner da: Müller"]),
    st.just(()) | st.just(("ldap://other.example.org/dc=meta", "ldap://third.example.org/")),
)
ENTRIES = st.builds(
    SearchResultEntry,
    st.just("cn=Müller,dc=meta"),
    st.dictionaries(ATTRIBUTES, st.lists(st.binary(max_size=200), min_size=1, max_size=3).map(tuple), max_size=5).map(
        lambda attributes: tuple(attributes.items())
    ),
)


def same_result(found: Any, expected: Result) -> bool:
    return (found["result"], found["dn"], found["message"], tuple(found["referrals"] or ())) == (
        expected.code,
        expected.matched_dn,
        expected.message,
        expected.referral,
    )


def received(message_id: int, response: Response, controls: Sequence[Control] = ()) -> Any:
    """What ldap3 makes of the outside of a message."""
    message = decode_message_fast(encode_response(message_id, response, controls))
    assert message["messageID"] == message_id
    return message


@given(IDS, RESULTS)
def test_it_reads_our_results(message_id: int, result: Result) -> None:
    answers: list[tuple[Response, int]] = [
        (SearchResultDone(result), 5),
        (CompareResponse(result), 15),
        (WriteResponse(Write.MODIFY, result), 7),
        (WriteResponse(Write.ADD, result), 9),
        (WriteResponse(Write.DELETE, result), 11),
        (WriteResponse(Write.MODIFY_DN, result), 13),
    ]
    for response, operation in answers:
        message = received(message_id, response)
        assert message["protocolOp"] == operation
        assert same_result(ldap_result_to_dict_fast(message["payload"]), result)


@given(IDS, RESULTS, st.none() | st.binary(min_size=1, max_size=200), OIDS)
def test_it_reads_our_answers_with_more_than_a_result(message_id: int, result: Result, value: bytes | None, name: str) -> None:
    result = replace(result, referral=())  # ldap3 stumbles over one in the answer to a bind
    message = received(message_id, BindResponse(result, value))
    bind = bind_response_to_dict_fast(message["payload"])
    assert message["protocolOp"] == 1
    assert same_result(bind, result)
    assert bind["saslCreds"] == value
    message = received(message_id, ExtendedResponse(result, name, value))
    extended = extended_response_to_dict_fast(message["payload"])
    assert message["protocolOp"] == 24
    assert same_result(extended, result)
    assert (extended["responseName"], extended["responseValue"] or None) == (name, value)
    message = received(message_id, IntermediateResponse(name, value or b""))
    assert message["protocolOp"] == 25
    assert intermediate_response_to_dict_fast(message["payload"])["responseValue"] == (value or b"")


@given(IDS, ENTRIES)
def test_it_reads_our_entries(message_id: int, entry: SearchResultEntry) -> None:
    message = received(message_id, entry)
    assert message["protocolOp"] == 4
    name, attributes = message["payload"][0][3], message["payload"][1][3]
    assert bytes(name).decode() == entry.name
    assert {kind: tuple(values) for kind, values in raw_attributes_to_dict_fast(attributes).items()} == dict(entry.attributes)


def test_it_reads_our_references() -> None:
    uris = ("ldap://a.example.org/", "ldap://b.example.org/dc=meta??sub")
    message = received(7, SearchResultReference(uris))
    assert message["protocolOp"] == 19
    assert tuple(search_result_reference_response_to_dict_fast(message["payload"])["uri"]) == uris


@given(COUNTS, st.binary(max_size=200))
def test_it_reads_our_controls(size: int, cookie: bytes) -> None:
    done = SearchResultDone(Result())
    message = received(7, done, [Control(PagedResults(size, cookie))])
    [control] = [BaseStrategy.decode_control_fast(one[3]) for one in message["controls"]]
    assert control[0] == "1.2.840.113556.1.4.319"
    assert control[1]["value"] == {"size": size, "cookie": cookie}
