"""Passwords, sessions, tokens, and the brakes on guessing."""

import asyncio
import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.shape import make_tables

from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Forbidden, Invalid, NotFound, TooMany
from unisono.people.attempts import FORGET_SECONDS, REMEMBER, Attempts, Brake
from unisono.people.model import User
from unisono.people.passwords import Passwords
from unisono.people.service import People
from unisono.people.settings import PeopleSettings
from unisono.people.sign_in import SESSIONS_PER_USER, TOKENS_PER_USER
from unisono.storage import Database

FAST = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=8, argon2_parallelism=1)
PASSWORD = "correct horse battery"


async def opened(database: Database, clock: ManualClock, settings: PeopleSettings = FAST) -> People:
    people = People(database, clock, Bus(), settings)
    await people.load()
    return people


@pytest.fixture
async def people(sqlite: Database) -> People:
    await make_tables(sqlite)
    people = await opened(sqlite, ManualClock())
    await people.save_user(User("", "anna", "Anna"), PASSWORD)
    return people


def clock_of(people: People) -> ManualClock:
    clock = people.sign_in._clock
    assert isinstance(clock, ManualClock)
    return clock


class TestPasswords:
    async def test_hashes_are_salted_argon2id(self) -> None:
        passwords = Passwords(FAST)
        one, two = await passwords.hash("secret"), await passwords.hash("secret")
        assert one != two
        assert one.startswith("$argon2id$")
        assert await passwords.matches("secret", one)
        assert not await passwords.matches("Secret", one)

    async def test_without_a_hash_nothing_matches(self) -> None:
        passwords = Passwords(FAST)
        for stored in ("", "nonsense", "$argon2id$broken"):
            assert not await passwords.matches("", stored)

    async def test_old_parameters_are_renewed_at_the_next_sign_in(self, sqlite: Database, people: People) -> None:
        anna = people.by_login("anna")
        assert anna
        before = people.password_hash(anna.id)
        stronger = await opened(sqlite, ManualClock(), PeopleSettings(2, 16, 1))
        await stronger.sign_in.by_password("anna", PASSWORD, "a")
        after = stronger.password_hash(anna.id)
        assert after != before
        assert "t=2" in after
        assert (await opened(sqlite, ManualClock())).password_hash(anna.id) == after

    async def test_changing_ones_own(self, people: People) -> None:
        anna = people.by_login("anna")
        assert anna
        here, there = await people.sign_in.open(anna), await people.sign_in.open(anna)
        with pytest.raises(Invalid) as caught:
            await people.change_password(anna.id, "wrong", "another battery")
        assert caught.value.data == {"field": "old"}
        await people.change_password(anna.id, PASSWORD, "another battery", here.secret)
        assert await people.sign_in.session(here.secret)
        assert await people.sign_in.session(there.secret) is None
        await people.sign_in.by_password("anna", "another battery", "a")


class TestAttempts:
    def test_the_wait_doubles_up_to_the_most(self) -> None:
        attempts, now, waits = Attempts(3, 60.0), 0.0, []
        for _ in range(10):
            waits.append(attempts.wait("k", now))
            now += waits[-1]
            attempts.begin("k", now)
        assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 60, 60]

    def test_rest_and_success_forgive(self) -> None:
        attempts = Attempts(1, 60.0)
        attempts.begin("k", 0.0)
        assert attempts.wait("k", 0.0) > 0
        assert attempts.wait("k", FORGET_SECONDS) == 0
        attempts.forgive("k")
        assert attempts.wait("k", 0.0) == 0

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=50))
    def test_keys_do_not_disturb_each_other(self, tries: list[tuple[str, float]]) -> None:
        together, alone, now = Attempts(2, 30.0), Attempts(2, 30.0), 0.0
        for key, pause in tries:
            now += pause
            together.begin(key, now)
            if key == "a":
                alone.begin(key, now)
        assert together.wait("a", now) == alone.wait("a", now)

    def test_memory_is_bounded(self) -> None:
        attempts = Attempts(1, 60.0)
        for number in range(REMEMBER + 100):
            attempts.begin(str(number), 0.0)
        assert len(attempts._records) == REMEMBER

    async def test_many_tries_at_once_do_not_slip_through(self, people: People) -> None:
        tries = [people.sign_in.by_password("anna", f"guess {n}", "a") for n in range(30)]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds.count(Forbidden) == FAST.free_attempts
        assert kinds.count(TooMany) == 30 - FAST.free_attempts

    async def test_unknown_names_are_braked_like_known_ones(self, people: People) -> None:
        for name in ("anna", "nobody"):
            for _ in range(FAST.free_attempts):
                with pytest.raises(Forbidden):
                    await people.sign_in.by_password(name, "wrong", "")
            with pytest.raises(TooMany, match="Try again in 2 seconds"):
                await people.sign_in.by_password(name, PASSWORD, "")

    async def test_one_address_cannot_try_everybody(self, people: People) -> None:
        for number in range(FAST.free_attempts_address):
            with pytest.raises(Forbidden):
                await people.sign_in.by_password(f"user{number}", "wrong", "192.0.2.1")
        with pytest.raises(TooMany):
            await people.sign_in.by_password("anna", PASSWORD, "192.0.2.1")
        await people.sign_in.by_password("anna", PASSWORD, "192.0.2.2")


