"""The subschema (RFC 4512 4.2): attribute types, object classes, matching rules and syntaxes of what the door shows.

What an attribute can be asked by says its type here, and filters hold to it: an item for which it has no rule is Undefined.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from unisono.directory.segment.attributes import NUMBERS, Attribute
from unisono.wire.ldap.filter import Extensible, GreaterOrEqual, Item, LessOrEqual, Present, Substrings

SUBSCHEMA = "cn=Subschema"
NAMING = "metaID"
"""What the entries of contacts are named by (RFC 4512 2.3): an attribute that each of them has, with the id as it is.

An operational one, which "*" does not show, and by which other directories let no entry be named: a user attribute would cost
34 octets in each answer, `entryUUID` ten more than `uid=`, and the hyphens that the id has not (RFC 4530 2.1).
"""

_ARC = "1.3.6.1.4.1.4203.666.77"
"""OpenLDAP's arc for private experiments (4203.666): names of ours that have no number anywhere else."""
_ADDED = uuid5(NAMESPACE_OID, f"{_ARC}.3")
"""In whose space the names of classes are that templates add."""


class Syntax(StrEnum):
    """RFC 4517 3.3, RFC 4530 2.1."""

    DIRECTORY = "1.3.6.1.4.1.1466.115.121.1.15"
    TELEPHONE = "1.3.6.1.4.1.1466.115.121.1.50"
    OID = "1.3.6.1.4.1.1466.115.121.1.38"
    DN = "1.3.6.1.4.1.1466.115.121.1.12"
    TIME = "1.3.6.1.4.1.1466.115.121.1.24"
    BOOLEAN = "1.3.6.1.4.1.1466.115.121.1.7"
    UUID = "1.3.6.1.1.16.1"
    ATTRIBUTE_TYPE = "1.3.6.1.4.1.1466.115.121.1.3"
    OBJECT_CLASS = "1.3.6.1.4.1.1466.115.121.1.37"
    MATCHING_RULE = "1.3.6.1.4.1.1466.115.121.1.30"
    LDAP_SYNTAX = "1.3.6.1.4.1.1466.115.121.1.54"


DESCRIPTIONS = (Syntax.ATTRIBUTE_TYPE, Syntax.OBJECT_CLASS, Syntax.MATCHING_RULE, Syntax.LDAP_SYNTAX)
"""Those whose values begin with the number of what they describe, by which they are asked for."""
_DIRECTORY, _TELEPHONE, _OID, _DN = Syntax.DIRECTORY, Syntax.TELEPHONE, Syntax.OID, Syntax.DN
_TIME, _BOOLEAN, _UUID = Syntax.TIME, Syntax.BOOLEAN, Syntax.UUID
_NUMERIC, _SUBSTRING = "1.3.6.1.4.1.1466.115.121.1.36", "1.3.6.1.4.1.1466.115.121.1.58"


class Rules(NamedTuple):
    """The names of matching rules; "": there is none."""

    equality: str
    ordering: str = ""
    substrings: str = ""


class Usage(StrEnum):
    """What an attribute is for (RFC 4512 3.4, 4.1.2)."""

    USER = "userApplications"
    DIRECTORY_OPERATION = "directoryOperation"
    DSA_OPERATION = "dSAOperation"
    """It tells of the server that is asked, such as those of the root DSE (RFC 4512 5.1, RFC 3045)."""


_OPERATION, _DSA = Usage.DIRECTORY_OPERATION, Usage.DSA_OPERATION


class _Type(NamedTuple):
    oid: str
    names: tuple[str, ...]
    syntax: Syntax = _DIRECTORY
    usage: Usage = Usage.USER
    single: bool = False
    own_rules: Rules | None = None
    """Where they are not those of the syntax."""

    @property
    def rules(self) -> Rules:
        return self.own_rules or _RULES_OF[self.syntax]


