"""Whatever bytes an LDAP client or server sends. usage: fuzz_ldap.py -max_total_time=60"""

import sys

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from unisono.wire.ldap import (
        CodecError,
        Dn,
        FrameReader,
        encode_request,
        encode_response,
        parse_filter,
        parse_request,
        parse_response,
    )
    from unisono.wire.ldap.message import SearchRequest


def one(data: bytes) -> None:
    """However the bytes are cut, the same messages come out; what was read can be written, and is read again as it was."""
    pdus = _cut([data])
    assert pdus == _cut([data[:1], data[1:7], data[7:]])
    for pdu in (*pdus, data):
        try:
            found = parse_request(pdu)
        except CodecError:
            continue
        assert parse_request(encode_request(*found)) == found
        if isinstance(found[1], SearchRequest):
            _text(str(found[1].filter))
            _text(found[1].base)
    try:
        answer = parse_response(data)
        assert parse_response(encode_response(*answer)) == answer
    except CodecError:
        pass
    _text(data.decode("utf-8", "surrogateescape"))


def _cut(pieces: list[bytes]) -> list[bytes]:
    reader = FrameReader(1_000)
    return [pdu for piece in pieces for pdu in reader.feed(piece)]


def _text(text: str) -> None:
    for tolerant in (False, True):
        try:
            found = parse_filter(text, tolerant=tolerant)
            assert parse_filter(str(found)) == found
        except CodecError:
            pass
    try:
        name = Dn.parse(text)
        assert Dn.parse(str(name)) == name
    except CodecError:
        pass


atheris.Setup(sys.argv, one)
atheris.Fuzz()
