"""Reading the names Asterisk gives to channels, and the numbers and names it passes on. Pure text."""

import re
from dataclasses import dataclass

# Channel technologies that are Asterisk's own plumbing: never a phone, never a trunk.
_INNER = frozenset((
    "local", "cbann", "cbrec", "announcer", "recorder", "confbridgerec", "confbridge", "surrogate", "bridge",
    "message", "stasis", "multicastrtp", "unicastrtp", "audiosocket", "mulawmedia", "null", "silk", "test",
    "console", "rtp", "websocket", "snoop", "asyncgoto", "substitution", "park",
))  # fmt: skip
# Technologies whose resource alone names a person's phone or a trunk; others keep their technology in the identifier.
_REGISTERING = frozenset((
    "pjsip", "sip", "iax2", "iax", "sccp", "skinny", "ooh323", "h323", "mgcp", "unistim", "motif", "xmpp",
))  # fmt: skip

_WITHHELD = frozenset((
    "anonymous", "unavailable", "restricted", "private", "withheld", "unknown", "anonym", "anonyme", "anonimo",
    "unbekannt", "blocked", "0000000000",
))  # fmt: skip
_EMPTY = frozenset(("", "<unknown>", "<null>", "(null)", "asterisk"))
_SUFFIX = re.compile(r"-[0-9a-fA-F]{6,}$|-\d+$")
_EXTERNAL_CONTEXT = re.compile(
    r"trunk|pstn|extern|incoming|inbound|provider|carrier|from-did|from-outside|sip-in|amt|voip-in|public|ext-did|"
    r"from-(digital|analog|dahdi|zaptel)",
    re.I,
)
_INTERNAL_CONTEXT = re.compile(r"intern|phones|users|extensions|office|local|stations|subscribers|staff", re.I)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who a channel belongs to: PJSIP/101-0000002d belongs to technology PJSIP, resource 101."""

    technology: str
    resource: str

    @classmethod
    def of_channel(cls, name: str) -> "Endpoint":
        """The endpoint of a channel's name (`PJSIP/101-00000001`, `Local/103@internal-00000001;1`, `DAHDI/i1/5551-3`)."""
        technology, _, rest = name.partition("/")
        rest = rest.partition("<")[0].partition(";")[0]
        rest = rest.removeprefix("AsyncGoto/")
        resource = _SUFFIX.sub("", rest, count=1)
        if technology.lower() == "dahdi":
            resource = resource.partition("/")[0] if resource.startswith("i") else rest.rpartition("-")[0]
        return cls(technology, resource)

    @classmethod
    def of_interface(cls, interface: str) -> "Endpoint":
        """The endpoint of a dial target, hint or queue member (`PJSIP/101`, `SIP/101/extra`, `PJSIP/0432@trunk`)."""
        technology, _, rest = interface.strip().partition("/")
        resource = rest.partition("/")[0] if technology.lower() in _REGISTERING else rest
        return cls(technology, resource.rpartition("@")[2] if "@" in resource else resource)

    @property
    def inner(self) -> bool:
        """Whether this is plumbing that no person may see."""
        return self.technology.lower() in _INNER or not self.resource or not self.technology

    @property
    def device(self) -> str:
        """The device identifier: the resource where phones register by it, else technology and resource."""
        return self.resource if self.technology.lower() in _REGISTERING else f"{self.technology}/{self.resource}"

    @property
    def key(self) -> str:
        """What to remember the endpoint by."""
        return f"{self.technology.lower()}/{self.resource.lower()}"

    def __str__(self) -> str:
        return f"{self.technology}/{self.resource}"


def clean(text: str) -> str:
    """A name or number as text: none for Asterisk's words for nothing; bytes that are not UTF-8 read as Latin-1."""
    text = text.strip()
    if text.lower() in _EMPTY:
        return ""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text


def withheld(number: str, name: str, presentation: str = "") -> bool:
    """Whether a caller wants not to be known: by presentation, by a provider's word for it, or no number at all."""
    if "prohib" in presentation.lower():
        return True
    number = clean(number)
    return not number or number.lower() in _WITHHELD


def is_short(number: str) -> bool:
    """Whether a number looks like an extension."""
    return number.isdigit() and len(number) <= 5


def is_long(number: str) -> bool:
    """Whether a number looks like one of the public network."""
    digits = number.removeprefix("+")
    return digits.isdigit() and (number.startswith("+") or len(digits) >= 7)


def is_code(number: str) -> bool:
    """Whether dialled digits are a feature code (*78, #21#)."""
    return number.startswith(("*", "#"))


def is_external_context(context: str) -> bool:
    """Whether a dial plan context's name says that calls from outside come in there."""
    return bool(_EXTERNAL_CONTEXT.search(context))


def is_internal_context(context: str) -> bool:
    """Whether a dial plan context's name says that our own people dial there."""
    return bool(_INTERNAL_CONTEXT.search(context))


def split_targets(dial: str) -> list[str]:
    """The targets of a Dial application's data: `PJSIP/101&PJSIP/102,25,tT`."""
    return [target for target in dial.partition(",")[0].split("&") if "/" in target]
