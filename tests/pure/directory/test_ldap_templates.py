"""Templates: the ready ones with what their telephones ask, a vendor's file, and what they make of filters."""

import pytest
from tests.pure.directory.ldap_client import Client, entries, index, search

from unisono.directory.ldap import templates
from unisono.directory.ldap.check import checked
from unisono.directory.ldap.model import Configuration, NameOrder, Node, Template, ValueRule
from unisono.directory.ldap.template import rewritten, translate
from unisono.directory.ldap.termxml import read_termxml
from unisono.directory.ldap.tree import Tree
from unisono.kernel.errors import Invalid
from unisono.numbers import NumberFormat
from unisono.wire.ldap import parse_filter

TYPED = {"snom": "ros", "polycom": "d", "innovaphone": "390432551"}


@pytest.mark.parametrize("id", templates.ready())
def test_what_a_telephone_asks_is_answered(id: str) -> None:
    template = templates.ready()[id]
    tree = Tree(index(crm=("Anna Rossi", "Dino Verdi")), Configuration((Node("meta", template_id=id),), (template,)))
    assert template.comment
    assert template.asks
    for asked in template.asks:
        read = parse_filter(asked.replace("%", TYPED.get(id, "ros")), tolerant=True)
        assert Client(tree).code(search(str(read))) == 0
    hits = [name for ask in template.asks for typed in ("ros", "0432551", "390432551", "d") for name in found(tree, ask, typed)]
    assert {"Anna Rossi"} <= set(hits) or id == "outlook"


def found(tree: Tree, ask: str, typed: str) -> list[str]:
    return Client(tree).names(str(parse_filter(ask.replace("%", typed), tolerant=True)))


def test_all_makes_are_there() -> None:
    makes = {"snom", "yealink", "grandstream", "gigaset", "cisco", "polycom", "innovaphone", "ios", "outlook"}
    assert set(templates.ready()) == makes


@pytest.mark.parametrize(
    ("asked", "translated"),
    [
        ("(ipPhone=12)", "(|(telephoneNumber=12)(mobile=12))"),
        ("(!(IPPHONE=12*))", "(!(|(telephoneNumber=12*)(mobile=12*)))"),
        ("(cn=Dr. Rossi)", "(cn=Rossi)"),
        ("(sn=Dr. *x)", "(sn=Dr. *x)"),
        ("(cn=Dr. *)", "(cn=*)"),
        ("(cn=*)", "(cn=*)"),
    ],
)
def test_filters_are_translated(asked: str, translated: str) -> None:
    template = Template(
        filter_attributes={"ipPhone": ("telephoneNumber", "mobile")}, filter_values=(ValueRule(r"^Dr\. ", "", "cn"),)
    )
    assert str(translate(parse_filter(asked), template)) == translated


def test_answers_in_the_form_and_under_the_names_of_a_node() -> None:
    template = Template("t", "T", result_attributes={"telephoneNumber": "ipPhone"}, object_classes=("user",))
    node = Node(
        "meta", number_format=NumberFormat.READABLE, name_order=NameOrder.LAST_FIRST, template_id="t"
    )
    client = Client(Tree(index(crm=("Anna Rossi",)), Configuration((node,), (template,))))
    for _ in range(2):  # the second time from memory
        [entry] = entries(client.ask(search("(objectClass=user)")))
        shown = dict(entry.attributes)
        assert shown["cn"] == (b"Rossi, Anna",)
        assert shown["ipPhone"] == (b"+39 (0432) 551",)
        assert "telephoneNumber" not in shown


VENDOR = b"""<?xml version="1.0" encoding="utf-8"?>
<TerminalConfig Name="Old phone">
  <QueryFilterMapping>
    <Attribute name="phone" mapto="telephoneNumber"/>
    <Attribute name="phone" mapto="mobile"/>
    <Value attribute="phone" search="^0(\\d+)" replace="+39$1"/>
    <Odd/>
  </QueryFilterMapping>
  <QueryAttributeMapping><Item><From>office</From><To>physicalDeliveryOfficeName</To></Item></QueryAttributeMapping>
  <ResultAttributeMapping><Map>cn=displayName</Map></ResultAttributeMapping>
  <AdditionalObjectClasses><Class>user</Class><Class name="contact"/></AdditionalObjectClasses>
</TerminalConfig>"""


def test_a_vendors_file_is_read_as_it_is() -> None:
    read = read_termxml(VENDOR, "old")
    template = read.template
    assert (template.id, template.name) == ("old", "Old phone")
    assert template.filter_attributes == {"phone": ("telephoneNumber", "mobile")}
    assert template.filter_values == (ValueRule(r"^0(\d+)", r"+39\1", "phone"),)
    assert template.query_attributes == {"office": ("physicalDeliveryOfficeName",)}
    assert template.result_attributes == {"cn": "displayName"}
    assert template.object_classes == ("user", "contact")
    assert read.left_out == ("an empty row",)
    translated = translate(parse_filter("(phone=0432)"), template)
    assert str(translated) == "(|(telephoneNumber=+39432)(mobile=+39432))"


