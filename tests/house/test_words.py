"""Whatever the server calls by a code has its words in every language of the client."""

from collections.abc import Iterable
from typing import get_args

import pytest
from tests.house.words import LOCALES, keys

from unisono.calls.impossible import Why
from unisono.calls.model import ConnectionState
from unisono.calls.pbx_events import CallEvent
from unisono.calls.transitions import Trigger

CODES: dict[str, Iterable[str]] = {
    "anomaly": Why,
    "anomaly.what": {*Trigger, *(kind.__name__ for kind in get_args(CallEvent))},
    "anomaly.state": ConnectionState,
}
"""By the prefix of their keys."""


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("prefix", CODES)
def test_every_code_has_its_words(prefix: str, locale: str) -> None:
    there = keys(locale)
    assert len(there) > 500
    assert not [code for code in CODES[prefix] if f"{prefix}.{code}" not in there]
