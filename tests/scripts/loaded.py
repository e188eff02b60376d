"""The command line, loaded once: each order is done in a fork, as if a process had been started for it.

usage: loaded.py SOCKET MODULE...
An order is JSON, and comes with standard input, output and error; the answer is how it ended.
"""

import gc
import json
import os
import socket
import sys
from importlib import import_module

from unisono.cli import main


def obey(orders: socket.socket) -> None:
    """Do what is ordered, one after the other, until nobody orders any more."""
    while True:
        message, files, _, _ = socket.recv_fds(orders, 1 << 20, 3)
        if not message:
            return
        pid = os.fork()
        if not pid:
            for number, file in enumerate(files):
                os.dup2(file, number)
                os.close(file)
            orders.close()
            order = json.loads(message)
            os.environ.clear()
            os.environ.update(order["environment"])
            sys.argv[1:] = order["arguments"]
            main()
            return
        for file in files:
            os.close(file)
        _, status = os.waitpid(pid, 0)
        orders.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    _, number, *modules = sys.argv
    for module in modules:
        import_module(module)
    gc.freeze()  # a fork need not go through all of it as it ends
    obey(socket.socket(fileno=int(number)))
