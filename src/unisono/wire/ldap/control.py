"""Controls (RFC 4511 4.1.11): what a client adds to a request and a server to its answer.

Those of which the value is known are read; any other is `OtherControl`. It is the server that decides what it can do: a
`critical` one it cannot do refuses the request with `unavailableCriticalExtension`.
"""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class PagedResults:
    """A search page by page (RFC 2696). From the client `size` is entries per page, from the server an estimate of all, or 0.

    An empty `cookie` begins, and from the server it ends.
    """

    OID: ClassVar[str] = "1.2.840.113556.1.4.319"

    size: int
    cookie: bytes = b""


@dataclass(frozen=True, slots=True)
class SortKey:
    """What to sort by (RFC 2891 1.1), with the attribute's own ordering rule or another."""

    attribute: str
    rule: str = ""
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class SortRequest:
    """Entries in order, please (RFC 2891 1.1)."""

    OID: ClassVar[str] = "1.2.840.113556.1.4.473"

    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class SortResponse:
    """Whether they were sorted (RFC 2891 1.2), and the attribute that stood in the way."""

    OID: ClassVar[str] = "1.2.840.113556.1.4.474"

    code: int
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class ByOffset:
    """The entry at `offset` (from 1) in a list that the client believes to have `count` entries; 0 if it does not know."""

    offset: int
    count: int


@dataclass(frozen=True, slots=True)
class ByAssertion:
    """The first entry of which the sort key is at least this."""

    value: bytes


@dataclass(frozen=True, slots=True)
class VlvRequest:
    """A window of a sorted list, so many entries before and after a target (draft-ietf-ldapext-ldapv3-vlv 5.1)."""

    OID: ClassVar[str] = "2.16.840.1.113730.3.4.9"

    before: int
    after: int
    target: ByOffset | ByAssertion
    context_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class VlvResponse:
    """Where the window is, and how long the list (draft-ietf-ldapext-ldapv3-vlv 5.2)."""

    OID: ClassVar[str] = "2.16.840.1.113730.3.4.10"

    position: int
    count: int
    code: int = 0
    context_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class ManageDsaIt:
    """Referrals are to be treated as entries (RFC 3296 3)."""

    OID: ClassVar[str] = "2.16.840.1.113730.3.4.2"


@dataclass(frozen=True, slots=True)
class Subentries:
    """Only subentries, or only entries (RFC 3672 3)."""

    OID: ClassVar[str] = "1.3.6.1.4.1.4203.1.10.1"

    visible: bool


@dataclass(frozen=True, slots=True)
class ProxiedAuthorization:
    """The operation in the name of somebody else, as `dn:...` or `u:...` (RFC 4370 3)."""

    OID: ClassVar[str] = "2.16.840.1.113730.3.4.18"

    authorization_id: str


@dataclass(frozen=True, slots=True)
class OtherControl:
    """A control that is not read here."""

    oid: str
    value: bytes | None = None


ControlValue: TypeAlias = (
    PagedResults
    | SortRequest
    | SortResponse
    | VlvRequest
    | VlvResponse
    | ManageDsaIt
    | Subentries
    | ProxiedAuthorization
    | OtherControl
)


@dataclass(frozen=True, slots=True)
class Control:
    """A control, and whether the request must be refused by a server that cannot do it."""

    value: ControlValue
    critical: bool = False

    @property
    def oid(self) -> str:
        """What kind it is."""
        return self.value.oid if isinstance(self.value, OtherControl) else self.value.OID
