"""Distinguished names (RFC 4514): read, written, compared.

What RFC 4514 no longer writes but clients still send is read too (RFC 2253 4, RFC 1779): spaces around separators, ";" as a
separator, values in quotes, "OID." before an OID.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

from unisono.wire.ldap import ber
from unisono.wire.ldap.errors import BerError, TextError
from unisono.wire.ldap.message import Scope

MOST = 8_192
"""Characters of a name; each costs time to read."""

Key: TypeAlias = tuple[tuple[tuple[str, str], ...], ...]
"""A name for comparing, its RDNs in the order written: the nearest first."""

_TYPE = re.compile(r" *(?:[Oo][Ii][Dd]\.)?([A-Za-z][A-Za-z0-9_-]*|[0-9]+(?:\.[0-9]+)+)(?:;[A-Za-z0-9_-]+)* *=[ \n]*")
_HEX = re.compile(r"#((?:[0-9A-Fa-f]{2})+)[ \n]*")
_PLAIN = re.compile(r'[^\\",;+<>\x00]+')
_QUOTED = re.compile(r'[^\\"\x00]+')
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{2})|([ \"#+,;<=>\\\n]))")
_SPACES = re.compile(r"[ \n]*")

# RFC 4514 2.4
_SPECIAL = re.compile(r'["+,;<>\\\x00-\x1f\x7f]|\A[ #]| \Z')
_STRINGS = frozenset((0x04, 0x0C, 0x12, 0x13, 0x16))
"""OCTET STRING, UTF8String, NumericString, PrintableString, IA5String."""

# RFC 4514 3: the types every implementation must know, with their numbers and other names (RFC 4519 2, X.520).
_NAMES = {
    "cn": ("2.5.4.3", "commonname"),
    "l": ("2.5.4.7", "localityname"),
    "st": ("2.5.4.8", "stateorprovincename"),
    "o": ("2.5.4.10", "organizationname"),
    "ou": ("2.5.4.11", "organizationalunitname"),
    "c": ("2.5.4.6", "countryname"),
    "street": ("2.5.4.9", "streetaddress"),
    "dc": ("0.9.2342.19200300.100.1.25", "domaincomponent"),
    "uid": ("0.9.2342.19200300.100.1.1", "userid"),
}
_USUAL = {other: name for name, others in _NAMES.items() for other in others}


@dataclass(frozen=True, slots=True)
class Ava:
    """An attribute type and its value. A value that is no string is kept as its BER, written "#0403..."."""

    type: str
    value: str | bytes

    def __str__(self) -> str:
        if isinstance(self.value, bytes):
            return f"{self.type}=#{self.value.hex()}"
        return f"{self.type}={escape(self.value)}"

    @property
    def name(self) -> str:
        """The type by the name that RFC 4514 3 gives it, if it does."""
        return _USUAL.get(self.type.lower(), self.type)

    @property
    def key(self) -> tuple[str, str]:
        """Equal for what is equal: case and spaces folded (RFC 4518), known types by their usual names."""
        value = f"#{self.value.hex()}" if isinstance(self.value, bytes) else _fold(self.value)
        return self.name.lower(), value


@dataclass(frozen=True, slots=True)
class Dn:
    """A name, the nearest RDN first; without any it is the root (RFC 4512 2.3.1)."""

    rdns: tuple[tuple[Ava, ...], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Dn":
        """The name a text means; raises `TextError` with the character where it goes wrong."""
        if len(text) > MOST:
            raise TextError(f"A name of {len(text)} characters is longer than the limit of {MOST}", MOST)
        return cls(_Reader(text).whole())

    def __str__(self) -> str:
        return ",".join("+".join(map(str, rdn)) for rdn in self.rdns)

    @property
    def parent(self) -> "Dn":
        """The name above; the root's is the root."""
        return Dn(self.rdns[1:])

    @property
    def key(self) -> Key:
        """What to compare and look up by."""
        return tuple(tuple(sorted(ava.key for ava in rdn)) for rdn in self.rdns)

    def is_within(self, base: "Dn", scope: Scope) -> bool:
        """Whether a search from `base` with this scope comes to this name."""
        return is_within(self.key, base.key, scope)