_RULES_OF = {
    _DIRECTORY: Rules("caseIgnoreMatch", "caseIgnoreOrderingMatch", "caseIgnoreSubstringsMatch"),
    # RFC 4519 2.35 gives numbers no order. Lists of telephones are sorted by them, and digits are compared one by one.
    _TELEPHONE: Rules("telephoneNumberMatch", "numericStringOrderingMatch", "telephoneNumberSubstringsMatch"),
    _OID: Rules("objectIdentifierMatch"),
    _DN: Rules("distinguishedNameMatch"),
    _TIME: Rules("generalizedTimeMatch", "generalizedTimeOrderingMatch"),
    _BOOLEAN: Rules("booleanMatch"),
    _UUID: Rules("uuidMatch", "uuidOrderingMatch"),
    # RFC 4512 4.2.1 to 4.2.5
    **dict.fromkeys(DESCRIPTIONS, Rules("objectIdentifierFirstComponentMatch")),
}

_OIDS = {
    Attribute.CN: ("2.5.4.3", "commonName"),
    Attribute.SN: ("2.5.4.4", "surname"),
    Attribute.GIVEN_NAME: ("2.5.4.42", "gn"),
    Attribute.O: ("2.5.4.10", "organizationName"),
    Attribute.TELEPHONE_NUMBER: ("2.5.4.20",),
    Attribute.MOBILE: ("0.9.2342.19200300.100.1.41", "mobileTelephoneNumber"),
    Attribute.HOME_PHONE: ("0.9.2342.19200300.100.1.20", "homeTelephoneNumber"),
    Attribute.FACSIMILE: ("2.5.4.23", "fax"),
    Attribute.MAIL: ("0.9.2342.19200300.100.1.3", "rfc822Mailbox"),
    Attribute.TITLE: ("2.5.4.12",),
    Attribute.L: ("2.5.4.7", "localityName"),
    Attribute.STREET: ("2.5.4.9", "streetAddress"),
    Attribute.POSTAL_CODE: ("2.5.4.17",),
    Attribute.ST: ("2.5.4.8", "stateOrProvinceName"),
    Attribute.CO: ("0.9.2342.19200300.100.1.43", "friendlyCountryName"),
    Attribute.UID: ("0.9.2342.19200300.100.1.1", "userid"),
    Attribute.EMPLOYEE_NUMBER: ("2.16.840.1.113730.3.1.3",),
    Attribute.OFFICE: ("2.5.4.19",),
    Attribute.LABELED_URI: ("1.3.6.1.4.1.250.1.57",),
    Attribute.HOME_POSTAL_ADDRESS: ("0.9.2342.19200300.100.1.39",),
    Attribute.DESCRIPTION: ("2.5.4.13",),
    Attribute.PAGER: ("0.9.2342.19200300.100.1.42", "pagerTelephoneNumber"),
    Attribute.ISDN: ("2.5.4.25",),
}
"""Registered numbers and the other names that are the same attribute."""

