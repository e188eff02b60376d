"""What is wrong with a node, template, user or profile before it is saved. Pure."""

import re

from unisono.directory.ldap.branch import Branch
from unisono.directory.ldap.model import LdapUser, Node, Profile, Template, networks_of
from unisono.directory.ldap.pattern import compiled
from unisono.kernel.errors import Invalid
from unisono.numbers import Location
from unisono.wire.ldap.errors import TextError

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RULES_MOST = 50


def check(item: Node | Template | LdapUser | Profile) -> None:
    """Raises `Invalid` that names the field and what it should be."""
    if not _ID.fullmatch(item.id):
        raise _wrong("id", "ldap-id", "An id has 1 to 64 of a-z, 0-9, - and _.")
    match item:
        case Node():
            _node(item)
        case Template():
            _template(item)
        case LdapUser() | Profile():
            if not item.name.strip() or len(item.name) > 120:
                raise _wrong("name", "ldap-name", "Give a name of 1 to 120 characters.")


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


def _are_networks(texts: tuple[str, ...]) -> bool:
    try:
        networks_of(texts)
    except ValueError:
        return False
    return True


def _template(template: Template) -> None:
    if not template.name.strip():
        raise _wrong("name", "ldap-name", "Give a name of 1 to 120 characters.")
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
