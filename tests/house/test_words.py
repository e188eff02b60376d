"""Whatever the server calls by a code has its words in every language of the client."""

from collections.abc import Iterable
from typing import get_args

import msgspec
import pytest
from msgspec.structs import fields
from tests.house.codes import fault_codes
from tests.house.words import LOCALES, keys

from unisono.calls.impossible import Why
from unisono.calls.model import ConnectionState
from unisono.calls.pbx_events import CallEvent
from unisono.calls.port import CommandProblem, LinkPhase
from unisono.calls.transitions import Trigger
from unisono.connectors import asterisk, csta
from unisono.connectors.manifest import Manifest
from unisono.directory.exporters.kinds import KINDS as EXPORTS
from unisono.directory.model import Field
from unisono.directory.replicators import problems
from unisono.directory.replicators.kinds import KINDS
from unisono.numbers.model import NumberKind
from unisono.numbers.reasons import NOTES, REASONS
from unisono.people.model import LineKind
from unisono.permissions.model import Level, Scope
from unisono.web.services import CheckLevel

CODES: dict[str, Iterable[str]] = {
    "anomaly": Why,
    "anomaly.what": {*Trigger, *(kind.__name__ for kind in get_args(CallEvent))},
    "anomaly.state": ConnectionState,
    "badrow": problems.WORDS,
    "error": CommandProblem,
    "field": Field,
    "link": ("lines-refused", "connector-settings", "unknown-connector-kind"),
    "remedy": ("lines-refused", "connector-settings", "unknown-connector-kind"),
    "level": [level.name.lower() for level in Level],
    "line.kind": LineKind,
    "location.kind": NumberKind,
    "location.note": NOTES,
    "location.problem": REASONS,
    "phase": LinkPhase,
    "scope": Scope,
    "status.level": CheckLevel,
}
"""By the prefix of their keys."""

FOR_PROGRAMS = {
    "bad-cursor",
    "call-data",
    "cross-site",
    "header-too-large",
    "idempotency-key",
    "idempotency-mismatch",
    "phonebook-document",
    "phonebook-key",
    "phonebook-key-in-path",
    "phonebook-locked",
    "phonebook-network",
    "phonebook-place",
    "phonebook-plain",
    "phonebook-sign-in",
    "precondition-invalid",
    "too-deep",
    "too-many-attempts",
    "unknown-filter",
    "who",
    "wrong-secret",
}
"""The client never gets these: only a program that asks wrongly does, and its author reads English."""


OF_LINKS = ("net/", "connectors/asterisk/", "connectors/csta/")
"""Faults of these rooms are told as the state of a link."""


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("prefix", CODES)
def test_every_code_has_its_words(prefix: str, locale: str) -> None:
    there = keys(locale)
    assert len(there) > 500
    assert not [code for code in CODES[prefix] if f"{prefix}.{code}" not in there]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", [asterisk.MANIFEST, csta.MANIFEST], ids=lambda kind: kind.key)
def test_every_setting_of_a_connector_has_its_words(kind: Manifest, locale: str) -> None:
    texts = kind.texts[locale]
    assert texts.description
    assert set(texts.settings) == {field.encode_name for field in msgspec.structs.fields(kind.settings)}
    for name, (title, purpose) in texts.settings.items():
        assert title, name
        assert purpose or locale == "en", f"{name} has no help in {locale}"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_fault_has_its_words(locale: str) -> None:
    """Of telephone systems `link.<code>` and what to do, `remedy.<code>`; of all others `error.<code>`."""
    there, found = keys(locale), dict(fault_codes())
    assert len(found) > 80
    missing = {
        key: place
        for code, place in found.items()
        for key in ((f"link.{code}", f"remedy.{code}") if place.startswith(OF_LINKS) else (f"error.{code}",))
        if key not in there and code not in FOR_PROGRAMS
    }
    assert not missing, f"add them to client/src/core/i18n/{locale}"
    assert found.keys() >= FOR_PROGRAMS


@pytest.mark.parametrize("locale", LOCALES)
def test_every_setting_of_a_source_has_its_words(locale: str) -> None:
    there = keys(locale)
    for kind in KINDS.values():
        assert f"source.kind.{kind.key}" in there
        for field in fields(kind.settings):
            own, common = f"source.{kind.key}.{field.encode_name}", f"source.setting.{field.encode_name}"
            found = own if own in there else common
            assert {found, f"{found}.help"} <= there, f"{kind.key}: {field.encode_name}"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_setting_of_an_export_has_its_words(locale: str) -> None:
    there = keys(locale)
    for kind in EXPORTS.values():
        assert f"export.kind.{kind.key}" in there
        for field in fields(kind.settings):
            own, common = f"export.{kind.key}.{field.encode_name}", f"export.setting.{field.encode_name}"
            found = own if own in there else common
            assert {found, f"{found}.help"} <= there, f"{kind.key}: {field.encode_name}"
