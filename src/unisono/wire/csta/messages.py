"""Any message from its XML and back."""

from collections.abc import Mapping
from dataclasses import dataclass

from unisono.wire.csta import capabilities, events, features, monitoring, services, sessions
from unisono.wire.csta.errors import CodecError
from unisono.wire.csta.failures import CSTAErrorCode
from unisono.wire.csta.message import ROOTS, Message, UnknownMessage
from unisono.wire.csta.schema import read_struct, write_struct
from unisono.wire.csta.xml import Edition, Output, escape, local, parse, rename
from unisono.wire.csta.xml import namespace as namespace_of

MODULES = (capabilities, events, features, monitoring, services, sessions)
"""Where messages are declared; importing them fills the table of root elements."""

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

# Annex D, as far as it has been seen on the wire.
SHORT_TAGS: Mapping[str, str] = {
    "RSS": "RequestSystemStatus",
    "MSp": "MonitorStop",
    "GF": "GetForwarding",
    "atC": "activeCall",
    "cID": "callID",
    "dID": "deviceID",
    "tTo": "transferredTo",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message with the namespace it came in and the edition that stands for (none: no or an unknown namespace)."""

    message: Message
    namespace: str
    edition: Edition | None


def read(xml: bytes) -> Envelope:
    """A message and how the peer speaks; names count without their namespaces. Raises `CodecError`, nothing else."""
    root = parse(xml)
    space = namespace_of(root.tag)
    if space.endswith("/short_tags"):
        rename(root, SHORT_TAGS)
        space = space.removesuffix("/short_tags")
    name = local(root.tag)
    edition = Edition.of(space)
    kind = ROOTS.get(name)
    try:
        if kind is None:
            return Envelope(UnknownMessage(name, space), space, edition)
        if kind is CSTAErrorCode:
            return Envelope(CSTAErrorCode.from_element(root), space, edition)
        return Envelope(read_struct(kind, root), space, edition)
    except CodecError as error:
        raise CodecError(error.why, xml) from error


def decode(xml: bytes) -> Message:
    """The message of an XML document; raises `CodecError`."""
    return read(xml).message


def encode(message: Message, edition: Edition = Edition.ED6, namespace: str = "") -> bytes:
    """The XML document of a message, elements in the order of the schema.

    It is in the namespace of the edition, or in `namespace` where a peer has its own (Avaya: ".../ed3/priv5"); the messages
    of ECMA-354 have theirs.
    """
    if isinstance(message, UnknownMessage):
        raise CodecError(f"{message.name} cannot be written.")
    name = type(message).__name__
    space = message.NAMESPACE or namespace or edition.value
    out = Output(edition)
    out += (_DECLARATION, f'<{name} xmlns="{escape(space)}">')
    if isinstance(message, CSTAErrorCode):
        message.write_children(out)
    else:
        write_struct(out, message)
    out.append(f"</{name}>")
    return "".join(out).encode("utf-8")
