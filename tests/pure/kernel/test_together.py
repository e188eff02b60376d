"""Several works at once: the first fault ends them all and is told as it is; being cancelled always wins."""

import asyncio
import inspect

import pytest

from unisono.kernel.errors import Unavailable
from unisono.kernel.tasks import together

FAULT = Unavailable("gone", "It has gone.")


async def fails() -> None:
    raise FAULT


async def waits(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("waits")


async def test_all_end_well() -> None:
    done: list[int] = []

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    await together(work(1), work(2))
    await together()
    assert sorted(done) == [1, 2]


async def test_the_first_fault_ends_the_others() -> None:
    ended: list[str] = []
    with pytest.raises(Unavailable) as caught:
        await together(waits(ended), fails(), fails())
    assert caught.value is FAULT
    assert ended == ["waits"]


async def test_a_mistake_of_ours_is_not_hidden() -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        await together(waits([]), broken())
    assert caught.group_contains(ZeroDivisionError)


async def test_a_cancellation_is_not_lost_when_a_work_fails_in_that_moment() -> None:
    go = asyncio.Event()

    async def fails_when_told() -> None:
        await go.wait()
        raise FAULT

    async def whole() -> None:
        while True:
            try:
                await together(waits([]), fails_when_told())
            except Unavailable:
                await asyncio.Event().wait()

    task = asyncio.get_running_loop().create_task(whole())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    go.set()
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_a_work_that_never_began_is_closed() -> None:
    async def fails_at_once() -> None:
        raise FAULT

    never = waits([])
    with pytest.raises(Unavailable):
        await together(fails_at_once(), never)
    assert inspect.getcoroutinestate(never) == inspect.CORO_CLOSED, "an open one would warn when it is collected"
