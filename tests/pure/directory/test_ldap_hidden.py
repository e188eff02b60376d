"""What is in books that somebody does not see costs the same work as what is nowhere: time tells nothing of it.

Work is counted in lines of ours that are passed, one by one and in their order, from the bytes of a request to those of its
answer: they are the same on every machine.
"""

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from tests.pure.directory.ldap_client import NAMES, Client, index, search

from unisono.directory.index import Index
from unisono.directory.ldap import tree as tree_module
from unisono.directory.ldap.model import Configuration, Identity, Kind, Node, Profile
from unisono.directory.ldap.session import Verdict
from unisono.directory.ldap.tree import Tree
from unisono.wire.ldap.control import ByAssertion, Control, PagedResults, SortKey, SortRequest, VlvRequest
from unisono.wire.ldap.message import BindRequest, CompareRequest, Request, Scope, Simple

PROFILES = (Profile("p", "Sales", ("crm",), people=("anna",)),)
ZENO, NOBODY = f"{6:032x}", f"{99:032x}"
WITH_ZENO = index(crm=NAMES, board=("Zeno Capo", "Ada Capo"), staff=("Ugo Neri",))
WITHOUT_ZENO = index(crm=NAMES, board=(), staff=("Ugo Neri",))
OURS = str(Path(tree_module.__file__).parents[2])
"""Of other lines, those that Hypothesis has at each collection of garbage come at any time."""
Told = tuple[list[str], list[Any]]
"""The lines passed, and the answers."""


def asked(picture: Index, request: Request, *controls: Control, awaited: frozenset[str] = frozenset()) -> Told:
    """What somebody who sees the book `crm` alone causes and is answered, the first time that it is asked of a picture."""
    nodes = (Node("meta"), Node("two", "ou=two,dc=meta", books=("board",)))
    tree = Tree(picture, Configuration(nodes, profiles=PROFILES, people={"anna": ()}), awaited=awaited)
    client = Client(tree, secure=True)
    client.ask(BindRequest(3, "anna", Simple(b"x")))
    client.session.verdict(Verdict(Identity(Kind.PERSON, "anna", "anna")))
    client.hear()
    lines: list[str] = []

    def follow(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            lines.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        answers = client.ask(request, *controls)
    finally:
        sys.settrace(before)
    return lines, answers


def unlike(*told: Told) -> list[Told]:
    """Those that differ from the first, in lines or answers.

    Whatever processes remember for longer than a picture was remembered before: each was asked once already.
    """
    first, *others = told
    assert len(first[0]) > 50
    return [other for other in others if other != first]


@pytest.mark.parametrize("awaited", [frozenset[str](), frozenset({"later"})])
@pytest.mark.parametrize("value", [b"Capo", b"Nemo"])
def test_a_comparison_with_a_hidden_entry(value: bytes, awaited: frozenset[str]) -> None:
    def compared(picture: Index, book: str) -> Told:
        request = CompareRequest(f"metaID={ZENO},ou={book},dc=meta", "sn", value)
        asked(picture, request, awaited=awaited)
        return asked(picture, request, awaited=awaited)

    others = [compared(WITH_ZENO, book) for book in ("staff", "never", "later")]
    assert unlike(compared(WITH_ZENO, "board"), compared(WITHOUT_ZENO, "board"), *others) == []
    # In the book that is seen, the id of an entry of another one is like one that is nowhere.
    assert unlike(compared(WITH_ZENO, "crm"), compared(WITHOUT_ZENO, "crm")) == []


@pytest.mark.parametrize("scope", list(Scope))
def test_a_search_at_a_hidden_entry_or_book(scope: Scope) -> None:
    def looked(picture: Index, base: str) -> Told:
        asked(picture, search("(sn=capo)", base, scope))
        return asked(picture, search("(sn=capo)", base, scope))

    for at in ("", f"metaID={ZENO},", "cn=x,", f"cn=x,metaID={ZENO},"):
        bases = [f"{at}ou={book},dc=meta" for book in ("board", "staff", "never")]
        assert unlike(*(looked(WITH_ZENO, base) for base in bases), looked(WITHOUT_ZENO, bases[0])) == []
    assert unlike(looked(WITH_ZENO, "ou=two,dc=meta"), looked(WITHOUT_ZENO, "ou=two,dc=meta")) == []


@pytest.mark.parametrize(
    "text",
    [
        *("(sn=capo)", "(telephoneNumber=0432556)", "(cn=*zeno*)", "(!(sn=rossi))", "(cn>=u)"),
        *("(databaseDescription=board)", f"(metaID={ZENO})"),
    ],
)
@pytest.mark.parametrize(
    "controls",
    [
        (),
        (PagedResults(2, b""),),
        (SortRequest((SortKey("cn"),)),),
        (SortRequest((SortKey("cn"),)), VlvRequest(0, 9, ByAssertion(b"zeno"))),
    ],
    ids=["plain", "paged", "sorted", "listed"],
)
def test_a_search_for_what_only_a_hidden_book_has(text: str, controls: tuple[Any, ...]) -> None:
    """By counting, sorting and lists too: the entries that are hidden are none that are passed over."""

    def looked(picture: Index) -> Told:
        wanted = tuple(map(Control, controls))
        asked(picture, search(text), *wanted)
        return asked(picture, search(text), *wanted)

    (lines, answers), (other_lines, other_answers) = looked(WITH_ZENO), looked(WITHOUT_ZENO)
    assert [answer for answer, _ in answers] == [answer for answer, _ in other_answers]
    assert lines == other_lines


def test_what_is_seen_costs_other_work() -> None:
    """Else the tests before would say nothing."""
    requests = [CompareRequest(f"metaID={id},ou=crm,dc=meta", "sn", b"Rossi") for id in (f"{1:032x}", NOBODY)]
    assert asked(WITH_ZENO, requests[0])[0] != asked(WITH_ZENO, requests[1])[0]
