"""The command line as people use it: what it prints, where faults go, exit codes."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.scripts.command import unisono

from unisono.app.folder import held

ROOT = Path(__file__).resolve().parents[2]
RECORDINGS = ROOT / "tests" / "recordings" / "asterisk"

LOADS = tuple(f"unisono.app.{name}" for name in ("accounts", "backup", "check", "demo", "number"))


def test_help_lists_every_command(tmp_path: Path) -> None:
    said = unisono("--help", home=tmp_path).stdout
    commands = ("serve", "demo", "check", "number", "replay", "backup", "restore", "user", "settings")
    for command in (*commands, "directory", "replicate"):
        assert command in said
    assert "--install-completion" in said


def test_one_number_for_people_and_for_programs(tmp_path: Path) -> None:
    shown = unisono("number", "explain", "--location", "demo:Udine", "--direction", "out", "--", "0432 100 103", home=tmp_path)
    assert "+390432100103" in shown.stdout
    arguments = ("number", "explain", "--location", "demo:muenchen", "--direction", "in", "--json", "--", "00432100101")
    told = json.loads(unisono(*arguments, home=tmp_path).stdout)
    assert {"supercanonical", "kind", "dialled", "stages"} <= told.keys()


def test_the_demo_says_what_to_type_as_it_was_called(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "openssl").symlink_to(shutil.which("openssl") or "openssl")
    environment = {**os.environ, "PATH": str(programs), "XDG_STATE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    environment |= {"UNISONO_LDAP__PORT": str(port := _free_port())}
    command = [sys.executable, "-m", "unisono", "demo", "--data", str(tmp_path / "demo"), "--port", "0", "--no-traffic"]
    said = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as demo:
        assert demo.stdout is not None
        try:
            for line in demo.stdout:
                said += line
                if "Stop: Ctrl+C" in line:
                    break
        finally:
            demo.terminate()
    assert f"{shlex.quote(sys.executable)} -m unisono demo do help" in said
    assert "__main__" not in said
    assert f"-H ldap://127.0.0.1:{port} -b" in said, "a port that is set is not the demo's to choose"


def test_many_numbers_as_json_lines(tmp_path: Path) -> None:
    lines = '{"number": "+44 1632 960123"}\nno json\n'
    lines += '{"number": "0432/100-101", "location": "demo:Udine", "direction": "stored"}\n'
    done = unisono("number", "explain", "--location", "IT", "--direction", "stored", home=tmp_path, stdin=lines)
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert first["supercanonical"] == "+441632960123"
    assert "error" in second
    assert second["line"] == 2
    assert third["supercanonical"] == "+390432100101"
    assert done.returncode == 0


def test_a_recording_tells_its_calls(tmp_path: Path) -> None:
    recording = RECORDINGS / "07-blind-transfer"
    told = json.loads(unisono("replay", "--connector", "asterisk", str(recording), "--json", home=tmp_path).stdout)
    truth = json.loads((recording / "truth.json").read_text())
    assert [call["result"] for call in told["calls"]] == [call["result"] for call in truth["calls"]]
    assert "transferred" in unisono("replay", str(recording), home=tmp_path).stdout


def test_commands_and_runs_load_no_server() -> None:
    """They start often: a server's web framework and its log cost half a second of a processor each time."""
    started = ("directory.replicators.worker", "directory.exporters.worker", "directory.ldap.worker")
    commands = ("app.sources", "app.exports", "app.demo_control", "app.accounts", "app.backup", "app.number")
    code = "".join(f"import unisono.{name}\n" for name in (*started, *commands[:3]))
    code += "import sys; rooms = {'unisono.calls.model', 'unisono.connectors.service', 'unisono.directory.service'}\n"
    code += "assert not rooms & sys.modules.keys(), 'what is about contacts needs no rooms of calls'\n"
    code += "".join(f"import unisono.{name}\n" for name in commands[3:])
    code += "from unisono.storage import Database; Database('sqlite+aiosqlite://')\n"
    code += "from unisono import cli\nwith cli._progress('') as told: told('', 0, 0)\n"  # nobody sees a bar
    code += "spared = {'litestar', 'uvicorn', 'alembic', 'structlog', 'rich', 'sqlalchemy.dialects.postgresql'}\n"
    code += "print(spared & sys.modules.keys())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, stderr=subprocess.STDOUT) == "set()\n"


