"""What a CardDAV client asks is read in pieces, whatever its size, and means the same wherever it is cut."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from unisono.directory.breathing import at_once
from unisono.directory.phonebooks.carddav import asked
from unisono.directory.phonebooks.carddav.asked import BadBody, Multiget, Query, TextMatch, propfind, report

SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
WANTED = '<D:prop><D:getetag/><C:address-data version="4.0"/></D:prop>'


def multiget(inner: str) -> bytes:
    return f"<C:addressbook-multiget {SPACES}>{WANTED}{inner}</C:addressbook-multiget>".encode()


def test_a_large_body_is_read_with_a_pause_after_every_piece() -> None:
    paths = [f"/carddav/books/{'a' * 32}/crm/{number:032x}.vcf" for number in range(30_000)]
    body = multiget("".join(f"<D:href>{path}</D:href>" for path in paths))
    assert len(body) > 3_000_000
    work, pauses = report(body), 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            found = end.value
            break
        pauses += 1
    assert pauses >= len(body) / asked.PIECE
    assert asked.PIECE <= 64 * 1024
    assert isinstance(found, Multiget)
    assert found.hrefs == tuple(paths)


def test_bodies_may_be_read_at_once_and_each_in_several_threads() -> None:
    """The server hands every few pieces to whichever thread is free. A fault here ends the process."""
    number = random.Random(6352).getrandbits
    tags = ["".join(f'<x{number(60)} a{number(60)}=""/>' for _ in range(12_000)) for _ in range(12)]
    works = [report(multiget(f"<D:href>{each}</D:href>")) for each in tags]
    for work in works:
        next(work)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(at_once, works)) == [at_once(report(multiget("<D:href/>")))] * len(works)


def test_how_deep_a_body_may_be_is_said() -> None:
    with pytest.raises(BadBody, match="at most 100 tags within each other"):
        at_once(report(multiget("<D:x>" * 200 + "</D:x>" * 200)))


ODD = multiget(
    "\n <D:href>\n/a/Müller%20€.vcf </D:href>x<!-- <D:href>no</D:href> --><D:href>/b<![CDATA[<&>]]>&amp;c</D:href><?pi?>"
    "<D:href/><D:href>/a/Müller%20€.vcf</D:href><D:other><D:href>not this one</D:href></D:other><D:href>/d<x>y</x>e</D:href>"
)
FILTER = (
    f'<C:addressbook-query {SPACES}>{WANTED}<C:filter test="allof"><C:prop-filter name="fn"><C:text-match>Bär</C:text-match>'
    "</C:prop-filter></C:filter><C:limit><C:nresults>7</C:nresults></C:limit></C:addressbook-query>"
).encode()


@pytest.mark.parametrize("piece", [1, 2, 7, 64, 10_000])
def test_it_means_the_same_wherever_it_is_cut(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "PIECE", piece)
    found = at_once(report(ODD))
    assert isinstance(found, Multiget)
    assert found.hrefs == ("/a/Müller%20€.vcf", "/b<&>&c", "", "/de")
    assert found.wanted.names == ("{DAV:}getetag", "{urn:ietf:params:xml:ns:carddav}address-data")
    query = at_once(report(FILTER))
    assert isinstance(query, Query)
    assert (query.limit, query.filter.everything) == (7, True)
    assert [(each.name, each.matches) for each in query.filter.properties] == [("FN", (TextMatch("Bär"),))]


@pytest.mark.parametrize(
    "body",
    [
        multiget("<D:x>" * 200 + "</D:x>" * 200),
        multiget("<D:x " + " ".join(f'a{number}="x"' for number in range(60_000)) + "/>"),
        multiget("<D:x/>" * 110_000),
        multiget("<D:href>")[:-5],
        multiget("")[:40],
        b"<?xml version='1.0'?>",
        b"<?xml version='1.0' encoding='utf-7'?>+ADw-!DOCTYPE a+AD4-+ADw-a/+AD4-",
        FILTER.replace(b"<C:prop-filter", b'<C:prop-filter name="x"/>' * 60 + b"<C:prop-filter"),
        multiget("").replace(b"<D:getetag/>", b"<D:getetag/>" * 200),
    ],
)
def test_what_goes_beyond_all_measure_is_refused(body: bytes) -> None:
    with pytest.raises(BadBody):
        at_once(report(body))
    with pytest.raises(BadBody):
        at_once(propfind(body))
