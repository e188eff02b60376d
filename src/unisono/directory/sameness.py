"""The decisions about duplicates that are in force, read from the database and changed by admins."""

from collections.abc import Collection

from unisono.directory import store
from unisono.directory.duplicates import Decision, Rule, Sameness, pair
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Invalid
from unisono.storage import Database, Shared

_RULES = {rule.value for rule in Rule}


class Duplicates:
    """Which entries are shown as one person, and who has said so."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._store = store.Decisions(database)
        self.shared = Shared(database, "duplicates", self._take)
        self._clock = clock
        self._sameness = Sameness()

    @property
    def sameness(self) -> Sameness:
        """What is in force: a value, to be read and not kept."""
        return self._sameness

    async def _take(self, _: Collection[str] | None) -> None:
        pairs = await self._store.pairs()
        off = await self._store.rules_off()
        found = Sameness(
            frozenset(rule for rule in Rule if rule not in off),
            frozenset((p.first, p.second) for p in pairs if not p.joined),
            frozenset((p.first, p.second) for p in pairs if p.joined),
        )
        if found != self._sameness:
            self._sameness = found

    async def pairs(self) -> list[Decision]:
        """What was decided by hand, the newest first."""
        return await self._store.pairs()

    async def switch(self, rule: str, on: bool) -> None:
        """Switch a rule for everybody. Raises `Invalid`."""
        if rule not in _RULES:
            raise Invalid("unknown-rule", f"There is no rule {rule!r} for duplicates.", data={"field": "rule"})
        async with self.shared.changing() as change:
            await store.switch(change.connection, rule, on)

    async def decide(self, one: str, other: str, *, joined: bool, by: str) -> None:
        """Join two entries by hand, or split them for ever. Raises `Invalid`."""
        if one == other:
            raise Invalid("same-entry", "An entry is always the same as itself; name two.", data={"field": "other"})
        async with self.shared.changing() as change:
            await store.decide(change.connection, Decision(*pair(one, other), joined, by, self._clock.now()))

    async def forget(self, one: str, other: str) -> None:
        """Leave a pair to the rules again."""
        async with self.shared.changing() as change:
            await store.undecide(change.connection, *pair(one, other))
