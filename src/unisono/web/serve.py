"""How uvicorn has to run the application."""

from typing import Any, Final

from unisono.web.stream import FRAME_MOST

OPTIONS: Final[dict[str, Any]] = {
    "http": "httptools",
    # The sans-I/O protocol and no compression: three times the fan-out per CPU second, a third of the memory per window.
    "ws": "websockets-sansio",
    "ws_per_message_deflate": False,
    "ws_max_size": FRAME_MOST * 4,
    # The stream has pings of its own (web/sync.py), which a dead client does not answer either.
    "ws_ping_interval": None,
    "lifespan": "on",
    "log_config": None,
    "access_log": False,
    # Clients set their clocks by `Date`; nobody needs to know what serves them.
    "date_header": True,
    "server_header": False,
    "backlog": 2048,
    "timeout_keep_alive": 75,
}
"""Keyword arguments for `uvicorn.Config`."""