_MORE = (
    _Type("2.5.4.0", ("objectClass",), _OID),
    _Type("2.5.4.11", ("ou", "organizationalUnitName")),
    _Type("0.9.2342.19200300.100.1.25", ("dc", "domainComponent"), single=True),
    _Type("2.16.840.1.113730.3.1.241", ("displayName",), single=True),
    _Type("1.2.840.113556.1.2.146", ("company",), single=True),
    _Type("1.2.840.113556.1.2.464", ("wWWHomePage",), single=True),
    _Type("1.2.840.113556.1.2.81", ("info",), single=True),
    _Type(f"{_ARC}.1.100", ("metaSearchNumber",), _TELEPHONE),
    _Type("1.3.6.1.1.16.4", ("entryUUID",), _UUID, _OPERATION, True),
    _Type("1.3.6.1.1.20", ("entryDN",), _DN, _OPERATION, True),
    _Type("2.5.18.1", ("createTimestamp",), _TIME, _OPERATION, True),
    _Type("2.5.18.2", ("modifyTimestamp",), _TIME, _OPERATION, True),
    _Type("2.5.18.3", ("creatorsName",), _DN, _OPERATION, True),
    _Type("2.5.18.4", ("modifiersName",), _DN, _OPERATION, True),
    _Type("2.5.18.9", ("hasSubordinates",), _BOOLEAN, _OPERATION, True),
    _Type("2.5.18.10", ("subschemaSubentry",), _DN, _OPERATION, True),
    _Type("2.5.21.9", ("structuralObjectClass",), _OID, _OPERATION, True),
    _Type("2.5.21.5", ("attributeTypes",), Syntax.ATTRIBUTE_TYPE, _OPERATION),
    _Type("2.5.21.6", ("objectClasses",), Syntax.OBJECT_CLASS, _OPERATION),
    _Type("2.5.21.4", ("matchingRules",), Syntax.MATCHING_RULE, _OPERATION),
    _Type("1.3.6.1.4.1.1466.101.120.16", ("ldapSyntaxes",), Syntax.LDAP_SYNTAX, _OPERATION),
    _Type("1.3.6.1.4.1.1466.101.120.5", ("namingContexts",), _DN, _DSA),
    _Type("1.3.6.1.4.1.1466.101.120.7", ("supportedExtension",), _OID, _DSA),
    _Type("1.3.6.1.4.1.1466.101.120.13", ("supportedControl",), _OID, _DSA),
    _Type("1.3.6.1.4.1.1466.101.120.15", ("supportedLDAPVersion",), usage=_DSA),
    _Type("1.3.6.1.4.1.4203.1.3.5", ("supportedFeatures",), _OID, _DSA),
    _Type("1.3.6.1.1.4", ("vendorName",), usage=_DSA, single=True),
    _Type("1.3.6.1.1.5", ("vendorVersion",), usage=_DSA, single=True),
    _Type("1.2.840.113556.1.4.521", ("defaultNamingContext",), _DN, _DSA, True),
    _Type(f"{_ARC}.1.101", ("metaVersion",), usage=_DSA, single=True),
    _Type(f"{_ARC}.1.102", (NAMING,), usage=_OPERATION, single=True, own_rules=Rules("caseIgnoreMatch")),
    _Type(
        f"{_ARC}.1.103", ("databaseDescription",), usage=_OPERATION, single=True,
        own_rules=Rules("caseIgnoreMatch", substrings="caseIgnoreSubstringsMatch"),
    ),
)  # fmt: skip


def _contact_types() -> list[_Type]:
    found = []
    for attribute in Attribute:
        oid, *more = _OIDS.get(attribute, (f"{_ARC}.1.{int(attribute)}",))
        syntax = _TELEPHONE if attribute in NUMBERS else _DIRECTORY
        found.append(_Type(oid, (attribute.ldap_name, *more), syntax))
    return found


_TYPES = [*_contact_types(), *_MORE]

_SYNTAX_NAMES = {
    _DIRECTORY: "Directory String", _TELEPHONE: "Telephone Number", _OID: "OID", _DN: "DN", _TIME: "Generalized Time",
    _BOOLEAN: "Boolean", _UUID: "UUID", Syntax.ATTRIBUTE_TYPE: "Attribute Type Description",
    Syntax.OBJECT_CLASS: "Object Class Description", Syntax.MATCHING_RULE: "Matching Rule Description",
    Syntax.LDAP_SYNTAX: "LDAP Syntax Description", _NUMERIC: "Numeric String", _SUBSTRING: "Substring Assertion",
}  # fmt: skip

_MATCHING = (
    ("2.5.13.0", "objectIdentifierMatch", _OID),
    ("2.5.13.1", "distinguishedNameMatch", _DN),
    ("2.5.13.2", "caseIgnoreMatch", _DIRECTORY),
    ("2.5.13.3", "caseIgnoreOrderingMatch", _DIRECTORY),
    ("2.5.13.4", "caseIgnoreSubstringsMatch", _SUBSTRING),
    ("2.5.13.9", "numericStringOrderingMatch", _NUMERIC),
    ("2.5.13.13", "booleanMatch", _BOOLEAN),
    ("2.5.13.20", "telephoneNumberMatch", _TELEPHONE),
    ("2.5.13.21", "telephoneNumberSubstringsMatch", _SUBSTRING),
    ("2.5.13.27", "generalizedTimeMatch", _TIME),
    ("2.5.13.28", "generalizedTimeOrderingMatch", _TIME),
    ("2.5.13.30", "objectIdentifierFirstComponentMatch", _OID),
    ("1.3.6.1.1.16.2", "uuidMatch", _UUID),
    ("1.3.6.1.1.16.3", "uuidOrderingMatch", _UUID),
)
_OF_ANY = frozenset({"2.5.13.0", "2.5.13.2", "2.5.13.20", "2.5.13.30"})
"""Matching rules that compare whole values of whatever attribute is named."""