def guesses(brake: Brake, name: str, addresses: list[str], now: float) -> int:
    """How many wrong passwords for a name are heard before it has to wait, from these addresses in turn."""
    heard = 0
    for address in addresses:
        with contextlib.suppress(TooMany):
            brake.begin(name, address, now)
            heard += 1
    return heard


class TestBrake:
    def test_a_stranger_locks_nobody_out_where_they_are_used_to_sign_in(self) -> None:
        brake = Brake(FAST)
        brake.begin("anna", "192.0.2.1", 0.0)
        brake.right("anna", "192.0.2.1")
        assert guesses(brake, "anna", ["203.0.113.9"] * 30, 1.0) == FAST.free_attempts
        assert brake.wait("anna", "192.0.2.1", 1.0) == 0
        assert brake.wait("anna", "192.0.2.2", 1.0) > 0, "from elsewhere everybody may be the stranger"

    def test_many_addresses_guess_no_quicker_than_one(self) -> None:
        addresses = [f"203.0.113.{number}" for number in range(100)]
        assert guesses(Brake(FAST), "anna", addresses, 0.0) == FAST.free_attempts

    def test_who_signs_in_gives_no_new_tries_to_those_who_guess(self) -> None:
        brake = Brake(FAST)
        heard = 0
        for minute in range(20):
            heard += guesses(brake, "anna", ["203.0.113.9"], float(minute))
            with contextlib.suppress(TooMany):
                brake.begin("anna", "192.0.2.1", float(minute))
                brake.right("anna", "192.0.2.1")
        assert heard < 10

    def test_also_a_usual_address_is_slowed_down(self) -> None:
        brake = Brake(FAST)
        brake.begin("anna", "192.0.2.1", 0.0)
        brake.right("anna", "192.0.2.1")
        assert guesses(brake, "anna", ["192.0.2.1"] * 30, 0.0) == FAST.free_attempts

    def test_the_addresses_of_one_network_are_one(self) -> None:
        brake, names = Brake(FAST), [f"user{number}" for number in range(100)]
        heard = sum(guesses(brake, name, [f"2001:db8::{number:x}"], 0.0) for number, name in enumerate(names))
        assert heard == FAST.free_attempts_address
        assert brake.wait("anna", "2001:db8:0:1::1", 0.0) == 0

    def test_an_address_is_the_same_however_it_is_written(self) -> None:
        brake = Brake(FAST)
        brake.begin("anna", "::ffff:192.0.2.1", 0.0)
        brake.right("anna", "::ffff:192.0.2.1")
        guesses(brake, "anna", ["203.0.113.9"] * 30, 0.0)
        assert brake.wait("anna", "192.0.2.1", 0.0) == 0

    def test_memory_of_usual_addresses_is_bounded(self) -> None:
        brake = Brake(FAST)
        for number in range(REMEMBER + 100):
            brake.right(str(number), "192.0.2.1")
        assert len(brake._usual) == REMEMBER

    async def test_strangers_do_not_keep_a_signed_in_person_from_changing_their_password(self, people: People) -> None:
        anna = people.by_login("anna")
        assert anna
        for _ in range(FAST.free_attempts):
            with pytest.raises(Forbidden):
                await people.sign_in.by_password("anna", "wrong", "203.0.113.9")
        await people.change_password(anna.id, PASSWORD, "another battery")
        for _ in range(FAST.free_attempts):
            with pytest.raises(Invalid):
                await people.change_password(anna.id, "wrong", "yet another battery")
        with pytest.raises(TooMany):
            await people.change_password(anna.id, "another battery", "yet another battery")

    async def test_who_is_blocked_while_the_password_is_computed_does_not_come_in(self, people: People) -> None:
        anna = people.by_login("anna")
        assert anna
        trying = asyncio.create_task(people.sign_in.by_password("anna", PASSWORD, "a"))
        await asyncio.sleep(0)  # it has read the hash, and computes
        people._users[anna.id] = replace(anna, active=False)
        with pytest.raises(Forbidden):
            await trying


