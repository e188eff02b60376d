"""A query that an admin tries out is answered on the loop that serves everybody."""

import asyncio

import pytest

from unisono.directory.index import Index, Layer
from unisono.directory.ldap import trial
from unisono.directory.ldap.model import ANONYMOUS, Configuration
from unisono.directory.ldap.tree import Tree
from unisono.directory.model import Contact
from unisono.directory.segment import build


async def test_others_run_while_the_answer_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_SLICE", 0.0)
    contacts = [Contact(f"{number:032x}", "b", display_name="Mario Rossi", last_name="Rossi") for number in range(200)]
    tree = Tree(Index().with_book("b", Layer(build(contacts, "b"))), Configuration())
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    tried = await trial.try_out(tree, "dc=meta", ANONYMOUS, "(sn=rossi)", [], 1000)
    beside.cancel()
    assert tried.hits == 200
    assert tried.ldif.count("\ndn: ") == 199
    assert turns > 200
