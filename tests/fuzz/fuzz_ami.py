"""Whatever bytes the manager interface carries. usage: fuzz_ami.py -max_total_time=60"""

import sys

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from unisono.wire.ami import AmiSyntaxError, Limits, Parser

LIMITS = Limits()


def one(data: bytes) -> None:
    """However the bytes are cut, the same messages come out, or the same refusal."""
    assert _read([data]) == _read([data[:5], data[5:11], data[11:]])


def _read(pieces: list[bytes]) -> list[object]:
    parser, found = Parser(LIMITS), list[object]()
    try:
        for piece in pieces:
            found += parser.feed(piece)
    except AmiSyntaxError:
        return ["refused"]
    return found


atheris.Setup(sys.argv, one)
atheris.Fuzz()
