"""A fake of a vendor's service: what it is asked and what it says are held against what the vendor has published."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from tests.rooms.http_peer import Asked, Given, HttpPeer, as_json, serving

Expected = TypeVar("Expected")


class NotPublished(Exception):
    """Something that the vendor's schema does not know."""


class Published(Protocol[Expected]):
    """What a vendor has published. Both raise `NotPublished`."""

    def asked(self, asked: Asked) -> Expected:
        """What is to be answered to a request."""
        ...

    def told(self, expected: Expected, given: Given) -> None:
        """Look at an answer."""
        ...


@contextmanager
def holding(answer: Callable[[Asked], Given], published: Published[Expected], *, beside: str) -> Iterator[HttpPeer]:
    """A server that answers so; at the end nothing may have been said by either side that is not published.

    `beside`: the path of what gives out tokens, which is none of the vendor's schema.
    """
    wrong: list[str] = []

    def held(asked: Asked) -> Given:
        if asked.path == beside:
            return answer(asked)
        try:
            expected = published.asked(asked)
        except NotPublished as error:
            wrong.append(f"asked: {asked.method} {asked.path} {asked.query}: {error}")
            return as_json({"error": {"code": "BadRequest", "message": str(error)}}, 400)
        given = answer(asked)
        try:
            published.told(expected, given)
        except NotPublished as error:
            wrong.append(f"told: {asked.path} {given.body.decode()}: {error}")
        return given

    with serving(held) as peer:
        yield peer
    assert not wrong, "\n".join(wrong)
