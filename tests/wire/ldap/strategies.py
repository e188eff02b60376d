"""Any LDAP message, filter, control or name as hypothesis strategies."""

from hypothesis import strategies as st

from unisono.wire.ldap import Control, Filter, Request, Response, Result, ResultCode
from unisono.wire.ldap.control import (
    ByAssertion,
    ByOffset,
    ControlValue,
    ManageDsaIt,
    OtherControl,
    PagedResults,
    ProxiedAuthorization,
    SortKey,
    SortRequest,
    SortResponse,
    Subentries,
    VlvRequest,
    VlvResponse,
)
from unisono.wire.ldap.dn import Ava, Dn
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
    ExtendedRequest,
    ExtendedResponse,
    IntermediateResponse,
    OtherAuthentication,
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

IDS = st.integers(1, 2**31 - 1)
COUNTS = st.integers(0, 2**31 - 1)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
OCTETS = st.binary(max_size=20) | st.binary(min_size=120, max_size=300)
PIECES = st.binary(min_size=1, max_size=12)
OIDS = st.from_regex(r"[1-2](\.[1-9][0-9]{0,5}){2,6}", fullmatch=True)
ATTRIBUTES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}(;[a-z0-9-]{1,6}){0,2}", fullmatch=True) | OIDS
RULES = st.sampled_from(["caseExactMatch", "2.5.13.5", "1.2.840.113556.1.4.803"])

SUBSTRINGS = st.builds(Substrings, ATTRIBUTES, OCTETS, st.lists(PIECES, max_size=3).map(tuple), OCTETS).filter(
    lambda one: bool(one.initial or one.any or one.final)
)
EXTENSIBLE = st.builds(Extensible, ATTRIBUTES, OCTETS, RULES | st.just(""), st.booleans()) | st.builds(
    Extensible, st.just(""), OCTETS, RULES, st.booleans()
)
ITEMS: st.SearchStrategy[Filter] = st.one_of(
    *(st.builds(kind, ATTRIBUTES, OCTETS) for kind in (Equality, GreaterOrEqual, LessOrEqual, Approx)),
    SUBSTRINGS,
    st.builds(Present, ATTRIBUTES),
    EXTENSIBLE,
)


def _compound(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(inner, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, inner)


FILTERS = st.recursive(ITEMS, _compound, max_leaves=12)

AUTHENTICATIONS = (
    st.builds(Simple, OCTETS)
    | st.builds(Sasl, TEXT, st.none() | OCTETS)
    | st.builds(OtherAuthentication, st.sampled_from([0x81, 0x82, 0x8A]), OCTETS)
)
SEARCHES = st.builds(
    SearchRequest,
    TEXT,
    st.sampled_from(Scope),
    st.sampled_from(Deref),
    COUNTS,
    COUNTS,
    st.booleans(),
    FILTERS,
    st.lists(ATTRIBUTES | st.sampled_from(["*", "+", "1.1"]), max_size=8).map(tuple),
)
WRITES = st.builds(WriteRequest, st.sampled_from([Write.ADD, Write.MODIFY, Write.MODIFY_DN]), TEXT, OCTETS) | st.builds(
    WriteRequest, st.just(Write.DELETE), TEXT
)
REQUESTS: st.SearchStrategy[Request] = st.one_of(
    SEARCHES,
    st.builds(BindRequest, st.integers(0, 127), TEXT, AUTHENTICATIONS),
    st.just(UnbindRequest()),
    st.builds(AbandonRequest, IDS),
    st.builds(CompareRequest, TEXT, ATTRIBUTES, OCTETS),
    st.builds(ExtendedRequest, OIDS, st.none() | OCTETS),
    WRITES,
)

RESULTS = st.builds(
    Result, st.sampled_from(ResultCode) | st.integers(200, 70_000), TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple)
)
RESPONSES: st.SearchStrategy[Response] = st.one_of(
    st.builds(
        SearchResultEntry,
        TEXT,
        st.lists(st.tuples(ATTRIBUTES, st.lists(OCTETS, max_size=3).map(tuple)), max_size=5).map(tuple),
    ),
    st.builds(SearchResultReference, st.lists(TEXT, max_size=3).map(tuple)),
    st.builds(SearchResultDone, RESULTS),
    st.builds(BindResponse, RESULTS, st.none() | OCTETS),
    st.builds(CompareResponse, RESULTS),
    st.builds(WriteResponse, st.sampled_from(Write), RESULTS),
    st.builds(ExtendedResponse, RESULTS, st.none() | OIDS, st.none() | OCTETS),
    st.builds(IntermediateResponse, st.none() | OIDS, st.none() | OCTETS),
)

SORT_KEYS = st.builds(SortKey, ATTRIBUTES, RULES | st.just(""), st.booleans())
TARGETS = st.builds(ByOffset, COUNTS, COUNTS) | st.builds(ByAssertion, OCTETS)
CONTROL_VALUES: st.SearchStrategy[ControlValue] = st.one_of(
    st.builds(PagedResults, COUNTS, OCTETS),
    st.builds(SortRequest, st.lists(SORT_KEYS, max_size=3).map(tuple)),
    st.builds(SortResponse, st.sampled_from(ResultCode).map(int), ATTRIBUTES | st.just("")),
    st.builds(VlvRequest, COUNTS, COUNTS, TARGETS, st.none() | OCTETS),
    st.builds(VlvResponse, COUNTS, COUNTS, st.sampled_from(ResultCode).map(int), st.none() | OCTETS),
    st.just(ManageDsaIt()),
    st.builds(Subentries, st.booleans()),
    st.builds(ProxiedAuthorization, TEXT),
    st.builds(OtherControl, st.just("1.3.6.1.1.12"), st.none() | OCTETS),
)
CONTROLS = st.lists(st.builds(Control, CONTROL_VALUES, st.booleans()), max_size=3).map(tuple)

AVAS = st.builds(Ava, st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True) | OIDS, TEXT)
DNS = st.lists(st.lists(AVAS, min_size=1, max_size=3).map(tuple), max_size=4).map(tuple).map(Dn)
