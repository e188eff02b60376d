"""What a connector declares can be read, checked and shown, and its secrets stay secret."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from typing import Annotated, Any

import msgspec
import pytest

from unisono.connectors import manifest
from unisono.connectors.manifest import Manifest, Texts
from unisono.connectors.trace import Trace
from unisono.kernel.errors import Invalid
from unisono.kernel.secrets import Secret, no_secret


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: Annotated[str, msgspec.Meta(description="Where the PBX is.")]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8800
    password: Annotated[Secret, msgspec.Meta(description="The password.")] = msgspec.field(default_factory=no_secret)


def never(*_: Any) -> Any:
    raise AssertionError("not created here")


MANIFEST = Manifest("test", "Test", (), frozenset(), Declared, never)


def test_plain_values_become_typed_settings() -> None:
    settings = MANIFEST.parse({"host": "pbx.example", "port": "7", "password": "rose"})
    assert settings == Declared("pbx.example", 7, Secret("rose"))


@pytest.mark.parametrize(
    ("raw", "field"),
    [({"host": "a", "port": 0}, "port"), ({"host": "a", "colour": "red"}, ""), ({"host": ["a"]}, "host")],
)
def test_wrong_settings_name_the_field(raw: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        MANIFEST.parse(raw)
    assert caught.value.code == "connector-settings"
    assert caught.value.data["field"] == field


def test_the_form_knows_which_fields_are_secret() -> None:
    assert MANIFEST.secrets() == {"password"}
    assert '"format": "password"' in json.dumps(MANIFEST.schema())
    assert "rose" not in repr(MANIFEST.parse({"host": "a", "password": "rose"}))


def _titles(kind: Manifest, locale: str) -> dict[str, tuple[str, str]]:
    declared = kind.schema(locale)["$defs"]["Declared"]["properties"]
    return {name: (field.get("title", ""), field.get("description", "")) for name, field in declared.items()}


def test_a_kind_speaks_the_readers_language_as_far_as_it_knows_it() -> None:
    words = {
        "en": Texts("A PBX.", {"host": ("Address", ""), "port": ("Port", "")}),
        "it": Texts("Un centralino.", {"host": ("Indirizzo", "Dove si trova."), "colour": ("Colore", "")}),
    }
    kind = replace(MANIFEST, texts=words)
    assert [kind.description(locale) for locale in ("it", "en", "de")] == ["Un centralino.", "A PBX.", "A PBX."]
    assert _titles(kind, "it") == {
        "host": ("Indirizzo", "Dove si trova."),
        "port": ("Port", ""),
        "password": ("", "The password."),
    }
    assert _titles(kind, "de")["host"] == ("Address", "Where the PBX is.")
    assert _titles(MANIFEST, "it")["host"] == ("", "Where the PBX is.")


def test_the_trace_keeps_the_last_frames_and_cuts_long_ones() -> None:
    trace = Trace(most=3, longest=4)
    for number in range(5):
        trace.add(datetime(2026, 11, 23, tzinfo=UTC), b"%d-frame" % number, sent=number % 2 == 0)
    assert [record.data for record in trace.records()] == [b"2-fr", b"3-fr", b"4-fr"]


def test_one_broken_connector_keeps_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("broken", "no.such.module:MANIFEST", manifest.GROUP)
    good = EntryPoint("csta", "unisono.connectors.csta:MANIFEST", manifest.GROUP)
    monkeypatch.setattr(manifest, "entry_points", lambda group: [broken, good])
    assert list(manifest.installed.__wrapped__()) == ["csta"]
