"""What a request expects to be stored (RFC 9110 13.1), in its headers.

No answer has a header `ETag`: what is told of a thing is more than what is stored of it, and other than what was sent (9.3.4).
"""

import re
from collections.abc import Iterable
from typing import Annotated, Final

from litestar.params import HeaderParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED
from litestar.types import Message, Scope

from unisono.kernel.errors import Invalid
from unisono.kernel.expected import Expected

MATCH: Final = "If-Match"
NONE_MATCH: Final = "If-None-Match"
CONDITIONS: Final = (MATCH.lower().encode(), NONE_MATCH.lower().encode())
MAKES: Final = "makes"
"""Option of the routes that make what is not there, under an id of one's own."""
_IF_MATCH: Final = "The tag that what is stored has to have, as `etag` tells it; without it whatever is stored is changed."
_IF_NONE_MATCH: Final = "`*`: nothing may be stored under this id yet; where ids are one's own, this makes something new."
_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS: Final = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,(?:[ \t]*{_TAG})?)*")
"""A list, in which elements may be empty (RFC 9110 5.6.1.2)."""


def as_lists(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    """The headers of a request with one line of each condition: several are one list (RFC 9110 5.3)."""
    said = [(name, value) for name, value in headers if name in CONDITIONS]
    if len(said) < 2:
        return headers
    joined = [(name, b", ".join(value for each, value in said if each == name)) for name in dict(said)]
    return [*(line for line in headers if line[0] not in CONDITIONS), *joined]


async def provide_expected(
    if_match: Annotated[str | None, HeaderParameter(name=MATCH, description=_IF_MATCH)] = None,
    if_none_match: Annotated[str | None, HeaderParameter(name=NONE_MATCH, description=_IF_NONE_MATCH)] = None,
) -> Expected:
    """Without any header, what is changed has to be there: who wants to make something says `If-None-Match: *`."""
    if if_none_match is not None:
        if if_none_match.strip() != "*" or if_match is not None:
            raise _unfit(NONE_MATCH, "is * and stands alone")
        return Expected(there=False)
    if if_match is None or if_match.strip() == "*":
        return Expected(there=True)
    if not _TAGS.fullmatch(if_match.strip()):
        raise _unfit(MATCH, 'names tags as they were told, in quotes: "1b2c"')
    # A weak tag (W/) stays one and equals none of ours: the comparison is strong (RFC 9110 8.8.3.2).
    return Expected(frozenset(re.findall(_TAG, if_match)), there=True)


def say_what_was_made(message: Message, scope: Scope) -> None:
    """What was expected not to be there, and was saved, is new: 201 (RFC 9110 9.3.4)."""
    if message["type"] == "http.response.start" and message["status"] == HTTP_200_OK and _makes(scope):
        message["status"] = HTTP_201_CREATED


def _makes(scope: Scope) -> bool:
    """Whether a request asks to make something new, or to do nothing."""
    return MAKES in scope["route_handler"].opt and NONE_MATCH.lower().encode() in dict(scope["headers"])


def _unfit(header: str, form: str) -> Invalid:
    return Invalid("precondition-invalid", f"{header} {form}.", data={"field": header})
