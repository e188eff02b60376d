"""A byte stream cut into LDAPMessages. Each is a SEQUENCE, and its header says how long it is (RFC 4511 4.1.1, 5.1)."""

from unisono.wire.ldap.ber import LENGTH_OCTETS, SEQUENCE
from unisono.wire.ldap.errors import BerError
from unisono.wire.ldap.limits import LIMITS

_TLS_HANDSHAKE = 0x16


class FrameReader:
    """Feed it what arrived; it gives whole messages, header included, and keeps the unfinished rest.

    It holds at most one message and the last piece fed; a message over the limit is refused by its header, before its body
    comes. After `error` nothing more is read: handle what `feed` gave before, tell the peer, close.
    """

    def __init__(self, most: int = LIMITS.message) -> None:
        self._buffer = bytearray()
        self._most = most
        self._need = 2
        """How long the buffer must be before another look is worth it."""
        self.error: BerError | None = None

    @property
    def waiting(self) -> int:
        """Bytes of an unfinished message. When TLS begins there must be none: they came in clear (RFC 4511 4.14.1)."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages completed by `data`, in order."""
        if self.error is not None:
            return []
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._need:
                return []
            data = bytes(self._buffer)
            self._buffer.clear()
        found: list[bytes] = []
        start, end = 0, len(data)
        while start < end:
            length = self._length(data, start, end)
            if length == 0 or start + length > end:
                break
            if length == end and start == 0:
                return [data]
            found.append(data[start : start + length])
            start += length
        if self.error is None and start < end:
            self._buffer += data[start:] if start else data
        return found

    def _length(self, data: bytes, start: int, end: int) -> int:
        """Of the message that begins here, header included; 0 if that cannot be known yet or never."""
        if data[start] != SEQUENCE:
            return self._fail(_not_ldap(data[start]), start)
        if start + 2 > end:
            self._need = 2
            return 0
        length = data[start + 1]
        head = 2
        if length >= 0x80:
            count = length & 0x7F
            if not 0 < count <= LENGTH_OCTETS:
                return self._fail("The message's length is indefinite or has too many octets", start)
            head += count
            if start + head > end:
                self._need = head
                return 0
            length = int.from_bytes(data[start + 2 : start + head], "big")
        whole = head + length
        if whole > self._most:
            return self._fail(f"A message of {whole} bytes is longer than the limit of {self._most}", start)
        self._need = whole
        return whole

    def _fail(self, why: str, at: int) -> int:
        self.error = BerError(why, at)
        return 0


def _not_ldap(first: int) -> str:
    if first == _TLS_HANDSHAKE:
        return "The peer speaks TLS on a port without it: use the LDAPS port, or StartTLS"
    return f"No LDAPMessage begins with {first:#04x}"
