"""The attributes of a contact: each has a slot in a record, in the order in which phones ask for them."""

from collections.abc import Iterable
from enum import IntEnum

from unisono.directory.model import NumberKind


class Attribute(IntEnum):
    """An attribute's slot, from 1. What phones ask for stands together, so that an answer is one slice of a record."""

    CN = 1
    SN = 2
    GIVEN_NAME = 3
    O = 4  # noqa: E741
    TELEPHONE_NUMBER = 5
    MOBILE = 6
    HOME_PHONE = 7
    OTHER_TELEPHONE = 8
    OTHER_HOME_PHONE = 9
    COMPANY_PHONE = 10
    FACSIMILE = 11
    MAIL = 12
    TITLE = 13
    DEPARTMENT = 14
    L = 15
    STREET = 16
    POSTAL_CODE = 17
    ST = 18
    CO = 19
    UID = 20
    EMPLOYEE_NUMBER = 21
    OFFICE = 22
    URL = 23
    LABELED_URI = 24
    HOME_POSTAL_ADDRESS = 25
    DESCRIPTION = 26
    PRIMARY_PHONE = 27
    ASSISTANT_PHONE = 28
    CALLBACK_PHONE = 29
    CAR_PHONE = 30
    RADIO = 31
    PAGER = 32
    ISDN = 33
    TTY = 34
    OTHER_PHONE = 35
    HOME_FACSIMILE = 36
    CUSTOM_0 = 37
    CUSTOM_1 = 38
    CUSTOM_2 = 39
    CUSTOM_3 = 40
    CUSTOM_4 = 41
    CUSTOM_5 = 42
    CUSTOM_6 = 43
    CUSTOM_7 = 44
    CUSTOM_8 = 45
    CUSTOM_9 = 46

    @property
    def ldap_name(self) -> str:
        """The name in an answer."""
        return _NAMES[self]

    @property
    def kind(self) -> NumberKind | None:
        """The kind of number that it holds, if it holds numbers."""
        return _KINDS.get(self)

    @property
    def indexed(self) -> bool:
        """Whether its values can be looked up by their beginning; of the others only `Segment.with_value_within` knows."""
        return self in INDEXED

    @classmethod
    def of(cls, name: str) -> "Attribute | None":
        """By its name in any case, or one of its other names; None if contacts have no such attribute."""
        return _BY_NAME.get(name.lower())


_NAMES = {
    Attribute.CN: "cn",
    Attribute.SN: "sn",
    Attribute.GIVEN_NAME: "givenName",
    Attribute.O: "o",
    Attribute.TELEPHONE_NUMBER: "telephoneNumber",
    Attribute.MOBILE: "mobile",
    Attribute.HOME_PHONE: "homePhone",
    Attribute.OTHER_TELEPHONE: "otherTelephone",
    Attribute.OTHER_HOME_PHONE: "otherHomePhone",
    Attribute.COMPANY_PHONE: "companyPhone",
    Attribute.FACSIMILE: "facsimileTelephoneNumber",
    Attribute.MAIL: "mail",
    Attribute.TITLE: "title",
    Attribute.DEPARTMENT: "department",
    Attribute.L: "l",
    Attribute.STREET: "street",
    Attribute.POSTAL_CODE: "postalCode",
    Attribute.ST: "st",
    Attribute.CO: "co",
    Attribute.UID: "uid",
    Attribute.EMPLOYEE_NUMBER: "employeeNumber",
    Attribute.OFFICE: "physicalDeliveryOfficeName",
    Attribute.URL: "url",
    Attribute.LABELED_URI: "labeledURI",
    Attribute.HOME_POSTAL_ADDRESS: "homePostalAddress",
    Attribute.DESCRIPTION: "description",
    Attribute.PRIMARY_PHONE: "primaryPhone",
    Attribute.ASSISTANT_PHONE: "assistantPhone",
    Attribute.CALLBACK_PHONE: "callbackPhone",
    Attribute.CAR_PHONE: "carPhone",
    Attribute.RADIO: "radio",
    Attribute.PAGER: "pager",
    Attribute.ISDN: "internationalISDNNumber",
    Attribute.TTY: "tty",
    Attribute.OTHER_PHONE: "otherPhone",
    Attribute.HOME_FACSIMILE: "homeFacsimileTelephoneNumber",
    **{Attribute(Attribute.CUSTOM_0 + n): f"custom{n}" for n in range(10)},
}
"""Names of inetOrgPerson (RFC 2798), RFC 4519 and Active Directory; those of evolutionPerson where these have none."""

