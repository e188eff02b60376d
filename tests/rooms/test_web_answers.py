"""Answers to repeated commands are kept for a while, and not without bound."""

from datetime import UTC, datetime, timedelta

import pytest

from unisono.storage import Database
from unisono.web import store

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


async def test_one_person_cannot_fill_the_disk(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await sqlite.create_all()
    monkeypatch.setattr(store, "ANSWERS_MOST", 5)
    monkeypatch.setattr(store, "TRIM_EVERY", 1)
    answers = store.AnswerStore(sqlite)
    await answers.put("ben", "other", START, store.Answer(200, "text/plain", b"ben's"))
    for number in range(9):
        await answers.put("anna", f"key-{number}", START + timedelta(seconds=number), store.Answer(200, "text/plain", b""))
    since = START - timedelta(days=1)
    kept = [number for number in range(9) if await answers.get("anna", f"key-{number}", since)]
    assert kept == [4, 5, 6, 7, 8]
    assert await answers.get("ben", "other", since)
