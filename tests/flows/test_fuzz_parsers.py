"""The harnesses of tests/fuzz for a bounded number of runs: no crash, no hang, no growth."""

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[1] / "fuzz"
ED4 = b'xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed4"'
MONITOR = (
    b"<MonitorStart " + ED4 + b'><monitorObject><deviceObject typeOfNumber="dialingNumber">2127</deviceObject>'
    b"</monitorObject><monitorType>device</monitorType></MonitorStart>"
)
HELD = (
    b"<HeldEvent " + ED4 + b"><monitorCrossRefID>1</monitorCrossRefID><heldConnection><callID>7</callID></heldConnection>"
    b"<localConnectionInfo>hold</localConnectionInfo><cause>normal</cause></HeldEvent>"
)
HANGUP = b"Asterisk Call Manager/9.0.0\r\nEvent: Hangup\r\nCause: 16\r\n\r\n"
SEARCH = bytes.fromhex(
    "30819e0201016371040764633d6d6574610a01020a0100020132020105010100a04b870b6f626a656374436c617373a12fa40a0402736e3004"
    "8002726fa40c0402636e3006810161820162a913810e6361736545786163744d61746368830178a20ba50904046d61696c04016d300a040263"
    "6e04046d61696ca02630240416312e322e3834302e3131333535362e312e342e3331390101ff040730050201090400"
)
ENTRY = bytes.fromhex("3030020102642b040c636e3d612c64633d6d657461301b30090402636e3103040161300e04046d61696c3106040178040179")
SEEDS: dict[str, tuple[int, list[bytes]]] = {
    "csta": (10_000, [MONITOR, HELD, b"\0\0" + (len(HELD) + 8).to_bytes(2) + b"9999" + HELD]),
    "ami": (20_000, [HANGUP + b"Response: Follows\r\nx\r\n--END COMMAND--\r\n\r\n"]),
    "ldap": (20_000, [SEARCH, ENTRY, b"(&(cn=a*b)(:dn:2.4.6:=\\28)(!(sn>=x)))", b'cn=a\\2c+sn=#04024869;o="b, c",dc=meta']),
    "numbers": (2_000, ["0\u00010432 / 100-12 int. 3".encode(), b"\1\1tel:+49-89-99998-0;ext=12"]),
    "csv": (2_000, [b'name;phone\n"Rossi, ""B""";0432 123456\nBianchi;+39 06 1\n', "Nome\tTelefono\nÀ\t1\n".encode("utf-16")]),
    "carddav": (
        3_000,
        [
            b'<C:text-match match-type="equals" negate-condition="yes">a</C:text-match><C:param-filter name="TYPE"/>',
            b'<D:getetag/><X:a xmlns:X="b&amp;c"/><C:address-data version="4.0"><C:prop name="FN"/></C:address-data>',
            b"m:wsQAxAA",
            b"/carddav/books/u/b/11111111111111111111111111111111.vcf",
            b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        ],
    ),
    "locations": (5_000, [b"<ranges><range><begin>10</begin><end>19</end></range></ranges>"]),
}
"""How often, and what to begin with."""


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_nothing_breaks_a_parser(name: str, tmp_path: Path) -> None:
    runs, seeds = SEEDS[name]
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds):
        (corpus / f"{number}").write_bytes(seed)
    limits = [f"-runs={runs}", "-seed=1", "-timeout=20", "-rss_limit_mb=500", "-max_len=2048"]
    command = [sys.executable, str(FUZZ / f"fuzz_{name}.py"), *limits, str(corpus)]
    # By way of a shell: a program begins with the largest memory of the process that starts it, and this one may be large.
    done = subprocess.run(["sh", "-c", '"$@"; exit $?', "sh", *command], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]


def test_every_harness_is_run() -> None:
    assert {path.stem.removeprefix("fuzz_") for path in FUZZ.glob("fuzz_*.py")} == set(SEEDS)
