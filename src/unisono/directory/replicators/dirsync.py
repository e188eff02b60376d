"""Controls of Active Directory that say what has changed (MS-ADTS 3.1.1.3.4.1.3 and .14). Pure."""

from collections.abc import Sequence

from unisono.wire.ldap import BerError, Control, ber
from unisono.wire.ldap.control import OtherControl

DIRSYNC = "1.2.840.113556.1.4.841"
_SHOW_DELETED = "1.2.840.113556.1.4.417"
_MOST_BYTES = 1_048_576

SHOW_DELETED = Control(OtherControl(_SHOW_DELETED), critical=True)
"""Also what was deleted, as far as its tombstones are still there."""


def request(cookie: bytes) -> Control:
    """What has changed since this cookie; all if it is empty."""
    value = ber.encode_integer(0) + ber.encode_integer(_MOST_BYTES) + ber.tlv(ber.OCTET_STRING, cookie)
    return Control(OtherControl(DIRSYNC, ber.tlv(ber.SEQUENCE, value)), critical=True)


def answer(controls: Sequence[Control]) -> tuple[bool, bytes] | None:
    """Whether there is more, and the next cookie; None if the server gave no such control. Raises `BerError`."""
    for control in controls:
        if isinstance(control.value, OtherControl) and control.oid == DIRSYNC:
            data = control.value.value
            if data is None:
                raise BerError("DirSync without a value", 0)
            at, end = ber.expect(data, 0, len(data), ber.SEQUENCE, "DirSync")
            more, at = ber.integer(data, at, end, "MoreResults")
            _, at = ber.integer(data, at, end, "MaxReturnCount")
            cookie, _ = ber.octets(data, at, end, "CookieServer")
            return more != 0, cookie
    return None
