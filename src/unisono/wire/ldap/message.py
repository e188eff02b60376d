"""LDAP messages as values (RFC 4511 4), named and ordered as there. A `Request` is a client's, a `Response` a server's."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TypeAlias

from unisono.wire.ldap.filter import Filter
from unisono.wire.ldap.result_code import ResultCode


class Scope(IntEnum):
    """How far below the base a search looks."""

    BASE = 0
    ONE = 1
    SUBTREE = 2
    CHILDREN = 3  # draft-sermersheim-ldap-subordinate-scope: the subtree without its base


class Deref(IntEnum):
    """When aliases are followed."""

    NEVER = 0
    SEARCHING = 1
    FINDING = 2
    ALWAYS = 3


class Write(IntEnum):
    """Operations that change a directory, by the tag of their request."""

    MODIFY = 0x66
    ADD = 0x68
    DELETE = 0x4A
    MODIFY_DN = 0x6C


class ExtendedName(StrEnum):
    """Extended operations by their OID."""

    START_TLS = "1.3.6.1.4.1.1466.20037"  # RFC 4511 4.14
    WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"  # RFC 4532
    CANCEL = "1.3.6.1.1.8"  # RFC 3909
    NOTICE_OF_DISCONNECTION = "1.3.6.1.4.1.1466.20036"  # RFC 4511 4.4.1


@dataclass(frozen=True, slots=True)
class Simple:
    """A bind by password; with an empty one it is anonymous, or unauthenticated if there is a name (RFC 4513 5.1)."""

    password: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sasl:
    """A bind by a SASL mechanism; what its credentials mean is the mechanism's affair."""

    mechanism: str
    credentials: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OtherAuthentication:
    """Another choice, such as LDAPv2's Kerberos, by its tag; answered with `authMethodNotSupported`."""

    tag: int
    credentials: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class BindRequest:
    """Who the client is; `version` is 2 or 3, or what it likes."""

    version: int
    name: str
    authentication: Simple | Sasl | OtherAuthentication


@dataclass(frozen=True, slots=True)
class UnbindRequest:
    """The client goes; there is no answer."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search. Limits of 0 are the server's.

    No attributes mean all user attributes, and so does "*"; "+" means all operational ones, "1.1" none (RFC 4511 4.5.1.8).
    """

    base: str
    scope: Scope
    deref: Deref
    size_limit: int
    time_limit: int
    """In seconds."""
    types_only: bool
    filter: Filter
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """Whether an entry's attribute has a value."""

    entry: str
    attribute: str
    value: bytes


@dataclass(frozen=True, slots=True)
class AbandonRequest:
    """The client no longer wants the answer to an earlier request; there is no answer to this one either."""

    message_id: int


@dataclass(frozen=True, slots=True)
class ExtendedRequest:
    """An operation by its OID."""

    name: str
    value: bytes | None = None


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Add, delete, modify or modify DN: which, and whose. `rest` is the BER of all that follows the name, unread."""

    kind: Write
    entry: str
    rest: bytes = b""


Request: TypeAlias = (
    SearchRequest | BindRequest | UnbindRequest | CompareRequest | AbandonRequest | ExtendedRequest | WriteRequest
)


@dataclass(frozen=True, slots=True)
class Result:
    """How an operation ended. `code` may be one that `ResultCode` does not have."""

    code: int = ResultCode.SUCCESS
    matched_dn: str = ""
    message: str = ""
    referral: tuple[str, ...] = ()
    """LDAP URLs, with the code `REFERRAL`. LDAPv2 has none."""


@dataclass(frozen=True, slots=True)
class BindResponse:
    """The end of a bind, or a step of SASL."""

    result: Result
    sasl_credentials: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SearchResultEntry:
    """One entry found: its name and its attributes with their values."""

    name: str
    attributes: tuple[tuple[str, tuple[bytes, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResultReference:
    """Where to search on, by LDAP URLs."""

    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchResultDone:
    """The end of a search."""

    result: Result


@dataclass(frozen=True, slots=True)
class CompareResponse:
    """The end of a comparison: `COMPARE_TRUE`, `COMPARE_FALSE` or why it could not be made."""

    result: Result


@dataclass(frozen=True, slots=True)
class WriteResponse:
    """The end of an add, delete, modify or modify DN."""

    kind: Write
    result: Result


@dataclass(frozen=True, slots=True)
class ExtendedResponse:
    """The end of an extended operation; with message ID 0 an unsolicited notification (RFC 4511 4.4)."""

    result: Result
    name: str | None = None
    value: bytes | None = None


@dataclass(frozen=True, slots=True)
class IntermediateResponse:
    """Something on the way (RFC 4511 4.13)."""

    name: str | None = None
    value: bytes | None = None


Response: TypeAlias = (
    SearchResultEntry
    | SearchResultDone
    | SearchResultReference
    | BindResponse
    | CompareResponse
    | WriteResponse
    | ExtendedResponse
    | IntermediateResponse
)
