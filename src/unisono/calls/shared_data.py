"""Call data: short texts that all clients on a call share, and that the journal keeps. Pure."""

from collections.abc import Mapping

from unisono.kernel.errors import Invalid

SUBJECT = "subject"
NOTE = "note"
PRIVATE = "private"
"""Key for "this was a private call"; any value."""

MOST_KEYS = 64
MOST_KEY = 64
MOST_VALUE = 10_000
MOST = 65_536


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Old data with new values; an empty one removes its key. Raises `Invalid` beyond the limits."""
    data = {key: value for key, value in {**old, **new}.items() if value}
    if any(not key or len(key) > MOST_KEY for key in new):
        raise Invalid("call-data", f"A key of call data has 1 to {MOST_KEY} characters.", data={"field": "data"})
    if any(len(value) > MOST_VALUE for value in new.values()):
        raise Invalid("call-data", f"One text has at most {MOST_VALUE} characters.", data={"field": "data"})
    if len(data) > MOST_KEYS or sum(len(key) + len(value) for key, value in data.items()) > MOST:
        raise Invalid(
            "call-data", f"A call holds at most {MOST_KEYS} texts, {MOST} characters in all.", data={"field": "data"}
        )
    return data
