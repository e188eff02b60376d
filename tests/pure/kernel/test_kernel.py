"""What every room stands on."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.kernel.bus import Bus, Handler
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Invalid
from unisono.kernel.ids import new_id
from unisono.kernel.secrets import Secret, new_password
from unisono.kernel.settings import example, load
from unisono.kernel.tasks import Works, backoff, forever


def test_ids_are_uuid7_and_sort_by_time() -> None:
    first, second = new_id(), new_id()
    assert len(first) == 32
    assert first[12] == "7"
    assert first[16] in "89ab"
    assert first[:12] <= second[:12]


async def test_clock_wakes_sleepers_in_order() -> None:
    clock = ManualClock()
    woken: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleeper("late", 5))
        tasks.create_task(sleeper("early", 2))
        await clock.advance(3)
        assert woken == ["early"]
        await clock.advance(3)
    assert woken == ["early", "late"]


def test_secret_does_not_print() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret!r} {secret} {[secret]}"
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2") != Secret("other")
    assert len({new_password() for _ in range(100)}) == 100


class Fact:
    def __init__(self, number: int) -> None:
        self.number = number


async def test_bus_keeps_order_and_survives_a_failing_handler() -> None:
    bus, seen = Bus(), []

    async def handle(fact: Fact) -> None:
        if fact.number == 2:
            raise ValueError("a handler's own fault")
        seen.append(fact.number)

    async def resync() -> None:
        raise AssertionError("not behind")

    subscription = bus.subscribe("test", {Fact: handle}, resync=resync)
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
        for number in range(5):
            bus.publish(Fact(number))
        await bus.drained()
        assert seen == [0, 1, 3, 4]
        assert subscription.failures == 1
        bus.stop()


async def test_bus_resyncs_who_falls_behind() -> None:
    bus, seen = Bus(), []

    async def handle(fact: Fact) -> None:
        seen.append(fact.number)

    async def resync() -> None:
        seen.append(-1)

    subscription = bus.subscribe("slow", {Fact: handle}, resync=resync, limit=3)
    for number in range(5):
        bus.publish(Fact(number))
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
        await bus.drained()
        bus.publish(Fact(9))
        await bus.drained()
        bus.stop()
    assert seen == [-1, 9]
    assert subscription.overflows == 1


async def test_who_is_waited_for_hears_first_and_is_told_when_nothing_waits_any_more() -> None:
    bus, seen = Bus(), list[str]()

    def hear(who: str) -> Handler:
        async def handle(fact: Fact) -> None:
            seen.append(f"{who} {fact.number}")

        return handle

    async def resync() -> None: ...

    def rest() -> None:
        seen.append("rest")
        raise ValueError

    bus.subscribe("books", {Fact: hear("books")}, resync=resync)
    people = bus.subscribe("people", {Fact: hear("people")}, resync=resync, first=True, rest=rest)
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
        await asyncio.sleep(0)
        for number in range(2):
            bus.publish(Fact(number))
        await bus.drained()
        bus.publish(Fact(2))
        await bus.drained()
        bus.stop()
    assert seen == ["people 0", "people 1", "rest", "books 0", "books 1", "people 2", "rest", "books 2"]
    assert people.failures == 2


async def test_bus_tries_a_failed_resync_again() -> None:
    bus, seen, broken = Bus(), [], [True]

    async def handle(fact: Fact) -> None:
        seen.append(fact.number)

    async def resync() -> None:
        if broken:
            raise ValueError("the database does not answer")
        seen.append(-1)

    subscription = bus.subscribe("slow", {Fact: handle}, resync=resync, limit=3)
    for number in range(5):
        bus.publish(Fact(number))
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
        await bus.drained()
        assert (seen, subscription.failures) == ([], 1)
        broken.clear()
        bus.publish(Fact(8))
        await bus.drained()
        bus.publish(Fact(9))
        await bus.drained()
        bus.stop()
    assert seen == [-1, 9]


async def test_bus_lets_others_run_in_a_flood() -> None:
    bus, seen = Bus(), []

    async def handle(fact: Fact) -> None:
        seen.append(fact.number)

    bus.subscribe("busy", {Fact: handle}, resync=nothing)
    for number in range(1000):
        bus.publish(Fact(number))
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
        await asyncio.sleep(0)
        assert 0 < len(seen) < 100
        await bus.drained()
        bus.stop()
    assert seen == list(range(1000))


async def nothing() -> None:
    pass


async def test_bus_waits_for_who_falls_behind_while_at_work() -> None:
    bus, seen = Bus(), []

    async def handle(fact: Fact) -> None:
        seen.append(fact.number)
        if fact.number == 0:
            for number in range(1, 6):
                bus.publish(Fact(number))

    async def resync() -> None:
        seen.append(-1)

    bus.subscribe("slow", {Fact: handle}, resync=resync, limit=3)
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
        bus.publish(Fact(0))
        await bus.drained()
        bus.stop()
    assert seen == [0, -1]


@given(st.integers(0, 10_000))
def test_backoff_is_bounded(attempt: int) -> None:
    assert 0.4 <= backoff(attempt) <= 30.0


async def test_forever_starts_again() -> None:
    clock, runs = ManualClock(), []

    async def work() -> None:
        runs.append(clock.monotonic())
        if len(runs) == 3:
            raise asyncio.CancelledError

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(forever("work", work, clock))
        await clock.advance(10)
    assert task.cancelled()
    assert len(runs) == 3


async def test_forever_waits_at_first_no_longer_than_it_is_told() -> None:
    clock, begun = ManualClock(), list[float]()

    async def work() -> None:
        begun.append(clock.monotonic())

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(forever("work", work, clock, first=0.05))
        await clock.advance(10)
        task.cancel()
    waited = [after - before for before, after in pairwise(begun)]
    assert waited[0] <= 0.05
    assert all(0.04 * 2**tries <= one <= 0.05 * 2**tries for tries, one in enumerate(waited)), waited


async def test_a_work_that_fails_is_counted_and_ends_no_other() -> None:
    clock, beats = ManualClock(), 0
    works = Works(clock)

    async def fails() -> None:
        raise ZeroDivisionError

    async def beat() -> None:
        nonlocal beats
        while True:
            await clock.sleep(1)
            beats += 1

    task = asyncio.create_task(works.run({"fails": fails, "beats": beat}))
    await clock.advance(10)
    assert (beats, list(works.failures), works.failures["fails"] > 2) == (10, ["fails"], True)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Section(msgspec.Struct, forbid_unknown_fields=True):
    port: Annotated[int, msgspec.Meta(ge=1, le=65535, description="Where to listen.")] = 7224
    name: str = "x"


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    web: Section = msgspec.field(default_factory=Section)


def test_settings(tmp_path: Path) -> None:
    file = tmp_path / "unisono.toml"
    file.write_text("[web]\nport = 8080\n")
    assert load(file, Whole, environ={}).web.port == 8080
    assert load(file, Whole, environ={"UNISONO_WEB__PORT": "9"}).web.port == 9
    assert "# Where to listen.\n# port = 7224" in example(Whole)
    for wrong in ("[web]\nport = 0\n", "[web]\nprot = 1\n", "[web"):
        file.write_text(wrong)
        with pytest.raises(Invalid) as caught:
            load(file, Whole, environ={})
        assert str(file) in caught.value.message