def test_a_run_loads_the_kind_of_its_source_alone() -> None:
    code = "import sys, unisono.directory.replicators.worker as worker; worker.kind('csv');"
    code += "print({'ews', 'graph', 'ldap', 'rest', 'sql', 'xlsx_file'} & {name.rpartition('.')[2] for name in sys.modules"
    code += " if name.startswith('unisono.directory.replicators.')})"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("number", "explain", "--location", "Atlantis", "--", "1"), "Atlantis"),
        (("number", "explain", "--location", "Udine", "--", "101"), "has none. Or say a country (IT)"),
        (("number", "explain", "--location", "demo:Atlantis", "--", "1"), "there are: Udine, München"),
        (("number", "explain", "--location", "IT", "--direction", "up", "--", "1"), "direction"),
        (("demo", "call", "--from", "+441632960123", "--to", "101"), "unisono demo"),
        (("serve", "-s", "missing.toml"), "missing.toml"),
        (("user", "password", "nobody"), "unisono user add"),
    ],
)
def test_faults_are_one_line_that_says_what_to_do(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = unisono(*arguments, home=tmp_path)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert words in done.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('database = "nonsense"', "postgresql+asyncpg://user:password@host/name"),
        ('database = "mysql+aiomysql://u:SECRET@127.0.0.1/x"', "postgresql+asyncpg://user:password@host/name"),
        ('database = "postgresql://u:SECRET@127.0.0.1/x"', "postgresql+asyncpg://user:password@host/name"),
        ('database = "postgresql+asyncpg://u:SECRET@127.0.0.1:1/x"', "Connection refused. It is postgresql+asyncpg://u:***@127.0.0.1:1/x."),
        ('data = "/proc/nowhere"', "/proc/nowhere"),
        ('data = "DAMAGED"', "damaged"),
        ('[web]\ntls_port = 1\nport = 0\ncertificate = "/nowhere.pem"', "/nowhere.pem"),
    ],
)
def test_a_server_that_cannot_start_says_why_and_so_does_check(tmp_path: Path, settings: str, words: str) -> None:
    (tmp_path / "unisono.sqlite3").write_bytes(b"no database" * 1000)
    file = tmp_path / "unisono.toml"
    # Its own port: another test may have the usual one.
    port = "" if "[web]" in settings else f"\n[web]\nport = {_free_port()}\n"
    file.write_text("[server]\n" + settings.replace("DAMAGED", str(tmp_path)) + port)
    served = unisono("serve", "-s", str(file), home=tmp_path)
    checked = unisono("check", "-s", str(file), home=tmp_path)
    for said in (served.stderr, checked.stdout):
        assert words in said
        assert "Traceback" not in said
        assert "SECRET" not in said
    assert served.returncode == 1
    assert checked.stderr == ""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_a_data_folder_has_one_server(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "unisono.toml"
    file.write_text(f'[server]\ndata = "{data}"\n[web]\nport = 0\ntls_port = 1\n')
    archive = tmp_path / "backup.tar.gz"
    archive.touch()
    with held(data):
        for command in (("serve", "-s", file), ("restore", archive, "-s", file), ("demo", "--data", data)):
            done = unisono(*map(str, command), home=tmp_path)
            assert (done.returncode, done.stdout) == (1, "")
            assert f"Another Unisono is running on the data folder {data}" in done.stderr
    again = unisono("restore", str(archive), "-s", str(file), home=tmp_path)
    assert "Another Unisono" not in again.stderr


def test_check_knows_a_running_server_from_another_program_on_its_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file = tmp_path / "unisono.toml"
        file.write_text(f'[server]\ndata = "{tmp_path}"\n[web]\nport = {port}\n')
        checked = unisono("check", "-s", str(file), home=tmp_path)
    assert checked.returncode == 1
    assert f"ERROR    port {port}: Cannot listen" in checked.stdout


def test_an_open_door_without_tls_is_refused(tmp_path: Path) -> None:
    settings = tmp_path / "unisono.toml"
    settings.write_text('[web]\nhost = "0.0.0.0"\n')
    done = unisono("serve", "-s", str(settings), home=tmp_path)
    assert done.returncode == 1
    assert "in the clear" in done.stderr
    checked = unisono("check", "-s", str(settings), home=tmp_path)
    assert checked.returncode == 1
    assert "ERROR" in checked.stdout


def test_the_example_settings_are_valid(tmp_path: Path) -> None:
    settings = tmp_path / "unisono.toml"
    example = unisono("settings", home=tmp_path).stdout
    settings.write_text(example.replace("\n# ", "\n# "))
    assert unisono("check", "-s", str(settings), home=tmp_path).returncode == 0


def test_a_backup_onto_a_full_disk_leaves_nothing_and_what_is_made_is_private(tmp_path: Path) -> None:
    file, data = tmp_path / "unisono.toml", tmp_path / "data"
    data.mkdir(mode=0o755)
    file.write_text(f'[server]\ndata = "{data}"\n')
    unisono("user", "add", "anna", "Anna", "-s", str(file), home=tmp_path)
    assert (data / "unisono.sqlite3").stat().st_mode & 0o077 == 0
    archive = tmp_path / "backup.tar.gz"
    done = subprocess.run(
        ["prlimit", "--fsize=500", sys.executable, "-m", "unisono", "backup", str(archive), "-s", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.glob("backup*")) == []


def test_backup_and_restore_from_the_command_line(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(f'[server]\ndata = "{tmp_path / name}"\n')
    unisono("user", "add", "anna", "Anna", "--admin", "-s", str(tmp_path / "one.toml"), home=tmp_path)
    archive = str(tmp_path / "backup.tar.gz")
    made = unisono("backup", archive, "-s", str(tmp_path / "one.toml"), home=tmp_path)
    assert "rows" in made.stdout
    assert unisono("restore", archive, "-s", str(tmp_path / "two.toml"), home=tmp_path).returncode == 0
    again = unisono("user", "add", "ANNA", "Anna", "-s", str(tmp_path / "two.toml"), home=tmp_path)
    assert again.returncode == 1, "the restored server knows her"


def test_who_looks_at_the_wrong_folder_is_told_where_the_demo_is(tmp_path: Path) -> None:
    assert "UNISONO_SERVER__DATA" not in unisono("check", home=tmp_path).stdout
    demo = tmp_path / "unisono-demo"
    demo.mkdir()
    (demo / "unisono.sqlite3").touch()
    assert f"UNISONO_SERVER__DATA={demo} unisono check" in unisono("check", home=tmp_path).stdout


def test_the_script_says_its_options_before_it_sets_anything_up(tmp_path: Path) -> None:
    command = [str(ROOT / "script" / "server"), "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}).stdout
    known = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", unisono("demo", "--help", home=tmp_path).stdout))
    assert known == set(re.findall(r"--[a-z]+(?:-[a-z]+)*", said)) | {"--no-reset"}