def test_rows_are_read_as_the_vendors_manual_writes_them() -> None:
    sections = (
        ("QueryFilterMapping", '<String Key="SAMAccountName">displayName</String><String Key="num">telephoneNumber</String>'),
        ("QueryFilterMapping", '<String Key="num">mobile</String><String Key="odd">mobile;^0;+39</String>'),
        ("QueryAttributeMapping", '<String Key="SAMAccountName">displayName</String>'),
        ("ResultAttributeMapping", '<String Key="displayName">SAMAccountName</String>'),
        ("AdditionalObjectClasses", '<String>user</String><String Key="0">contact</String><String Key="group"/><String/>'),
        ("AdditionalObjectClasses", "<String>1.2.840.99</String><String>vendor_user</String><String>no name</String>"),
    )
    file = "".join(f"<{name}>{rows}</{name}>" for name, rows in sections)
    read = read_termxml(f"<Config>{file}</Config>".encode(), "mine")
    template = read.template
    assert template.filter_attributes == {"SAMAccountName": ("displayName",), "num": ("telephoneNumber", "mobile")}
    assert template.query_attributes == {"SAMAccountName": ("displayName",)}
    assert template.result_attributes == {"displayName": "SAMAccountName"}
    assert template.object_classes == ("user", "contact", "group", "1.2.840.99", "vendor_user")
    assert read.left_out == ("mobile;^0;+39", "no name")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a>",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a><QueryFilterMapping>&x;</QueryFilterMapping></a>',
        b"x" * (1 << 20 | 1),
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read_termxml(data, "x")


ENDLESS = ("a?" * 28 + "a" * 28, "(ab|ac?)" * 28)
SLOW = (*ENDLESS, "(a+)+$", "(a|aa)+$", "(?:a*b?)*c", r"^(\d+[ /-]?)+$", "((a{1,9})?){20}b", "(?=(x*)*y)")
SIMPLE = (r"[^\d+]", r"(?i)^smtp:", r"^\s*(\+|00)?(\d+)\s*$", r"^(\d++[ /-]?+)+$", "(?:ab|cd)+", "(?>a+)+b", "a{3}(b{2})+")


@pytest.mark.parametrize("pattern", SLOW)
def test_an_expression_that_could_take_for_ever_is_refused(pattern: str) -> None:
    template = Template("mine", "Mine", filter_values=(ValueRule(pattern, ""),))
    with pytest.raises(Invalid, match="for ever"):
        checked(template)
    rules = (ValueRule(pattern, "never"), ValueRule("!", "?"))  # saved by an earlier version
    assert rewritten(b"a" * 60 + b"x" * 60 + b"!", rules) == b"a" * 60 + b"x" * 60 + b"?"


@pytest.mark.parametrize("pattern", SIMPLE)
def test_other_expressions_are_taken(pattern: str) -> None:
    checked(Template("mine", "Mine", filter_values=(ValueRule(pattern, ""),)))


@pytest.mark.parametrize("pattern", ["(.*)(.*)(.*)x", r"^\d*\d*\d*\d*\d*x$", "(?:a*)(?:b|a*)(a*)(a*)(a*)x"])
def test_an_expression_that_takes_long_over_long_texts_is_applied_to_short_ones(pattern: str) -> None:
    rules = (ValueRule(pattern, "y"),)
    assert rewritten(b"1" * 15 + b"x", rules)[-1:] == b"y"
    assert rewritten(b"1" * 255 + b"z", rules) == b"1" * 255 + b"z"  # at once


def test_what_rules_make_has_an_end() -> None:
    double = ValueRule("(.+)", r"\1\1")
    assert rewritten(b"ab", (double,) * 3) == b"ab" * 8
    assert rewritten(b"ab", (double,) * 50) == b"ab"


def test_an_expression_of_a_file_that_could_take_for_ever_is_left_out() -> None:
    row = b'<row attribute="cn" search="(a+)+$" replace=""/>'
    read = read_termxml(b"<template><QueryFilterMapping>" + row + b"</QueryFilterMapping></template>", "mine")
    assert read.template.filter_values == ()
    assert "(a+)+$" in read.left_out[0]


@pytest.mark.parametrize(
    ("search", "replace", "value", "made"),
    [
        (r"^0(\d+)$", "+39$1", "0432", "+39432"),
        (r"^0(\d+)$", r"+39\1", "0432", "+39432"),
        (r"^(\d)", "0$0", "432", "0432"),
        (r"^(\d)(\d+)", "$10$2", "432", "4032"),
        (r"^(\d)(\d+)", "${2}5", "432", "325"),
        (r"^x", r"a\d", "x", r"a\d"),
    ],
)
def test_groups_of_a_file_are_read_as_its_vendor_means_them(search: str, replace: str, value: str, made: str) -> None:
    row = f'<row attribute="cn" search="{search}" replace="{replace}"/>'
    read = read_termxml(f"<template><QueryFilterMapping>{row}</QueryFilterMapping></template>".encode(), "mine")
    checked(read.template)
    assert rewritten(value.encode(), read.template.filter_values) == made.encode()


def test_a_group_that_is_not_there_is_left_out() -> None:
    row = b'<row attribute="cn" search="^0" replace="$1"/>'
    read = read_termxml(b"<template><QueryFilterMapping>" + row + b"</QueryFilterMapping></template>", "mine")
    assert read.template.filter_values == ()
    assert "^0" in read.left_out[0]
