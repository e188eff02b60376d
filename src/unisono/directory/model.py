"""Contacts, their numbers and fields as values (the field names of X.500 and of the CTI world, side by side)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class NumberKind(StrEnum):
    """What a contact's number is for. The order is kept: an index stores it as a small integer."""

    BUSINESS = "business"
    BUSINESS_2 = "business-2"
    COMPANY_MAIN = "company-main"
    ASSISTANT = "assistant"
    HOME = "home"
    HOME_2 = "home-2"
    PRIMARY = "primary"
    MOBILE = "mobile"
    CAR = "car"
    RADIO = "radio"
    PAGER = "pager"
    OTHER = "other"
    CALLBACK = "callback"
    ISDN = "isdn"
    TTY_TDD = "tty-tdd"
    FAX_BUSINESS = "fax-business"
    FAX_HOME = "fax-home"

    __hash__ = str.__hash__  # Enum's own is a function of Python, and these are keys wherever there are millions


class AddressKind(StrEnum):
    """Which of a contact's postal addresses."""

    BUSINESS = "business"
    PRIVATE = "private"
    OTHER = "other"


class Field(StrEnum):
    """Every field a source can fill; the values are the words of the import's mapping. Custom fields are `custom.<name>`."""

    ENTRY_ID = "entry_id"
    DISPLAY_NAME = "display_name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    JOB_TITLE = "job_title"
    COMPANY = "company"
    DEPARTMENT = "department"
    OFFICE_ROOM_NUMBER = "office_room_number"
    CUSTOMER_ID = "customer_id"
    CTI_USER = "cti_user"
    BUSINESS_STREET = "business_street"
    BUSINESS_POSTAL_CODE = "business_postal_code"
    BUSINESS_CITY = "business_city"
    BUSINESS_STATE = "business_state"
    BUSINESS_COUNTRY = "business_country"
    PRIVATE_STREET = "private_street"
    PRIVATE_POSTAL_CODE = "private_postal_code"
    PRIVATE_CITY = "private_city"
    PRIVATE_STATE = "private_state"
    PRIVATE_COUNTRY = "private_country"
    OTHER_STREET = "other_street"
    OTHER_POSTAL_CODE = "other_postal_code"
    OTHER_CITY = "other_city"
    OTHER_STATE = "other_state"
    OTHER_COUNTRY = "other_country"
    EMAIL = "email"
    EMAIL_2 = "email_2"
    EMAIL_3 = "email_3"
    SIP_ADDRESS = "sip_address"
    WEB = "web"
    PHONE_BUSINESS = "phone_business"
    PHONE_BUSINESS_2 = "phone_business_2"
    PHONE_COMPANY_MAIN = "phone_company_main"
    PHONE_ASSISTANT = "phone_assistant"
    PHONE_HOME = "phone_home"
    PHONE_HOME_2 = "phone_home_2"
    PHONE_PRIMARY = "phone_primary"
    PHONE_MOBILE = "phone_mobile"
    PHONE_CAR = "phone_car"
    PHONE_RADIO = "phone_radio"
    PHONE_PAGER = "phone_pager"
    PHONE_OTHER = "phone_other"
    PHONE_CALLBACK = "phone_callback"
    PHONE_ISDN = "phone_isdn"
    PHONE_TTY_TDD = "phone_tty_tdd"
    FAX_BUSINESS = "fax_business"
    FAX_HOME = "fax_home"
    NOTE = "note"
    DIRECT_LINK = "direct_link"
    PRIVATE_CONTACT = "private_contact"


NUMBER_FIELDS: Mapping[Field, NumberKind] = {
    Field.PHONE_BUSINESS: NumberKind.BUSINESS,
    Field.PHONE_BUSINESS_2: NumberKind.BUSINESS_2,
    Field.PHONE_COMPANY_MAIN: NumberKind.COMPANY_MAIN,
    Field.PHONE_ASSISTANT: NumberKind.ASSISTANT,
    Field.PHONE_HOME: NumberKind.HOME,
    Field.PHONE_HOME_2: NumberKind.HOME_2,
    Field.PHONE_PRIMARY: NumberKind.PRIMARY,
    Field.PHONE_MOBILE: NumberKind.MOBILE,
    Field.PHONE_CAR: NumberKind.CAR,
    Field.PHONE_RADIO: NumberKind.RADIO,
    Field.PHONE_PAGER: NumberKind.PAGER,
    Field.PHONE_OTHER: NumberKind.OTHER,
    Field.PHONE_CALLBACK: NumberKind.CALLBACK,
    Field.PHONE_ISDN: NumberKind.ISDN,
    Field.PHONE_TTY_TDD: NumberKind.TTY_TDD,
    Field.FAX_BUSINESS: NumberKind.FAX_BUSINESS,
    Field.FAX_HOME: NumberKind.FAX_HOME,
}

