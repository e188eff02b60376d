"""What could not be on a link, as a recording: an archive that people send to whoever is to find out why. Pure.

Three files: `<name>.txt` has the bytes of the impossible events one after the other, `<name>.times.jsonl` one object each
(`t`: when, epoch seconds; `offset`, `len`; `event`; `why`; `cut`: bytes that are missing at the end), and `trace.txt` the last
frames of the link in both directions. A recording of Asterisk is read by `unisono replay`.
"""

import io
import json
import zipfile
from collections.abc import Iterable

from unisono.calls.anomalies import Anomaly, Example
from unisono.connectors.trace import TraceRecord


def recording(name: str, anomalies: Iterable[Anomaly], trace: Iterable[TraceRecord]) -> bytes:
    """The archive (ZIP); `name` is what recordings of this kind of link are called."""
    # One message may be impossible in several ways: it is there once.
    found = {(example.at, example.raw): (anomaly, example) for anomaly in anomalies for example in anomaly.examples}
    data, times = bytearray(), []
    for (_, raw), (anomaly, example) in sorted(found.items()):
        times.append(json.dumps(_line(anomaly, example, len(data))))
        data += raw
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr(f"{name}.txt", bytes(data))
        files.writestr(f"{name}.times.jsonl", "".join(f"{line}\n" for line in times))
        files.writestr("trace.txt", "".join(map(_frame, trace)))
    return archive.getvalue()


def _line(anomaly: Anomaly, example: Example, offset: int) -> dict[str, object]:
    return {
        "t": example.at.timestamp(),
        "offset": offset,
        "len": len(example.raw),
        "event": anomaly.event,
        "why": str(example.found),
        "cut": example.size - len(example.raw),
    }


def _frame(record: TraceRecord) -> str:
    text = record.data.decode("utf-8", "backslashreplace")
    return f"{record.at.isoformat()} {'>' if record.sent else '<'} {record.note}\n{text}\n\n"