_OTHER_NAMES = {
    "displayName": Attribute.CN,
    "commonName": Attribute.CN,
    "surname": Attribute.SN,
    "gn": Attribute.GIVEN_NAME,
    "organizationName": Attribute.O,
    "company": Attribute.O,
    "mobileTelephoneNumber": Attribute.MOBILE,
    "homeTelephoneNumber": Attribute.HOME_PHONE,
    "fax": Attribute.FACSIMILE,
    "rfc822Mailbox": Attribute.MAIL,
    "ou": Attribute.DEPARTMENT,
    "organizationalUnitName": Attribute.DEPARTMENT,
    "localityName": Attribute.L,
    "streetAddress": Attribute.STREET,
    "stateOrProvinceName": Attribute.ST,
    "friendlyCountryName": Attribute.CO,
    "userid": Attribute.UID,
    "wWWHomePage": Attribute.URL,
    "pagerTelephoneNumber": Attribute.PAGER,
    "info": Attribute.DESCRIPTION,
}

_KINDS = {
    Attribute.TELEPHONE_NUMBER: NumberKind.BUSINESS,
    Attribute.OTHER_TELEPHONE: NumberKind.BUSINESS_2,
    Attribute.COMPANY_PHONE: NumberKind.COMPANY_MAIN,
    Attribute.ASSISTANT_PHONE: NumberKind.ASSISTANT,
    Attribute.HOME_PHONE: NumberKind.HOME,
    Attribute.OTHER_HOME_PHONE: NumberKind.HOME_2,
    Attribute.PRIMARY_PHONE: NumberKind.PRIMARY,
    Attribute.MOBILE: NumberKind.MOBILE,
    Attribute.CAR_PHONE: NumberKind.CAR,
    Attribute.RADIO: NumberKind.RADIO,
    Attribute.PAGER: NumberKind.PAGER,
    Attribute.OTHER_PHONE: NumberKind.OTHER,
    Attribute.CALLBACK_PHONE: NumberKind.CALLBACK,
    Attribute.ISDN: NumberKind.ISDN,
    Attribute.TTY: NumberKind.TTY_TDD,
    Attribute.FACSIMILE: NumberKind.FAX_BUSINESS,
    Attribute.HOME_FACSIMILE: NumberKind.FAX_HOME,
}

KIND_NUMBER = {kind: number for number, kind in enumerate(NumberKind)}
"""A kind as the small number that a segment stores."""
OF_KIND = {kind: attribute for attribute, kind in _KINDS.items()}
"""The attribute that holds the numbers of a kind."""
NUMBERS = frozenset(_KINDS)
"""Attributes that hold numbers."""
ALL_KINDS = (1 << len(KIND_NUMBER)) - 1
"""A mask of kinds that lets all pass."""
CUSTOM_NAMES = tuple(f"{n}" for n in range(10))
"""Names of the custom fields that are attributes; further ones are not shown by a directory."""
INDEXED = (
    frozenset(Attribute)
    - NUMBERS
    - {Attribute.DESCRIPTION, Attribute.HOME_POSTAL_ADDRESS, Attribute.URL, Attribute.LABELED_URI}
    - {Attribute.STREET, Attribute.POSTAL_CODE}
)
"""Attributes whose values are sorted in a segment."""

_BY_NAME = {name.lower(): attribute for name, attribute in (*_OTHER_NAMES.items(), *((n, a) for a, n in _NAMES.items()))}


def kinds_of(attributes: Iterable[Attribute]) -> int:
    """The mask of kinds of number that these attributes hold; an OR over several of them is one look-up."""
    mask = 0
    for attribute in attributes:
        kind = _KINDS.get(attribute)
        if kind is not None:
            mask |= 1 << KIND_NUMBER[kind]
    return mask
