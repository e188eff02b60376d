"""Passwords as argon2id hashes (RFC 9106), computed outside the loop."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from unisono.kernel.secrets import new_password
from unisono.people.settings import PeopleSettings

# One password takes 64 MiB: more at once would let strangers at the sign-in page eat the memory.
AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords in a thread, at most two at a time."""

    def __init__(self, settings: PeopleSettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_parallelism,
        )
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._decoy = ""

    async def hash(self, password: str) -> str:
        """The hash to store, with its parameters and salt inside."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, stored: str) -> bool:
        """Whether `password` is the one; with nothing stored it takes as long and is False."""
        if not stored and not self._decoy:
            self._decoy = await self.hash(new_password())
        async with self._slots:
            right = await asyncio.to_thread(self._verify, stored or self._decoy, password)
        return right and bool(stored)

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
