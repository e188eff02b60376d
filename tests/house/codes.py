"""The codes of faults that the server's own source names, as the tests of this folder read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "unisono"
FAULTS = {"Fault", "NotFound", "Forbidden", "Conflict", "Invalid", "TooMany", "Unavailable", "NotSignedIn", "Stranger"}
FAULTS |= {"LinkFault", "Outdated"}
HELPERS = {"wrong": 1, "_of_peer": 0}
"""Functions that make a fault, and which argument is its code."""
NOT_ON_A_PAGE = (
    *("app/", "demo/", "cli.py", "connectors/replay.py"),
    *("kernel/settings.py", "numbers/command.py", "storage/by_alembic.py"),
)
"""What these say is read at a command line, in English."""
MADE = {
    "f'unknown-{what}'": ("unknown-person", "unknown-group", "unknown-line"),
    "f'{field_name}-invalid'": ("state-invalid", "until-invalid", "note-invalid"),
    "error.code": (),  # another fault's, told again
    "self.code": (),
    "run.code or run.state.value": (),
    "code": (),  # a helper's parameter
}
"""Codes that are put together, by the expression that does it."""


def _named(call: ast.Call) -> ast.expr | None:
    function = call.func
    name = function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    place = 0 if name in FAULTS else HELPERS.get(name, len(call.args))
    return call.args[place] if place < len(call.args) else None


def fault_codes() -> Iterator[tuple[str, str]]:
    """Code and place of every fault that somebody at a page may be told."""
    for path in sorted(SOURCE.rglob("*.py")):
        inside = path.relative_to(SOURCE).as_posix()
        if inside.startswith(NOT_ON_A_PAGE):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            code = _named(node) if isinstance(node, ast.Call) else None
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield code.value, f"{inside}:{code.lineno}"
            elif code is not None:
                for each in MADE.get(ast.unparse(code), (f"<{ast.unparse(code)}>",)):
                    yield each, f"{inside}:{code.lineno}"
