"""Starts a process of our own, beside a server or a command: `python -m unisono.kernel.start MODULE [ARGUMENT]...`."""

import gc
import sys
from importlib import import_module


def command(module: str, *arguments: str) -> list[str]:
    """What to start, so that the `main` of a module runs, with these as its `sys.argv[1:]`."""
    return [sys.executable, "-m", __name__, module, *arguments]


def main() -> None:
    """What is loaded stays to the end: the collector does not look at it meanwhile, a tenth of the start, nor later."""
    gc.disable()
    del sys.argv[0]
    module = import_module(sys.argv[0])
    gc.freeze()
    gc.enable()
    module.main()


if __name__ == "__main__":
    main()
