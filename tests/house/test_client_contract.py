"""The client's types say what the server says: every interface of types.ts against the server's own shapes, field by field."""

import importlib
import pkgutil
import re
from pathlib import Path

import msgspec
import pytest

import unisono.app.serve  # noqa: F401  imports every room with routes

ROOT = Path(__file__).resolve().parents[2]
API = ROOT / "client" / "src" / "core" / "api"

# The client's name for a shape of the server's, where they differ; None: the client's own, not on the wire.
NAMES: dict[str, str | None] = {
    "Address": "AddressView",
    "Contact": "ContactView",
    "Hit": "HitView",
    "JournalEntry": "EntryView",
    "BadRow": "Problem",
    "Job": "JobView",
    "AdminLocation": None,  # numbers.convert writes it, field by field of `Location`
    "JsonSchema": None,
}


def server_shapes() -> dict[str, list[set[str]]]:
    """Field names on the wire of every struct in api, shapes and view modules, by name (a name may stand in two rooms)."""
    import unisono

    found: dict[str, list[set[str]]] = {}
    for module in pkgutil.walk_packages(unisono.__path__, "unisono."):
        if not re.search(r"\.(\w*api|\w*shapes|\w*view|display)$", module.name):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct):
                found.setdefault(value.__name__, []).append(set(value.__struct_encode_fields__))
    return found


def client_shapes() -> dict[str, set[str]]:
    """Fields that every exported interface and object type relies on (not the optional ones), top level only."""
    text = "\n".join((API / name).read_text() for name in ("types.ts", "admin-types.ts"))
    source = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
    found = {}
    for match in re.finditer(r"export (?:interface (\w+)(?:<\w+>)?|type (\w+)(?:<\w+>)? =) \{", source):
        depth, position, level = 1, match.end(), []
        while depth:
            character = source[position]
            depth += (character in "{[(") - (character in "}])")
            level.append(character if depth == 1 else " ")
            position += 1
        fields = re.findall(r"(?:^|[;,{\n])\s*(\w+)(\??):", "".join(level))
        found[match[1] or match[2]] = {name for name, mark in fields if not mark}
    return found


SERVER, CLIENT = server_shapes(), client_shapes()


def test_both_sides_are_read() -> None:
    assert len(CLIENT) > 25
    assert {"LineCall", "PartyView", "Presence", "Person", "Me"} <= SERVER.keys() & CLIENT.keys()


@pytest.mark.parametrize("name", sorted(name for name in CLIENT if NAMES.get(name, name)))
def test_fields_agree(name: str) -> None:
    shapes = SERVER.get(NAMES.get(name) or name)
    assert shapes, f"the server has no shape {name}: name it in NAMES"
    missing = [CLIENT[name] - fields for fields in shapes]
    assert set() in missing, f"{name}: the server does not send {missing}"
