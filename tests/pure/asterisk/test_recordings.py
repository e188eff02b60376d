"""Every recording of a real Asterisk gives its truth, however the stream is cut, filtered or mixed."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from tests.pure.asterisk.recordings import HERE, NAMES, differences, expected, read, without_noise

from unisono.connectors.replay import render, replay, replay_directory
from unisono.kernel.errors import Invalid


@pytest.mark.parametrize("name", NAMES)
def test_recording_gives_its_truth(name: str) -> None:
    found = replay_directory(HERE / name)
    json.dumps(found)
    assert differences(expected(read(name)[2]), found) == []


@pytest.mark.parametrize("name", NAMES)
def test_recording_has_no_anomaly(name: str) -> None:
    data, times, _ = read(name)
    assert replay(data, times).anomalies == []


@pytest.mark.parametrize("name", NAMES)
def test_same_without_cel_and_cdr(name: str, tmp_path: Path) -> None:
    data, _, truth = read(name)
    (tmp_path / "ami.txt").write_bytes(without_noise(data))
    (tmp_path / "ami.times.jsonl").write_text((HERE / name / "ami.times.jsonl").read_text())
    found = replay_directory(tmp_path)
    assert found == replay_directory(HERE / name)
    assert differences(expected(truth), found) == []


@pytest.mark.parametrize("name", NAMES)
def test_same_when_times_were_filtered_too(name: str, tmp_path: Path) -> None:
    data, times, truth = read(name)
    kept = [line for line in times if line["event"] not in ("CEL", "Cdr")]
    assert differences(expected(truth), render(replay(without_noise(data), kept))) == []


@pytest.mark.parametrize("name", NAMES)
def test_same_when_cut_anywhere(name: str) -> None:
    data, times, _ = read(name)
    cut = random.Random(name)
    chunks: list[int] = []
    while sum(chunks) < len(data):
        chunks.append(cut.choice((1, 2, 3, 7, 100, 1460)))
    assert render(replay(data, times, chunks=chunks)) == render(replay(data, times))


def test_byte_by_byte() -> None:
    data, times, _ = read(NAMES[0])
    assert render(replay(data, times, chunks=[1] * len(data))) == render(replay(data, times))


def _mixed(first: str, second: str) -> tuple[bytes, list[dict[str, Any]], list[dict[str, Any]]]:
    """Two recordings as one stream in which they happen at the same time, and what is true about it."""
    one, times_one, truth_one = read(first)
    two, times_two, truth_two = read(second)
    shift = times_one[0]["t"] - times_two[0]["t"] + 0.05
    blocks = [(line["t"], one[line["offset"] : line["offset"] + line["len"]], line) for line in times_one]
    blocks += [(line["t"] + shift, two[line["offset"] : line["offset"] + line["len"]], line) for line in times_two[1:]]
    blocks.sort(key=lambda block: block[0])
    times = [{**line, "t": at} for at, _, line in blocks]
    return b"".join(raw for _, raw, _ in blocks), times, [*truth_one["calls"], *_shifted(truth_two["calls"], shift)]


def _shifted(value: Any, by: float) -> Any:
    if isinstance(value, dict):
        return {k: v + by if k.startswith("t_") and v is not None else _shifted(v, by) for k, v in value.items()} | (
            {"t": value["t"] + by} if "t" in value else {}
        )
    return [_shifted(item, by) for item in value] if isinstance(value, list) else value


CALLS = [name for name in NAMES if not name.startswith(("13", "16", "17"))]


@pytest.mark.parametrize(("first", "second"), list(zip(CALLS, CALLS[5:] + CALLS[:5], strict=True)))
def test_two_at_the_same_time(first: str, second: str) -> None:
    data, times, truth = _mixed(first, second)
    found = {call["linkedid"]: call for call in render(replay(data, times))["calls"]}
    assert len(found) == len(truth)
    for call in truth:
        assert differences(call, found[call["linkedid"]]) == []


def test_files_that_are_missing_or_no_recording(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"ami\.txt"):
        replay_directory(tmp_path)
    (tmp_path / "ami.txt").write_bytes(b"")
    (tmp_path / "ami.times.jsonl").write_text("{")
    with pytest.raises(Invalid, match="JSON"):
        replay_directory(tmp_path)
    with pytest.raises(Invalid, match="csta"):
        replay_directory(HERE / NAMES[0], "csta")


def test_empty_recording(tmp_path: Path) -> None:
    (tmp_path / "ami.txt").write_bytes(b"")
    (tmp_path / "ami.times.jsonl").write_text("")
    assert replay_directory(tmp_path) == {"calls": [], "devices": []}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_inner_life_is_shown(name: str) -> None:
    text = json.dumps(replay_directory(HERE / name))
    assert not any(word in text for word in ("Local/", "CBAnn", "confbridge:", "Queue:", "MWI:", "Custom:", ";1", ";2"))


EXTENSION = re.compile(r"(?<![0-9.:])10([1-4])(?![0-9.])")


def _renamed(text: str, trunk: str, technology: str, context: str) -> str:
    """The same story on another PBX: other extensions, trunk, technology and context of the trunk."""
    text = re.sub(r"(?<![\w-])trunk(?![a-z])", trunk, EXTENSION.sub(r"520\1", text))
    return text.replace("PJSIP/", f"{technology}/").replace("from-trunk", context)


OTHERS = (("fra-1", "PJSIP", "from-pstn"), ("0432100100", "SIP", "from-trunk-sip-1"), ("voip", "IAX2", "default"))


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other[0])
@pytest.mark.parametrize("name", NAMES)
def test_same_with_other_extensions_and_trunks(name: str, other: tuple[str, str, str]) -> None:
    data, times, truth = read(name)
    run = replay(_renamed(data.decode(), *other).encode(), times)
    assert run.anomalies == []
    assert differences(expected(json.loads(_renamed(json.dumps(truth), *other))), render(run)) == []


UNREAD = re.compile(rb"Event: (CEL|Cdr|VarSet|Newexten|RTCP\w+|MusicOnHold\w+|DTMFBegin|PeerStatus|ContactStatus)\r\n")


@pytest.mark.parametrize("name", NAMES)
def test_same_without_all_that_can_be_filtered(name: str) -> None:
    """Not even the dial plan's steps are needed for these."""
    data, times, truth = read(name)
    rest = b"".join(block for block in re.split(rb"(?<=\r\n\r\n)", data) if not UNREAD.match(block))
    assert differences(expected(truth), render(replay(rest, times))) == []