class TestSessions:
    async def test_they_survive_a_restart_as_digests_only(self, sqlite: Database, people: People) -> None:
        session = await people.sign_in.by_password("anna", PASSWORD, "a")
        again = await opened(sqlite, clock_of(people))
        found = await again.sign_in.session(session.secret)
        assert found == session
        stored = await again.sign_in._store.sessions_of(session.user.id)
        assert session.secret not in repr(stored)
        assert session.csrf not in repr(stored)

    async def test_they_end_without_use_and_in_any_case(self, people: People) -> None:
        session = await people.sign_in.by_password("anna", PASSWORD, "a")
        clock = clock_of(people)
        for _ in range(40):
            await clock.advance(20 * 3600)
            if await people.sign_in.session(session.secret) is None:
                break
        assert clock.monotonic() == pytest.approx(30 * 86_400, abs=20 * 3600)

    async def test_a_person_has_only_so_many(self, people: People) -> None:
        anna = people.by_login("anna")
        assert anna
        secrets = [(await people.sign_in.open(anna)).secret for _ in range(SESSIONS_PER_USER + 3)]
        alive = [secret for secret in secrets if await people.sign_in.session(secret)]
        assert len(alive) == SESSIONS_PER_USER
        assert secrets[-1] in alive

    async def test_expired_ones_are_thrown_away_at_the_start(self, sqlite: Database, people: People) -> None:
        session = await people.sign_in.by_password("anna", PASSWORD, "a")
        clock = clock_of(people)
        await clock.advance(25 * 3600)
        again = await opened(sqlite, clock)
        assert await again.sign_in._store.sessions_of(session.user.id) == []

    async def test_who_is_not_active_has_none(self, people: People) -> None:
        session = await people.sign_in.by_password("anna", PASSWORD, "a")
        await people.save_user(replace(session.user, active=False))
        assert await people.sign_in.session(session.secret) is None
        with pytest.raises(Forbidden):
            await people.sign_in.by_password("anna", PASSWORD, "a")


class TestTokens:
    async def test_life_of_a_token(self, sqlite: Database, people: People) -> None:
        anna = people.by_login("anna")
        assert anna
        token, secret = await people.sign_in.add_token(anna.id, "script", ("read",), 1)
        again = await opened(sqlite, clock_of(people))
        found = await again.sign_in.token(secret)
        assert found
        assert (found[0], found[1].id, found[1].scopes) == (anna, token.id, ("read",))
        with pytest.raises(NotFound):
            await again.sign_in.remove_token("somebody", token.id)
        await clock_of(people).advance(86_400)
        assert await again.sign_in.token(secret) is None
        await again.sign_in.remove_token(anna.id, token.id)
        assert again.sign_in.tokens_of(anna.id) == []
        assert await again.sign_in.token("uni_other") is None

    async def test_names_and_numbers_are_limited(self, people: People) -> None:
        anna = people.by_login("anna")
        assert anna
        with pytest.raises(Invalid):
            await people.sign_in.add_token(anna.id, " ", ("all",), None)
        for number in range(TOKENS_PER_USER):
            await people.sign_in.add_token(anna.id, str(number), ("all",), None)
        with pytest.raises(Invalid, match="delete one first"):
            await people.sign_in.add_token(anna.id, "more", ("all",), None)