def _described(one: _Type) -> str:
    """RFC 4512 4.1.2."""
    names = f"'{one.names[0]}'" if len(one.names) == 1 else "( " + " ".join(f"'{name}'" for name in one.names) + " )"
    words = [f"( {one.oid} NAME {names}"]
    for word, rule in zip(("EQUALITY", "ORDERING", "SUBSTR"), one.rules, strict=True):
        if rule:
            words.append(f"{word} {rule}")
    words.append(f"SYNTAX {one.syntax}")
    if one.single:
        words.append("SINGLE-VALUE")
    if one.usage is not Usage.USER:
        words.append(f"NO-USER-MODIFICATION USAGE {one.usage}")
    return " ".join(words) + " )"


_STANDARD_MAY = " $ ".join(a.ldap_name for a in Attribute if a in _OIDS and a not in (Attribute.CN, Attribute.SN, Attribute.CO))
_OUR_MAY = " $ ".join(
    [*(a.ldap_name for a in Attribute if a not in _OIDS), "co", "company", "wWWHomePage", "info", "metaSearchNumber"]
)
_CLASSES = (
    "( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
    "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( telephoneNumber $ description ) )",
    "( 2.5.6.7 NAME 'organizationalPerson' SUP person STRUCTURAL MAY ( title $ telephoneNumber $ l $ st $ street $ ou ) )",
    "( 2.16.840.1.113730.3.2.2 NAME 'inetOrgPerson' SUP organizationalPerson STRUCTURAL MAY "
    f"( displayName $ {_STANDARD_MAY} ) )",
    f"( {_ARC}.2.1 NAME 'contactperson' DESC 'A contact of any source' SUP top AUXILIARY MAY ( {_OUR_MAY} ) )",
    "( 2.5.6.5 NAME 'organizationalUnit' SUP top STRUCTURAL MUST ou MAY ( description $ l $ st $ telephoneNumber ) )",
    "( 2.5.6.4 NAME 'organization' SUP top STRUCTURAL MUST o MAY ( description $ l $ st $ telephoneNumber ) )",
    "( 0.9.2342.19200300.100.4.13 NAME 'domain' SUP top STRUCTURAL MUST dc MAY ( description $ o $ l ) )",
    "( 2.5.20.1 NAME 'subschema' AUXILIARY MAY ( attributeTypes $ objectClasses $ matchingRules $ ldapSyntaxes ) )",
    "( 2.5.17.0 NAME 'subentry' SUP top STRUCTURAL MUST cn )",
    "( 1.3.6.1.4.1.4203.1.4.1 NAME ( 'OpenLDAProotDSE' 'LDAProotDSE' ) SUP top STRUCTURAL MAY cn )",
    "( 1.3.6.1.4.1.1466.101.120.111 NAME 'extensibleObject' SUP top AUXILIARY )",
)

CONTACT_CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson", "contactperson")
KNOWN = frozenset(name.lower() for one in _TYPES for name in one.names) | {one.oid for one in _TYPES}
"""Names of attributes that some entry may have, in lower case."""


_QUOTED, _DESC = re.compile("'([^']+)'"), re.compile("DESC '[^']*'")
_KEYSTRING, _NUMERIC_OID = re.compile("[A-Za-z][A-Za-z0-9-]*"), re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
"""RFC 4512 1.4."""
CLASS = re.compile(f"[A-Za-z][A-Za-z0-9_-]*|{_NUMERIC_OID.pattern}")
"""What a template may call a class: also with "_", which vendors write; then it is found, but not published."""
_NAMES = {one.oid: one.names[0].lower() for one in _TYPES}
_TYPE_OF = {name.lower(): one for one in _TYPES for name in one.names}
_MAIN_NAMES = {name.lower(): one.names[0].lower() for one in _TYPES for name in one.names}
# A class may have two names.
_CLASS_NUMBERS = {name.lower(): one.split()[1] for one in _CLASSES for name in _QUOTED.findall(_DESC.sub("", one))}
_NUMBERS = {
    **_CLASS_NUMBERS,
    **{name.lower(): oid for oid, name, _ in _MATCHING},
    **{name: one.oid for name, one in _TYPE_OF.items()},
}
_ALIKE = dict.fromkeys(("caseignoreia5match", "1.3.6.1.4.1.1466.109.114.2"), "2.5.13.2")
"""Rules that compare here as another one does: all texts are UTF-8."""
_COMPARED_BY = {
    oid: tuple(one.names[0].lower() for one in _TYPES if one.rules.equality == rule) for oid, rule, _ in _MATCHING
}


