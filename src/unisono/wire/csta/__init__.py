"""CSTA phase III in XML (ECMA-269, ECMA-323) over TCP (Annex J.2) with application sessions (ECMA-354), without a socket.

As either side:

    reader = FrameReader()
    for item in reader.feed(bytes_from_the_socket):
        match item:
            case Frame(invoke_id, body):
                message = decode(body)            # raises CodecError; the link may live on
            case Garbage(why, data, intact):      # not intact: close the link
                ...
    socket.write(frame(invoke_id, encode(message, Edition.ED4)))

A **client** takes the invoke identifiers of its requests from `InvokeIds`, and finds the request of a `Response` (also
`CSTAErrorCode`) by the frame's `invoke_id`. A **server** answers a `Request` with the response class of the same name, or
with `CSTAErrorCode(ErrorCategory.OPERATION, "invalidDeviceID")`, under the request's `invoke_id`; events go out under
`EVENT`. Requests of the server (SystemStatus, SwFunctionDevicesChanged, SystemRegister) take identifiers from an
`InvokeIds` of its own; `SwitchingFunctionDevices` and `SnapshotDeviceData` go out under `EVENT`. `read` gives the message
with the edition the peer used, which is the one to answer in.

Classes are called like the root elements and live in `services` (call control), `features` (forwarding, do-not-disturb),
`monitoring` (monitors, snapshots, system status), `capabilities` (device lists), `events`, `sessions`, `failures`;
parts in `parts`, `devices`, `enums`, `causes`. All are frozen dataclasses; optional elements are None, "" or ().
"""

from unisono.wire.csta.errors import CodecError
from unisono.wire.csta.framing import EVENT, Frame, FrameReader, Garbage, InvokeIds, frame
from unisono.wire.csta.message import Event, Message, Request, Response, UnknownMessage
from unisono.wire.csta.messages import Envelope, decode, encode, read
from unisono.wire.csta.xml import Edition

__all__ = [
    "EVENT",
    "CodecError",
    "Edition",
    "Envelope",
    "Event",
    "Frame",
    "FrameReader",
    "Garbage",
    "InvokeIds",
    "Message",
    "Request",
    "Response",
    "UnknownMessage",
    "decode",
    "encode",
    "frame",
    "read",
]
