"""Processes of our own."""

import os
import subprocess
from pathlib import Path

from unisono.kernel.start import command

SAYS = """
import gc, sys
here = [[] for _ in range(5_000)]
while_loaded = gc.isenabled()
def main():
    print(while_loaded, gc.isenabled(), gc.get_freeze_count() > 5_000, *sys.argv)
"""


def test_the_collector_leaves_alone_what_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "says.py").write_text(SAYS)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    said = subprocess.check_output(command("says", "one", "two"), text=True, env=environment)
    assert said == "False True True says one two\n"
