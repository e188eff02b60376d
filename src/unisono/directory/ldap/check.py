"""What is wrong with a node, template, user or profile before it is saved. Pure."""

import re
from collections.abc import Collection, Iterable
from typing import TypeVar

import msgspec

from unisono.directory.entered import check_id, checked_name
from unisono.directory.ldap.branch import Branch
from unisono.directory.ldap.model import LdapUser, Node, Profile, Template, networks_of
from unisono.directory.ldap.names import hides
from unisono.directory.ldap.pattern import compiled
from unisono.directory.ldap.schema import CLASS
from unisono.kernel.errors import Conflict, Invalid
from unisono.numbers import Location
from unisono.wire.ldap.errors import TextError

_RULES_MOST = 50


Item = TypeVar("Item", bound=Node | Template | LdapUser | Profile)


def checked(item: Item, before: Item | None = None) -> Item:
    """The same with a tidy name. Raises `Invalid` that names the field and what it should be.

    `before`: as it was; object classes that it had already may stay.
    """
    check_id(item.id, _wrong)
    match item:
        case Node():
            _node(item)
        case Template():
            _template(item, before.object_classes if isinstance(before, Template) else ())
    if isinstance(item, Node) and not item.name:
        return item
    return msgspec.structs.replace(item, name=checked_name(item.name, _wrong))


def _node(node: Node) -> None:
    try:
        branch = Branch(node, Template(), Location.simple("default", "IT"), "")
    except TextError as error:
        raise _wrong("suffix", "ldap-dn", f"This is no distinguished name: {error.why}.") from error
    except ValueError as error:
        field = "networks" if not _are_networks(node.networks) else "anonymous"
        raise _wrong(field, "ldap-network", f"{error}.") from error
    if not branch.key:
        raise _wrong("suffix", "ldap-dn", "The root of a node has a name, such as ou=phones,dc=meta.")


def check_hides(node: Node, others: Iterable[Node], before: Node, books: Collection[str]) -> None:
    """Raise `Conflict` where a node has the name of a book of one of the others, or one of them of its own: it would be hidden.

    `before`: the node as it was; what it hid already may stay. `books`: the ids of all.
    """
    if (node.suffix, node.books) == (before.suffix, before.books):
        return
    for other in others:
        for upper, lower in ((node, other), (other, node)):
            book = next((book for book in (*books, *(upper.books or ())) if hides(upper, lower, book)), None)
            if book is not None:
                message = f"suffix: {lower.suffix} is the name of the book {book} of {upper.suffix} and would hide it."
                data = {"field": "suffix", "suffix": lower.suffix, "book": book, "node": upper.suffix}
                raise Conflict("ldap-hides-book", message, data=data)


def _are_networks(texts: tuple[str, ...]) -> bool:
    try:
        networks_of(texts)
    except ValueError:
        return False
    return True


def _template(template: Template, had: Collection[str]) -> None:
    for name in template.object_classes:
        if name not in had and not CLASS.fullmatch(name):
            message = f"{name} is no name of an object class: letters without accents, digits and hyphens, or its number (OID)."
            raise _wrong("object_classes", "ldap-class", message, name=name)
    if len(template.filter_values) > _RULES_MOST:
        raise _wrong("filter_values", "too-many", f"There can be {_RULES_MOST} rules.", bound=_RULES_MOST)
    for place, rule in enumerate(template.filter_values):
        try:
            compiled(rule.search).sub(rule.replace, "")
            re.compile(rule.search + "|").sub(rule.replace, "")
        except (re.error, IndexError) as error:
            message = f"This is no regular expression that can be used: {error}."
            raise _wrong(f"filter_values[{place}]", "ldap-pattern", message, why=str(error)) from error


def _wrong(field: str, problem: str, message: str, **data: object) -> Invalid:
    return Invalid("ldap-invalid", f"{field}: {message}", data={"field": field, "problem": problem, **data})
