"""How a run in a process of its own hears that it shall stop, and whether somebody wants that."""

import asyncio
import signal
import sys
from dataclasses import dataclass
from io import BufferedReader

STOP = b"stop\n"
"""What whoever gave the order says before they let go of a run that they no longer want."""


@dataclass(slots=True)
class Ending:
    """Why a run was cut short: `wanted`, or else because its process, or whoever gave the order, was ended from outside."""

    wanted: bool = False


def listen() -> Ending:
    """Cancel the present task when standard input ends, with or without a word, or when somebody ends this process."""
    me, loop, ending = asyncio.current_task(), asyncio.get_running_loop(), Ending()
    assert me is not None

    def heard() -> None:
        loop.remove_reader(0)
        assert isinstance(sys.stdin.buffer, BufferedReader)  # the word may wait there since the order was read
        ending.wanted = STOP in sys.stdin.buffer.read1()
        me.cancel()

    loop.add_signal_handler(signal.SIGTERM, me.cancel)
    loop.add_reader(0, heard)
    return ending
