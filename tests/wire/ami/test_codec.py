"""The codec of the manager interface: what was encoded is read back, whatever arrives is survived, limits hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.wire.ami import AmiSyntaxError, Kind, Limits, Message, Parser, challenge_key, encode

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,20}", fullmatch=True).filter(lambda name: name.lower() != "output")
VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=100).map(str.strip)


def parse(data: bytes) -> list[Message]:
    return Parser().feed(data)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=20), st.lists(st.integers(1, 50), max_size=40))
def test_what_was_encoded_is_read_back_however_it_is_cut(pairs: list[tuple[str, str]], cuts: list[int]) -> None:
    data = encode("Originate", pairs, action_id="7") * 2
    parser, found = Parser(), []
    for cut in [*cuts, len(data)]:
        found += parser.feed(data[:cut])
        data = data[cut:]
    assert len(found) == 2
    for message in found:
        assert message.headers == (("Action", "Originate"), ("ActionID", "7"), *pairs)
    assert found[1].offset == len(found[0].raw)


@given(st.binary(max_size=3000), st.lists(st.integers(1, 400), max_size=20))
def test_anything_may_arrive(data: bytes, cuts: list[int]) -> None:
    parser = Parser()
    whole = Parser().feed(data)
    found: list[Message] = []
    for cut in [*cuts, len(data)]:
        found += parser.feed(data[:cut])
        data = data[cut:]
    assert found == whole


@given(st.lists(st.sampled_from([
    b"Event: A\r\n", b"\r\n", b"\n", b"Response: Follows\r\n", b"--END COMMAND--\r\n", b"Asterisk Call Manager/1\r\n",
    b"ActionID: 1\r\n", b"x\xff: \xfe\r\n", b":\r\n", b"no colon\n", b"Output: a\r\n", b"\x00\r\n",
]), max_size=60))  # fmt: skip
def test_broken_streams(lines: list[bytes]) -> None:
    data = b"".join(lines)
    for message in parse(data):
        assert message.raw in data


def test_banner_response_and_event() -> None:
    data = (
        b"Asterisk Call Manager/13.0.0\r\nResponse: Success\r\nActionID: 1\r\nMessage: ok\r\n\r\n"
        b"Event: Hangup\r\nCause-txt: Normal: Clearing\r\nEmpty: \r\nEmpty2:\r\n\r\n"
    )
    banner, response, event = parse(data)
    assert (banner.kind, banner.name, banner.offset) == (Kind.BANNER, "13.0.0", 0)
    assert (response.kind, response.name, response.action_id) == (Kind.RESPONSE, "Success", "1")
    assert response.offset == 30
    assert (event.kind, event.name, event.get("cause-TXT")) == (Kind.EVENT, "Hangup", "Normal: Clearing")
    assert (event.get("Empty", "x"), event.get("Empty2", "x"), event.get("None", "x")) == ("", "", "x")
    assert "empty" in event
    assert "other" not in event


def test_repeated_headers() -> None:
    (message,) = parse(b"Event: X\r\nVariable: a=1\r\nVariable: b=2\r\n\r\n")
    assert message.all("variable") == ("a=1", "b=2")
    assert message.get("Variable") == "a=1"


def test_output_of_a_command_in_both_dialects() -> None:
    (new,) = parse(b"Response: Success\r\nMessage: Command output follows\r\nOutput: one\r\nOutput: \r\nOutput: a: b\r\n\r\n")
    assert new.output == ("one", "", "a: b")
    data = b"Response: Follows\r\nPrivilege: Command\r\nActionID: 9\r\n"
    data += b"one\n\nName: two\n--END COMMAND--\r\n\r\nEvent: E\r\n\r\n"
    old, event = parse(data)
    assert (old.name, old.action_id, old.output) == ("Follows", "9", ("one", "", "Name: two"))
    assert event.name == "E"


def test_bare_line_feeds() -> None:
    (message,) = parse(b"Event: X\nA: b\n\n")
    assert (message.name, message.get("A")) == ("X", "b")


def test_bytes_that_are_not_utf8_are_kept() -> None:
    (message,) = parse(b"Event: X\r\nName: M\xfcller\r\n\r\n")
    assert message.get("Name").encode("utf-8", "surrogateescape") == b"M\xfcller"


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (b"x" * 200, Limits(line=100)),
        (b"Event: " + b"x" * 200 + b"\r\n\r\n", Limits(line=100)),
        (b"Event: X\r\n" + b"A: b\r\n" * 20, Limits(headers=10)),
        (b"Event: X\r\n" + b"A: b\r\n" * 20, Limits(message=50)),
        (b"Response: Follows\r\n" + b"\n" * 100, Limits(headers=50)),
    ],
)
def test_limits(data: bytes, limits: Limits) -> None:
    parser = Parser(limits)
    with pytest.raises(AmiSyntaxError):
        parser.feed(data)
    with pytest.raises(AmiSyntaxError):
        parser.feed(b"Event: X\r\n\r\n")


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_value_becomes_a_header_of_its_own(name: str, value: str) -> None:
    try:
        data = encode("Ping", [(name, value)])
    except AmiSyntaxError:
        return
    assert data.count(b"\n") == data.count(b"\r") == 3
    (message,) = parse(data)
    assert len(message.headers) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("Exten", "1\r\nAction: Command"), ("Exten", "1\nX: y"), ("Exten", "\x00"), ("A: b", "c"), ("", "c"), ("A\r\nB", "c"),
     ("Exten", "x" * 1100), ("Exten", "\ud800")],
)  # fmt: skip
def test_what_must_not_be_sent(name: str, value: str) -> None:
    with pytest.raises(AmiSyntaxError):
        encode("Originate", [(name, value)])


def test_too_many_headers() -> None:
    with pytest.raises(AmiSyntaxError):
        encode("Originate", [("Variable", "a=b")] * 128)


def test_challenge_key() -> None:
    assert challenge_key("1", "2") == "c20ad4d76fe97759aa27a0c99bff6710"  # the MD5 of "12"
