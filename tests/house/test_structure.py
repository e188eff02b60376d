"""The shape of the house: order of imports, sizes, names, nothing that does not belong into the repository."""

import ast
import json
import re
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "unisono"

# Tables, which may only shrink.
LONG_FILES: dict[str, int] = {}

FUNCTION_MOST = 60
FUNCTION_P90 = 25
FILE_MOST = 600
FILE_P90 = 350


def tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in names.stdout.split("\0") if name and (ROOT / name).is_file()]


def p90(values: list[int]) -> float:
    return statistics.quantiles(values, n=10)[-1]


def functions() -> list[tuple[int, str]]:
    found = []
    for path in SOURCE.rglob("*.py"):
        if "versions" in path.parts:  # migrations are generated
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                found.append((node.end_lineno - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"))
    return found


def test_functions_keep_their_size() -> None:
    sizes = functions()
    too_long = [where for size, where in sizes if size > FUNCTION_MOST]
    assert not too_long
    assert p90([size for size, _ in sizes]) <= FUNCTION_P90


def test_files_keep_their_size() -> None:
    sizes = {str(p.relative_to(ROOT)): p.read_text().count("\n") for p in SOURCE.rglob("*.py")}
    too_long = {name: size for name, size in sizes.items() if size > LONG_FILES.get(name, FILE_MOST)}
    assert not too_long
    assert p90(list(sizes.values())) <= FILE_P90


def test_tests_and_benches_keep_the_size_of_files_too() -> None:
    sizes = {str(p.relative_to(ROOT)): p.read_text().count("\n") for p in tracked("tests/*.py", "bench/*.py", "script/*.py")}
    assert len(sizes) > 50
    assert {name: size for name, size in sizes.items() if size > FILE_MOST} == {}


def test_no_two_test_files_have_one_name() -> None:
    """pytest reads only the first of them when both are asked for."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


def test_kernel_stays_small_and_wordless() -> None:
    text = "".join(path.read_text() for path in (SOURCE / "kernel").glob("*.py"))
    assert text.count("\n") < 1000
    assert not re.search(r"\b(extension|voicemail|pbx|csta)\b", text.lower())


def test_imports_go_down_only() -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_only_a_room_imports_its_own_store() -> None:
    culprits = []
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0]
        pattern = r"from unisono\.(\w+)(?:\.\w+)*\.store import|from unisono\.(\w+) import store"
        for match in re.finditer(pattern, path.read_text()):
            owner = match[1] or match[2]
            if room not in (owner, "app.py", "app"):
                culprits.append(f"{path.relative_to(ROOT)} imports the store of {owner}")
    assert not culprits


def test_only_the_composition_root_imports_a_connector() -> None:
    culprits = [
        str(path.relative_to(ROOT))
        for path in SOURCE.rglob("*.py")
        if "connectors" not in path.relative_to(SOURCE).parts[:1]
        and path.relative_to(SOURCE).parts[0] not in ("app.py", "app", "cli", "cli.py")
        and re.search(r"unisono\.connectors\.(csta|asterisk)", path.read_text())
    ]
    assert not culprits


def test_pure_files_do_not_wait() -> None:
    waiting = re.compile(r"^\s*(import|from) (asyncio|socket|sqlalchemy|litestar|uvicorn|time)\b", re.MULTILINE)
    pure = [*SOURCE.glob("wire/**/*.py"), *SOURCE.glob("*/model.py"), SOURCE / "calls" / "step.py"]
    assert not [str(p.relative_to(ROOT)) for p in pure if p.exists() and waiting.search(p.read_text())]


def test_no_bare_tasks() -> None:
    bare = re.compile(r"asyncio\.(create_task|ensure_future)\(")
    assert not [str(p.relative_to(ROOT)) for p in SOURCE.rglob("*.py") if bare.search(p.read_text())]


def test_lock_files_hold_no_addresses() -> None:
    address = re.compile(r'"resolved": *"http|^--(extra-)?(index-url|find-links)|https?://', re.MULTILINE)
    for path in [*(ROOT / "requirements").glob("*.txt"), *(ROOT / "requirements").glob("*.in")]:
        assert not address.search(path.read_text()), path
    lock = ROOT / "client" / "package-lock.json"
    assert '"resolved"' not in lock.read_text()
    assert json.loads(lock.read_text())["lockfileVersion"] >= 3


def test_every_requirement_is_hashed_and_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    for name in ("run", "build", "test"):
        pinned = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert len(re.findall(r"^\S+==", pinned, re.MULTILINE)) <= pinned.count("--hash=sha256:")
        for package in (ROOT / "requirements" / f"{name}.in").read_text().split("\n"):
            if package and not package.startswith("-"):
                assert f"`{package}`" in reasons, f"{package} has no reason in docs/dependencies.md"
    for package in json.loads((ROOT / "client" / "package.json").read_text()).get("dependencies", {}):
        assert f"`{package}`" in reasons, f"{package} has no reason in docs/dependencies.md"


def test_repository_speaks_of_the_project_alone() -> None:
    registries = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb.debian" + ".org")
    words = [*registries, str(ROOT) + "/", "/work" + "/"]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked()
        for word in words
        if word.encode() in path.read_bytes()
    ]
    assert not found


def test_no_dead_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vulture", "src", "--min-confidence", "80"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["script/server", "script/test", ".ci/run"])
def test_commands_are_executable(name: str) -> None:
    assert (ROOT / name).stat().st_mode & 0o111


def test_documents_link_to_what_is_there() -> None:
    broken = [
        f"{path.relative_to(ROOT)} -> {target}"
        for path in tracked("*.md")
        for target in re.findall(r"\]\(([\w./-]+)", path.read_text())
        if not (path.parent / target).exists()
    ]
    assert not broken


def test_features_name_proofs_that_are_there() -> None:
    named = re.findall(r"`((?:tests|bench|client)/[^`*]*)`", (ROOT / "docs" / "features.md").read_text())
    assert len(named) > 30
    assert not [name for name in named if not (ROOT / name).exists()]
