"""Requests that change a directory, built from values (RFC 4511 4.6 to 4.9): a client's side of `WriteRequest`."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from unisono.wire.ldap import ber
from unisono.wire.ldap.ber import OCTET_STRING, SEQUENCE, SET
from unisono.wire.ldap.message import Write, WriteRequest

Values: TypeAlias = Mapping[str, Sequence[bytes]]

_REPLACE: Final = 2


def add(entry: str, attributes: Values) -> WriteRequest:
    """A new entry; each attribute has at least one value."""
    content = b"".join(_attribute(name, values) for name, values in attributes.items())
    return WriteRequest(Write.ADD, entry, ber.tlv(SEQUENCE, content))


def replace(entry: str, attributes: Values) -> WriteRequest:
    """These attributes have these values from now on; one without any is taken away."""
    changes = [
        ber.tlv(SEQUENCE, ber.encode_integer(_REPLACE, ber.ENUMERATED) + _attribute(name, values))
        for name, values in attributes.items()
    ]
    return WriteRequest(Write.MODIFY, entry, ber.tlv(SEQUENCE, b"".join(changes)))


def rename(entry: str, rdn: str) -> WriteRequest:
    """The entry is called otherwise, in the same place; its old name is no value of it any more."""
    return WriteRequest(Write.MODIFY_DN, entry, ber.encode_text(rdn) + ber.encode_boolean(True))


def delete(entry: str) -> WriteRequest:
    """The entry is no more."""
    return WriteRequest(Write.DELETE, entry)


def _attribute(name: str, values: Sequence[bytes]) -> bytes:
    return ber.tlv(
        SEQUENCE, ber.encode_text(name) + ber.tlv(SET, b"".join(ber.tlv(OCTET_STRING, value) for value in values))
    )
