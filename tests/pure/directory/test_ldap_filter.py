"""Filters: what is found by way of the indexes, and what a record is judged by, against what they mean."""

from hypothesis import example, given, settings
from tests.pure.directory.ldap_strategies import READING, filters, items, lists, meaning

from unisono.directory.ldap.compiler import compile_filter
from unisono.directory.ldap.evaluate import holds, matches, quick
from unisono.directory.model import Contact
from unisono.directory.segment import build
from unisono.wire.ldap.filter import Approx, Filter, GreaterOrEqual, Not

BLANK = Contact("0" * 32, "b", "", emails=(" ",))


def check(book: list[Contact], asked: Filter) -> None:
    segment = build(book, "b")
    condition = compile_filter(asked, READING)
    wanted = {contact.id for contact in book if meaning(asked, contact)}
    hits = [segment.id(at).decode() for at in matches(segment, condition) if at is not None]
    assert len(hits) == len(set(hits))
    assert set(hits) == wanted
    for most in (1, 100):
        some = quick(segment, condition, most)
        if some is not None:
            at_once = [segment.id(at).decode() for at in some]
            assert len(at_once) == len(set(at_once))
            assert set(at_once) <= wanted if len(at_once) > most else set(at_once) == wanted
    assert {segment.id(at).decode() for at in range(len(segment)) if holds(segment, at, condition)} == wanted


@settings(max_examples=150)
@given(lists, items)
@example([Contact("0" * 31 + "1", "b", "k1")], Approx("uid", b"1"))
def test_an_item_finds_what_it_means(book: list[Contact], asked: Filter) -> None:
    check(book, asked)


@settings(max_examples=150)
@given(lists, filters)
@example([BLANK], Not(GreaterOrEqual("cn", b"")))
def test_a_filter_finds_what_it_means(book: list[Contact], asked: Filter) -> None:
    check(book, asked)