def is_within(key: Key, base: Key, scope: Scope) -> bool:
    """`Dn.is_within`, for keys that were made before."""
    below = len(key) - len(base)
    if below < 0 or key[below:] != base:
        return False
    match scope:
        case Scope.BASE:
            return below == 0
        case Scope.ONE:
            return below == 1
        case Scope.CHILDREN:
            return below > 0
    return True


def escape(value: str) -> str:
    """A value as it may stand in a name (RFC 4514 2.4)."""
    return _SPECIAL.sub(_escaped, value)


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}" if match[0].isprintable() else f"\\{ord(match[0]):02x}"


def _fold(value: str) -> str:
    """RFC 4518 2.2 to 2.6, as far as names need it: compatible forms, case, spaces at the ends and doubled."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    return " ".join(folded.split())


class _Reader:
    """A place in a text; each method reads on from there."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> tuple[tuple[Ava, ...], ...]:
        if not self._text.strip(" \n"):
            return ()
        rdns: list[tuple[Ava, ...]] = []
        avas = [self._ava()]
        while self._at < len(self._text):
            separator = self._text[self._at]
            if separator not in ",;+":
                raise self._error(f"{separator!r} must be escaped here")
            self._at += 1
            if separator != "+":
                rdns.append(tuple(avas))
                avas = []
            avas.append(self._ava())
        return (*rdns, tuple(avas))

    def _ava(self) -> Ava:
        head = _TYPE.match(self._text, self._at)
        if head is None:
            raise self._error("An attribute type and = should be here")
        self._at = head.end()
        if self._text.startswith("#", self._at):
            return Ava(head[1], self._hex())
        if self._text.startswith('"', self._at):
            return Ava(head[1], self._quoted())
        return Ava(head[1], self._string(_PLAIN, trim=True))

    def _hex(self) -> str | bytes:
        match = _HEX.match(self._text, self._at)
        if match is None:
            raise self._error("# is followed by pairs of hexadecimal digits")
        data = bytes.fromhex(match[1])
        try:
            tag, start, stop = ber.element(data, 0, len(data), "value")
        except BerError as error:
            raise self._error(f"No BER value: {error.why}") from error
        if stop != len(data):
            raise self._error("No BER value: it goes on behind its end")
        self._at = match.end()
        try:
            return data[start:stop].decode() if tag in _STRINGS else data
        except UnicodeDecodeError:
            return data

    def _quoted(self) -> str:
        self._at += 1
        value = self._string(_QUOTED, trim=False)
        if not self._text.startswith('"', self._at):
            raise self._error("A closing quotation mark is missing")
        match = _SPACES.match(self._text, self._at + 1)
        assert match is not None
        self._at = match.end()
        return value

    def _string(self, plain: re.Pattern[str], *, trim: bool) -> str:
        """What stands here up to a character that would have to be escaped; spaces at its end are trimmed unless escaped."""
        start = self._at
        made = bytearray()
        kept = 0
        try:
            while match := plain.match(self._text, self._at) or _ESCAPE.match(self._text, self._at):
                if match.re is plain:
                    made += match[0].encode()
                else:
                    made += bytes.fromhex(match[1]) if match[1] else match[2].encode()
                    kept = len(made)
                self._at = match.end()
            if self._text.startswith("\\", self._at):
                raise self._error("A backslash is followed by a special character or two hexadecimal digits")
            return (bytes(made[:kept]) + (made[kept:].rstrip(b" \n") if trim else made[kept:])).decode()
        except UnicodeError as error:
            raise TextError("The value is not UTF-8", start) from error

    def _error(self, why: str) -> TextError:
        return TextError(why, self._at)