LDAP_NAMES: Mapping[Field, str] = {
    Field.ENTRY_ID: "uid",
    Field.DISPLAY_NAME: "displayName",
    Field.FIRST_NAME: "givenName",
    Field.LAST_NAME: "sn",
    Field.JOB_TITLE: "title",
    Field.COMPANY: "o",
    Field.DEPARTMENT: "department",
    Field.OFFICE_ROOM_NUMBER: "physicalDeliveryOfficeName",
    Field.CUSTOMER_ID: "employeeNumber",
    Field.BUSINESS_STREET: "street",
    Field.BUSINESS_POSTAL_CODE: "postalCode",
    Field.BUSINESS_CITY: "l",
    Field.BUSINESS_STATE: "st",
    Field.BUSINESS_COUNTRY: "co",
    Field.PRIVATE_STREET: "homePostalAddress",
    Field.EMAIL: "mail",
    Field.EMAIL_2: "mail",
    Field.EMAIL_3: "mail",
    Field.WEB: "url",
    Field.DIRECT_LINK: "labeledURI",
    Field.PHONE_BUSINESS: "telephoneNumber",
    Field.PHONE_BUSINESS_2: "otherTelephone",
    Field.PHONE_HOME: "homePhone",
    Field.PHONE_HOME_2: "otherHomePhone",
    Field.PHONE_MOBILE: "mobile",
    Field.PHONE_PAGER: "pager",
    Field.PHONE_ISDN: "internationalISDNNumber",
    Field.PHONE_COMPANY_MAIN: "companyPhone",
    Field.PHONE_ASSISTANT: "assistantPhone",
    Field.PHONE_PRIMARY: "primaryPhone",
    Field.PHONE_CAR: "carPhone",
    Field.PHONE_RADIO: "radio",
    Field.PHONE_OTHER: "otherPhone",
    Field.PHONE_CALLBACK: "callbackPhone",
    Field.PHONE_TTY_TDD: "tty",
    Field.FAX_BUSINESS: "facsimileTelephoneNumber",
    Field.FAX_HOME: "homeFacsimileTelephoneNumber",
    Field.NOTE: "description",
}
"""Attribute names of inetOrgPerson (RFC 2798), RFC 4519 and Active Directory, else of evolutionPerson, for most fields."""

CUSTOM = "custom."
"""Prefix of a mapping target that is a custom field."""


class ContactNumber(msgspec.Struct, frozen=True, gc=False):
    """A number as the source wrote it and in super-canonical form ("" where it is none)."""

    kind: NumberKind
    raw: str
    canonical: str = ""


class Address(msgspec.Struct, frozen=True, gc=False):
    """A postal address."""

    kind: AddressKind
    street: str = ""
    postal_code: str = ""
    city: str = ""
    state: str = ""
    country: str = ""


class Contact(msgspec.Struct, frozen=True, gc=False):
    """Someone, or a firm, outside our own people. `source_key` is unique within the book and names the source's record."""

    id: str
    book: str
    source_key: str = ""
    display_name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    job_title: str = ""
    department: str = ""
    office_room_number: str = ""
    customer_id: str = ""
    cti_user: str = ""
    numbers: tuple[ContactNumber, ...] = ()
    emails: tuple[str, ...] = ()
    sip_address: str = ""
    addresses: tuple[Address, ...] = ()
    web: str = ""
    note: str = ""
    direct_link: str = ""
    custom: Mapping[str, str] = {}
    author: str = ""
    """Who wrote it by hand: a user id."""

    @property
    def is_firm(self) -> bool:
        """Whether this is a firm's own entry and not a person in it."""
        return not self.first_name and bool(self.company) and self.last_name in ("", self.company)

    @property
    def name(self) -> str:
        """What to show: the display name, else what there is."""
        joined = f"{self.first_name} {self.last_name}".strip()
        return self.display_name or joined or self.company or (self.emails[0] if self.emails else "")


@dataclass(frozen=True, slots=True)
class Book:
    """A set of contacts from one source."""

    id: str
    name: str
    contacts: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """One of several entries of a person: its contact, its book, the link into its source, and what makes it the same person's.

    `reason`: a `duplicates.Rule`, `duplicates.BY_HAND`, or "" for the entry that is shown.
    """

    contact_id: str
    book: str
    reason: str = ""
    link: str = ""


class HitKind(StrEnum):
    """What a search found."""

    CONTACT = "contact"
    PERSON = "person"


class HitReason(StrEnum):
    """Which field made it a hit."""

    NAME = "name"
    COMPANY = "company"
    NUMBER = "number"
    EMAIL = "email"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a search's answer. `score`: 0 to 100, higher is better.

    `meant`: nothing is as it was typed; these words were taken instead. `origins`: entries shown as one, if there are several.
    """

    kind: HitKind
    id: str
    title: str
    subtitle: str
    numbers: tuple[ContactNumber, ...]
    reason: HitReason
    score: int
    meant: str = ""
    origins: tuple[Origin, ...] = ()


class IdentifiedBy(StrEnum):
    """How a number led to a contact."""

    EXACT = "exact"
    MAIN_NUMBER = "main-number"
    LAST_DIGITS = "last-digits"


@dataclass(frozen=True, slots=True)
class Identified:
    """Who a number belongs to. `alternatives`: ids of the other contacts that have it, best first."""

    contact: Contact
    reason: IdentifiedBy
    number: ContactNumber
    alternatives: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()

    @property
    def name(self) -> str:
        """Whom to show as calling: the firm where the number is a firm's main number and no certain person's."""
        firm = self.reason is IdentifiedBy.MAIN_NUMBER or self.number.kind is NumberKind.COMPANY_MAIN
        return self.contact.company if firm and self.contact.company else self.contact.name
