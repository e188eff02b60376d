"""Whatever bytes a CSTA link carries: frames, then XML. usage: fuzz_csta.py -max_total_time=60"""

import sys

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from unisono.wire.csta import CodecError, Edition, Frame, FrameReader, decode, encode, frame


def one(data: bytes) -> None:
    """Feed the bytes in two pieces, then read them as the body of one message; what was read can be written."""
    reader = FrameReader()
    found = [*reader.feed(data[:7]), *(() if reader.broken else reader.feed(data[7:]))]
    bodies = [item.body for item in found if isinstance(item, Frame)]
    for body in (*bodies, data):
        try:
            message = decode(body)
            decode(encode(message, Edition.ED6))
            frame("0001", encode(message, Edition.ED2))
        except CodecError:
            pass


atheris.Setup(sys.argv, one)
atheris.Fuzz()
