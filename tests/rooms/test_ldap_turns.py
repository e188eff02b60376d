"""Whose search goes on when, and whose password is remembered, in a worker that answers LDAP."""

import asyncio
from typing import cast

import pytest

from unisono.directory.ldap.channel import Channel, Check, Checked
from unisono.directory.ldap.door import Connection, Turns
from unisono.directory.ldap.model import Identity, Kind
from unisono.directory.ldap.session import Question
from unisono.directory.ldap.worker import Passwords


class Searching:
    """Has something to do for so many turns, each of some seconds."""

    def __init__(self, name: str, turns: int, each: float, told: list[str], all_turns: Turns) -> None:
        self.name, self.left, self.each, self.told, self.turns = name, turns, each, told, all_turns
        self.worked = 0.0

    def begin(self) -> None:
        self.turns.add(cast(Connection, self), self.worked)

    def turn(self) -> None:
        self.told.append(self.name)
        self.worked += self.each
        self.left -= 1
        if self.left:
            self.begin()


async def test_between_two_looks_at_the_sockets_one_has_its_turn() -> None:
    told: list[str] = []
    turns = Turns()
    for name in "abc":
        Searching(name, 3, 0.002, told, turns).begin()
    for count in range(1, 10):
        await asyncio.sleep(0)
        assert len(told) == count
    assert told == list("abcabcabc")
    await asyncio.sleep(0)
    assert len(told) == 9


async def test_who_worked_little_goes_before_the_others_and_nobody_waits_for_ever() -> None:
    told: list[str] = []
    turns = Turns()
    for number in range(20):
        long = Searching(f"long {number}", 1000, 0.002, told, turns)
        long.worked = 1.0
        long.begin()
    short = Searching("short", 5, 0.002, told, turns)
    short.begin()
    for _ in range(10):
        await asyncio.sleep(0)
    assert told.count("short") == 5
    endless = [Searching(f"endless {number}", 1000, 0.0, told, turns) for number in range(3)]
    for one in endless:
        one.begin()
    told.clear()
    for _ in range(100):
        await asyncio.sleep(0)
    assert 15 < sum(name.startswith("long") for name in told) < 35


class Asked:
    """A channel that notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[Check] = []

    def send(self, message: Check) -> None:
        self.sent.append(message)


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_a_password_that_was_right_before_users_changed_is_not_remembered(meanwhile: bool) -> None:
    channel = Asked()
    passwords = Passwords(cast(Channel, channel))
    question = Question("anna", b"secret")
    verdict = asyncio.ensure_future(passwords.verify(question, "192.0.2.1"))
    await asyncio.sleep(0)
    [asked] = channel.sent
    passwords.answered(Checked(asked.id, Identity(Kind.PERSON, "anna", "anna")))
    if meanwhile:
        passwords.forget()
    assert (await verdict).identity is not None
    assert (passwords.remembered(question) is None) == meanwhile