def plain(description: str) -> str:
    """The attribute that a description means, in lower case, by its name or number.

    No value here has options: a description with any is one that is not known (RFC 4512 2.5), and stays as it is.
    """
    name = description.lower()
    return _NAMES.get(name, name) if name[:1].isdigit() else name


def main_name(name: str) -> str:
    """The first of the names (in lower case) of the attribute that is called so too."""
    return _MAIN_NAMES.get(name, name)


def syntax_of(name: str) -> Syntax | None:
    """The syntax of an attribute, named in lower case; None if it is not known."""
    found = _TYPE_OF.get(name)
    return found.syntax if found else None


def compared_by(rule: str) -> tuple[str, ...]:
    """The attributes, by their `main_name`, whose whole values a matching rule compares; none where it is none of that kind."""
    return _COMPARED_BY.get(_rule(rule), ())


def can_be_asked(asked: Item) -> bool:
    """Whether the attribute has a rule for this kind of item, or is not known: RFC 4511 4.5.1.7 makes others Undefined."""
    name = plain(asked.attribute or "")
    if isinstance(asked, Extensible) and asked.rule and _rule(asked.rule) not in _OF_ANY:
        fitting = compared_by(asked.rule)
        return main_name(name) in fitting if name else bool(fitting)
    found = _TYPE_OF.get(name)
    if found is None or isinstance(asked, Present):
        return True
    if isinstance(asked, Substrings):
        return bool(found.rules.substrings)
    return bool(found.rules.ordering if isinstance(asked, GreaterOrEqual | LessOrEqual) else found.rules.equality)


def class_number(text: str) -> str:
    """The number of the object class that is meant, by its name or number (RFC 4517 4.2.26).

    One that a template adds has a number too, made of its name (X.667 7: 2.25 and a UUID), which it keeps whatever is added.
    """
    found = text.strip().lower()
    if found[:1].isdigit():
        return found
    return _CLASS_NUMBERS.get(found) or f"2.25.{uuid5(_ADDED, found).int}"


def distinct_classes(names: Iterable[str]) -> tuple[str, ...]:
    """Each object class once, as it is called first: an attribute has no two equal values (RFC 4512 2.2)."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(class_number(name), name)
    return tuple(found.values())


def number_of(text: str) -> str | None:
    """The number that is meant, or that of our attribute type, object class or rule of this name; None if there is none."""
    found = text.strip().lower()
    return found if found[:1].isdigit() else _NUMBERS.get(found)


def _rule(name: str) -> str:
    """The number of the matching rule that is called so, or of the one that compares here as it does; "" if there is none."""
    return _ALIKE.get(name.lower()) or number_of(name) or ""


def subschema(object_classes: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """The attributes of the subschema subentry; `object_classes`: names and numbers that templates add.

    Others than those of RFC 4512 1.4 are left out: a client would not read any of it.
    """
    named = {class_number(name): f" NAME '{name}'" for name in sorted(object_classes) if _KEYSTRING.fullmatch(name)}
    added = dict.fromkeys(filter(_NUMERIC_OID.fullmatch, object_classes), "") | named
    more = [f"( {oid}{added[oid]} SUP top AUXILIARY )" for oid in sorted(added.keys() - set(_CLASS_NUMBERS.values()))]
    return {
        "attributeTypes": tuple(map(_described, _TYPES)),
        "objectClasses": (*_CLASSES, *more),
        "matchingRules": tuple(f"( {oid} NAME '{name}' SYNTAX {syntax} )" for oid, name, syntax in _MATCHING),
        "ldapSyntaxes": tuple(f"( {oid} DESC '{name}' )" for oid, name in _SYNTAX_NAMES.items()),
    }
