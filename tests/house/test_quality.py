"""Every connector folder says of every rule of the scale whether it fulfils it: done, or exempt with a reason."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "src" / "unisono" / "connectors").glob("*/__init__.py"))
SCALE = {
    "bronze": {
        "recordings", "translate-is-pure", "settings-are-documented", "link-states-have-a-remedy", "codec-is-fuzzed",
    },
    "silver": {
        "snapshot-on-connect", "reconnect-with-back-off", "half-open-is-noticed", "translator-is-fuzzed",
        "secrets-are-masked", "bounded-memory", "refusals-are-learned",
    },
    "gold": {"all-services", "tested-with-a-real-peer", "first-party-control"},
}  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_rule_is_done_or_exempt_with_a_reason(folder: Path) -> None:
    said = tomllib.loads((folder / "quality.toml").read_text())
    assert {level: set(rules) for level, rules in said.items()} == SCALE
    for level, rules in said.items():
        for rule, state in rules.items():
            assert set(state) <= {"state", "where", "reason"}, (level, rule)
            assert state["state"] in ("done", "exempt"), (level, rule)
            assert ("reason" in state) == (state["state"] == "exempt"), f"{rule}: exempt needs a reason, done has none"
            assert len(state.get("reason", "a reason is a sentence.")) >= 20, (level, rule)
            assert (ROOT / state.get("where", ".")).exists(), f"{rule}: {state.get('where')} is not there"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_connector_folder_is_whole(folder: Path) -> None:
    for name in ("README.md", "settings.py", "translate.py", "connector.py"):
        assert (folder / name).exists(), f"{folder.name} has no {name}"
