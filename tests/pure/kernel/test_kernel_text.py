"""What people call things: tidy, and nothing in it that is not seen."""

import pytest

from unisono.kernel import text

UNSEEN = (
    *("\0", "\x07", "\x1b[31m", "\x7f", "\x85x", "\u202e", "\u2066", "\u200f", "\u061c", "\ufeff", "\u2029x\x08", "\ud800"),
    *("\u3164", "\u034f"),
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Front   desk ", "Front desk"),
        ("Front\ndesk", "Front desk"),
        ("Front\u00a0desk\u2028two", "Front desk two"),
        ("Mu\u0308ller", "Müller"),
        ("محمد‌رضا", "محمد‌رضا"),
        ("👩‍🔧", "👩‍🔧"),
        ("x" * 60, "x" * 60),
        ("x" * 61, ""),
        ("", ""),
        (" \t\n", ""),
        ("\u200d", ""),
        ("\ufe0f", ""),
        ("☎️", "☎️"),
        *((f"Front{each}desk", "") for each in UNSEEN if not each[:1].isspace()),
    ],
)
def test_a_name(given: str, kept: str) -> None:
    assert text.name(given, 60) == kept


@pytest.mark.parametrize("given", UNSEEN)
def test_what_is_not_seen(given: str) -> None:
    assert not text.is_shown(given)
