"""Table of the web door: answers to commands that may come twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, LargeBinary, String, Table, delete, insert, select

from unisono.storage import Database, UtcDateTime, metadata

ANSWERS_MOST = 1_000
"""Answers that are kept for one person; whoever sends more at a time loses the oldest."""
TRIM_EVERY = 50

answer_table = Table(
    "idempotent_answer",
    metadata,
    Column("user_id", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("created", UtcDateTime, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("body", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished HTTP answer."""

    status: int
    media_type: str
    body: bytes


class AnswerStore:
    """Reads and writes the table `idempotent_answer`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._puts = 0

    async def get(self, user_id: str, key: str, since: datetime) -> Answer | None:
        """The answer given to this key, if it was given after `since`."""
        at = answer_table.c
        query = select(answer_table).where(at.user_id == user_id, at.key == key, at.created > since)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Answer(row.status, row.media_type, row.body) if row else None

    async def put(self, user_id: str, key: str, created: datetime, answer: Answer) -> None:
        """Store an answer in place of an older one."""
        at = answer_table.c
        async with self._database.write() as connection:
            await connection.execute(delete(answer_table).where(at.user_id == user_id, at.key == key))
            await connection.execute(
                insert(answer_table).values(
                    user_id=user_id,
                    key=key,
                    created=created,
                    status=answer.status,
                    media_type=answer.media_type,
                    body=answer.body,
                )
            )
            self._puts += 1
            if self._puts % TRIM_EVERY == 0:
                newest = select(at.key).where(at.user_id == user_id).order_by(at.created.desc()).limit(ANSWERS_MOST)
                await connection.execute(delete(answer_table).where(at.user_id == user_id, at.key.not_in(newest)))

    async def purge(self, before: datetime) -> None:
        """Forget answers older than that."""
        async with self._database.write() as connection:
            await connection.execute(delete(answer_table).where(answer_table.c.created < before))
