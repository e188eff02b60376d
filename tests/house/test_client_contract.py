"""The client's types are what the server's own description says today, and it shows every right there is."""

import re
from pathlib import Path
from typing import Any

import pytest
from client.generate import METHODS, REFERENCE, TARGET, document, reference, typescript

from unisono.connectors.asterisk import faults as asterisk
from unisono.connectors.csta import faults as csta
from unisono.connectors.remedies import LINK
from unisono.permissions.model import Right
from unisono.web.openapi import describe_stream

CLIENT = Path(__file__).resolve().parents[2] / "client" / "src"
PICTURE = CLIENT / "features" / "admin" / "rights" / "Matrix.tsx"
ADMIN = CLIENT / "core" / "i18n" / "en" / "admin.ts"
SOURCE = CLIENT.parents[1] / "src" / "unisono"
FAULTS = CLIENT / "core" / "i18n" / "en" / "faults.ts"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document()


def with_shape(described: dict[str, Any], name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {**described, "components": {"schemas": {**described["components"]["schemas"], name: schema}}}


def test_the_generated_types_are_up_to_date(described: dict[str, Any]) -> None:
    assert TARGET.read_text() == typescript(described), "run `python -m client.generate` and commit what it writes"


def test_the_guide_lists_every_route(described: dict[str, Any]) -> None:
    text = REFERENCE.read_text()
    assert text == reference(described, text), "run `python -m client.generate` and commit what it writes"


def test_two_shapes_of_one_name_are_refused(described: dict[str, Any]) -> None:
    """Or one takes the other's place, and the client is compiled against the wrong one."""
    other = {"type": "object", "properties": {"runs": {"type": "integer"}}}
    with pytest.raises(ValueError, match="would be called Contact:"):
        typescript(with_shape(described, "Contact", other))
    with pytest.raises(ValueError, match="'LineCall' of their own"):
        describe_stream({"LineCall": other})


def test_every_route_is_in_the_file(described: dict[str, Any]) -> None:
    routes = [method for operations in described["paths"].values() for method in METHODS if method in operations]
    assert len(routes) > 50
    assert typescript(described).count("\n    | { path: ") == len(routes)


def test_a_new_field_of_the_stream_changes_the_file(described: dict[str, Any]) -> None:
    call = described["components"]["schemas"]["LineCall"]
    mood = {"anyOf": [{"type": "string", "enum": ["good", "bad"]}, {"type": "null"}]}
    changed = {**call, "properties": {**call["properties"], "mood": mood}}
    assert '  mood?: "good" | "bad" | null;\n' in typescript(with_shape(described, "LineCall", changed))


def test_a_shape_without_words_for_it_is_refused(described: dict[str, Any]) -> None:
    odd = {"type": "object", "properties": {"both": {"allOf": [{"type": "string"}, {"type": "integer"}]}}}
    with pytest.raises(ValueError, match="no TypeScript for"):
        typescript(with_shape(described, "Odd", odd))


def test_every_right_has_its_row_in_the_picture_of_levels() -> None:
    """An admin who chooses a level sees everything it allows (but appointments, as long as there are no calendars)."""
    rows = PICTURE.read_text().partition("ROWS")[2].partition("];")[0]
    later = {Right.SEE_PUBLIC_APPOINTMENTS, Right.SEE_PRIVATE_APPOINTMENTS}
    named = set(re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', rows))
    assert named == {*(right.value for right in Right if right not in later), "read-written"}


def test_every_remark_on_an_imported_file_has_its_words_in_the_client() -> None:
    source = (SOURCE / "numbers" / "locations_xml.py").read_text()
    codes = set(re.findall(r'problem\(\w+, [^,]+, "([a-z-]+)"', source)) | {"unknown-with-all"}
    assert len(codes) > 8
    words = set(re.findall(r'"location\.import\.([a-z-]+)"', ADMIN.read_text()))
    assert codes == words


def test_every_reason_for_a_broken_link_has_its_words_in_the_client() -> None:
    """The server's own words are English; the client says the same in the reader's language, by the code."""
    codes = {*LINK, *csta.REMEDIES, *asterisk.REMEDIES}
    assert len(codes) > 15
    words = FAULTS.read_text()
    for code in codes:
        for key in (f"link.{code}", f"remedy.{code}"):
            assert f'"{key}":' in words, key
