"""What is wrong with a node, template, user or profile before it is saved. Pure."""

import re

from unisono.directory.ldap.branch import Branch
from unisono.directory.ldap.model import LdapUser, Node, Profile, Template
from unisono.kernel.errors import Invalid
from unisono.numbers import Location
from unisono.wire.ldap.errors import TextError

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RULES_MOST = 50


def check(item: Node | Template | LdapUser | Profile) -> None:
    """Raises `Invalid` that names the field and what it should be."""
    if not _ID.fullmatch(item.id):
        raise _wrong("id", "An id has 1 to 64 of a-z, 0-9, - and _.")
    match item:
        case Node():
            _node(item)
        case Template():
            _template(item)
        case LdapUser() | Profile():
            if not item.name.strip() or len(item.name) > 120:
                raise _wrong("name", "Give a name of 1 to 120 characters.")


def _node(node: Node) -> None:
    try:
        branch = Branch(node, Template(), Location.simple("default", "IT"), "")
    except TextError as error:
        raise _wrong("suffix", f"This is no distinguished name: {error.why}.") from error
    except ValueError as error:
        raise _wrong("networks", f"{error}.") from error
    if not branch.key:
        raise _wrong("suffix", "The root of a node has a name, such as ou=phones,dc=meta.")


def _template(template: Template) -> None:
    if len(template.filter_values) > _RULES_MOST:
        raise _wrong("filter_values", f"There can be {_RULES_MOST} rules.")
    for place, rule in enumerate(template.filter_values):
        try:
            re.compile(rule.search).sub(rule.replace, "")
            re.compile(rule.search + "|").sub(rule.replace, "")
        except (re.error, IndexError) as error:
            raise _wrong(f"filter_values[{place}]", f"This is no regular expression: {error}.") from error


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("ldap-invalid", f"{field}: {message}", data={"field": field})
