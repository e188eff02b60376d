"""Peers and tools that several tests need."""

import gc
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tests.rooms.shape import make_tables
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from unisono.storage import Database

# How long one example takes says more about the machine's other work than about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

TOGETHER = ("active_directory",)
"""Parts of names of files that share a peer which is costly to make."""


BROWSER = "tests/e2e/"
LONG_FIRST = ("tests/flows/", "tests/scripts/", *TOGETHER, "tests/peers/", "tests/rooms/")
"""Folders whose files take long; what follows them is short and fills the end, so that no process waits long for another."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Each file runs in one process, so that what it shares is made once.

    One process takes the files with a browser, which with its demo costs half a minute to start and is busy all the time. The
    others meanwhile take those that mostly wait for processes they start; they help with browsers when nothing else is left.
    (pytest-xdist 3.8 loses its own `xdist_group` on pytest 9.2.)
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # it goes by how many tests a file has
        self._with_browser: WorkerController | None = None

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return next((part for part in TOGETHER if part in file), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self._with_browser not in self.nodes:
            self._with_browser = node
        wanted = node is self._with_browser
        following = min(self.workqueue, key=lambda scope: (scope.startswith(BROWSER) is not wanted, _place(scope)))
        self.workqueue.move_to_end(following, last=False)
        super()._assign_work_unit(node)


def _place(scope: str) -> int:
    return next((place for place, folder in enumerate(LONG_FIRST) if scope.startswith(folder)), len(LONG_FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays to the end: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


def _as_postgres(*command: str) -> list[str]:
    # PostgreSQL refuses to run as root.
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[str]:
    """A PostgreSQL of our own that listens on a Unix socket only; gives the socket's folder."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip("PostgreSQL is not installed; script/test installs it")
    # Not pytest's own folder: another run may clear that away, and its path can be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    tools, data = found[-1], folder / "data"
    subprocess.run(
        _as_postgres(str(tools / "initdb"), "-D", str(data), "-A", "trust", "-U", "unisono", "--no-sync", "-E", "UTF8"),
        check=True,
        capture_output=True,
        cwd="/",
    )
    control = [str(tools / "pg_ctl"), "-D", str(data), "-w", "-s", "-l", str(folder / "log")]
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run(_as_postgres(*control, "-o", options, "start"), check=True, capture_output=True, cwd="/")
    yield str(folder)
    subprocess.run(_as_postgres(*control, "-m", "immediate", "stop"), check=True, capture_output=True, cwd="/")
    shutil.rmtree(folder)


@pytest.fixture
async def postgres(postgres_socket: str, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """An empty PostgreSQL database, dropped afterwards."""
    import asyncpg

    name = f"t{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**9}"
    admin = await asyncpg.connect(host=postgres_socket, user="unisono", database="postgres")
    await admin.execute(f"CREATE DATABASE {name}")
    database = Database(f"postgresql+asyncpg://unisono@/{name}?host={postgres_socket}")
    yield database
    await database.close()
    await admin.execute(f"DROP DATABASE {name}")
    await admin.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database in a file."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'unisono.sqlite3'}")
    yield database
    await database.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """SQLite; where a test or its file is marked `both_databases`, one after the other."""
    found: Database = request.getfixturevalue(getattr(request, "param", "sqlite"))
    return found


@pytest.fixture
async def tables(database: Database) -> None:
    """Every table, made at once."""
    await make_tables(database)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases"):
        both = ("sqlite", pytest.param("postgres", marks=pytest.mark.peer))
        metafunc.parametrize("database", both, indirect=True)
