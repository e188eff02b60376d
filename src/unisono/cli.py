"""The command line: every command says what it needs, and every failure what to do."""

import asyncio
import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from unisono import __version__
from unisono.kernel.errors import Fault, NotFound

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Unisono: unified communications and CTI.",
)
number = typer.Typer(no_args_is_help=True, help="The number engine: what a number becomes, and why.")
demo = typer.Typer(help="A demo firm with a demo PBX; sub-commands steer the running one.")
directory = typer.Typer(no_args_is_help=True, help="The directory: contacts out of files and into files.")
user = typer.Typer(no_args_is_help=True, help="People's accounts, for when nobody can sign in.")
app.add_typer(number, name="number")
app.add_typer(demo, name="demo")
app.add_typer(directory, name="directory")
app.add_typer(user, name="user")

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", "-s", envvar="UNISONO_SETTINGS", help="Settings file (TOML).", dir_okay=False)
]

_COLLECTED_AFTER = 50_000
"""Objects: what a command loads stays to its end, and looking for cycles there again and again costs a tenth of its start."""


def main() -> None:
    """Entry point of the `unisono` program: faults become one line on standard error and exit code 1."""
    gc.set_threshold(_COLLECTED_AFTER)
    os.umask(0o077)  # databases and archives hold passwords of PBX connections: whatever is made here is its owner's alone
    try:
        app()
    except Fault as fault:
        print(f"unisono: {fault.in_full()}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from fault


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"unisono {__version__}")
        raise typer.Exit


@app.callback()
def _options(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False) -> None:
    pass


def _settings(path: Path | None) -> Any:
    from unisono.app.settings import Settings
    from unisono.kernel.settings import load

    return load(path, Settings)


@app.command()
def serve(settings: SettingsFile = None) -> None:
    """Run the server until it is told to stop."""
    from unisono.app.serve import serve as run

    run(_settings(settings))


@demo.callback(invoke_without_command=True)
def demo_serve(
    context: typer.Context,
    settings: SettingsFile = None,
    port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one; left out, the one that is set.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder of the demo.", file_okay=False)] = None,
    traffic: Annotated[bool, typer.Option(help="Calls happen by themselves.")] = True,
    reset: Annotated[bool, typer.Option(help="Begin with a new demo firm.")] = False,
) -> None:
    """Run a demo firm on loopback: server, PBX and traffic."""
    if context.invoked_subcommand is None:
        from unisono.app.demo import serve_demo

        serve_demo(_settings(settings), data, port=port, traffic=traffic, reset=reset)
    else:
        context.obj = data


DemoData = Annotated[Path | None, typer.Option("--data", help="Data folder of the running demo.", file_okay=False)]


@demo.command("call")
def demo_call(
    context: typer.Context,
    caller: Annotated[str, typer.Option("--from", help="Who calls, e.g. +441632960123.")],
    to: Annotated[str, typer.Option("--to", help="Which extension rings, e.g. 101.")],
    name: Annotated[str, typer.Option(help="Name the network sends along.")] = "",
    answer_after: Annotated[float | None, typer.Option(help="Seconds until the phone answers by itself.")] = None,
    talk: Annotated[float | None, typer.Option(help="Seconds until the caller hangs up after the answer.")] = None,
    data: DemoData = None,
) -> None:
    """Let somebody call the demo firm."""
    from unisono.app.demo_control import control

    arguments = {"from": caller, "to": to, "name": name, "answer_after": answer_after, "talk": talk}
    typer.echo(json.dumps(asyncio.run(control(data or context.obj, "call", arguments))))


@demo.command("do")
def demo_do(
    context: typer.Context,
    command: Annotated[str, typer.Argument(help="E.g. answer, hang-up, press, dnd, forward, fault; `help` lists them.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="name=value ...")] = None,
    data: DemoData = None,
) -> None:
    """Steer the demo PBX: press keys at a phone, or break something on purpose."""
    from unisono.app.demo_control import control

    pairs = dict(argument.split("=", 1) for argument in arguments or [] if "=" in argument)
    answer = asyncio.run(control(data or context.obj, command, pairs))
    if command != "help":
        typer.echo(json.dumps(answer))
        return
    for name, told in answer.items():
        typer.echo(" ".join([name, *(f"{argument}=..." for argument in told["arguments"])]))
        typer.echo(f"    {' '.join(told['about'].split())}")


@app.command()
def check(
    settings: SettingsFile = None, as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False
) -> None:
    """Test configuration, database, ports and PBX connections, and say what to do."""
    from unisono.app.check import Level
    from unisono.app.check import check as look

    marks = {Level.OK: "ok     ", Level.WARNING: "warning", Level.ERROR: "ERROR  "}

    async def run() -> bool:
        good = True
        async for finding in look(_settings(settings)):
            good = good and finding.level is not Level.ERROR
            if as_json:
                fields = {name: getattr(finding, name) for name in ("what", "level", "message", "remedy")}
                typer.echo(json.dumps(fields))
            else:
                typer.echo(f"{marks[finding.level]}  {finding.what}: {finding.message}")
                if finding.remedy:
                    typer.echo(f"         -> {finding.remedy}")
        return good

    if not asyncio.run(run()):
        raise typer.Exit(1)


@number.command("explain")
def number_explain(
    numbers: Annotated[list[str] | None, typer.Argument(help="The number; none or -: JSON lines from standard input.")] = None,
    location: Annotated[str, typer.Option(help="Location: its id or name, a file, a country such as IT, or demo:Udine.")] = "",
    direction: Annotated[str, typer.Option(help="in, out or stored.")] = "in",
    origin: Annotated[str, typer.Option(help="person or pbx.")] = "",
    role: Annotated[str, typer.Option(help="caller, called, connected, redirecting, forwarding or line.")] = "",
    at: Annotated[str, typer.Option(help="When it is dialled (ISO 8601), for least-cost routing.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Show what a number becomes: super-canonical form, kind, what is dialled, every stage and the rule that hit."""
    from unisono.app.number import explain_bulk, explain_one

    if not numbers or numbers == ["-"]:
        for line in explain_bulk(_settings(settings), sys.stdin, location, direction, origin, role):
            typer.echo(line)
        return
    for raw in numbers:
        typer.echo(explain_one(_settings(settings), raw, location, direction, origin, role, at, as_json=as_json))


@app.command()
def replay(
    directory: Annotated[Path, typer.Argument(help="A recording: ami.txt and ami.times.jsonl.", exists=True, file_okay=False)],
    connector: Annotated[str, typer.Option(help="Which connector made it.")] = "asterisk",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """Run a recording of a PBX through the connector and the call model, and print the calls it tells of."""
    from unisono.connectors.replay import replay_directory

    result = replay_directory(directory, connector)
    if as_json:
        typer.echo(json.dumps(result, indent=1, ensure_ascii=False))
        return
    for call in result["calls"]:
        legs = ", ".join(f"{leg['ext']} {leg['outcome']}" for leg in call["legs"])
        typer.echo(f"{call['direction']}: {call['caller']['number']} -> {call['dialed']}: {call['result']} ({legs})")


@contextmanager
def _progress(title: str) -> Iterator[Any]:
    """A progress bar on standard error, where somebody sees it, that takes (table, rows, total)."""
    if not sys.stderr.isatty():
        yield lambda name, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(f"{title} {name}", total=total or 1)
            bars.update(tasks[name], completed=done if total else 1)

        yield show


@contextmanager
def _rows(title: str = "Reading") -> Iterator[Any]:
    """A progress bar on standard error that takes a run's counts."""
    with _progress(title) as show:
        yield lambda counts: show("rows", counts.rows, counts.total)


@contextmanager
def _reported(as_json: bool) -> Iterator[None]:
    """A fault as JSON for scripts; what is called by a name that is not there ends as wrong usage does."""
    try:
        yield
    except Fault as fault:
        if as_json:
            typer.echo(json.dumps({"state": "failed", "code": fault.code, "message": fault.in_full()}, indent=1))
        else:
            typer.echo(f"unisono: {fault.in_full()}", err=True)
        raise typer.Exit(2 if isinstance(fault, NotFound) else 1) from fault


def _tell(outcome: Any, *, as_json: bool) -> None:
    """Say how a run went, and end as it did."""
    if as_json:
        typer.echo(json.dumps(outcome.to_json(), ensure_ascii=False, indent=1))
    else:
        for line in outcome.lines():
            typer.echo(line)
    raise typer.Exit(int(outcome.code))


AsJson = Annotated[bool, typer.Option("--json", help="A report in JSON instead of text.")]


@directory.command("import")
def directory_import(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines, LDIF ...", exists=True, dir_okay=False, resolve_path=True)],
    book: Annotated[str, typer.Option(help="Name of the book; what it held is replaced.")],
    location: Annotated[str, typer.Option(help="Location (id or name) whose way of writing the numbers have.")] = "",
    encoding: Annotated[str, typer.Option(help="How the letters of a CSV file are coded, as cp850; else found out.")] = "",
    agreed: Annotated[bool, typer.Option("--yes", help="Do not ask, however much it takes away.")] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> None:
    """Read a file of contacts into a book: columns are known by their names. The server may be running.

    Ends with 0 if all went well, 4 if some rows were not taken, 3 if it asks before it takes much away, 1 if it failed,
    2 if it was called wrongly.
    """
    from unisono.app.sources import import_file

    with _reported(as_json), _rows() as told:
        work = import_file(_settings(settings), file, book, location, told, agreed=agreed, encoding=encoding)
        outcome = asyncio.run(work)
    _tell(outcome, as_json=as_json)


@directory.command("export")
def directory_export(
    name: Annotated[str, typer.Argument(help="Name of an export; with --file also that of a book.")],
    file: Annotated[
        Path | None, typer.Option(help="Write this file, and not where the export does.", dir_okay=False, resolve_path=True)
    ] = None,
    kind: Annotated[str, typer.Option("--format", help="csv, xml, json, vcard or ldif; else by the file's name.")] = "",
    values: Annotated[list[str] | None, typer.Option("--set", help="A setting of the format: guard=false, base=dc=x.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what is different, and change nothing.")] = False,
    agreed: Annotated[bool, typer.Option("--yes", help="Do not ask, however much it takes away.")] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> None:
    """Run an export, or write a book into a file. The server may be running.

    Ends with 0 if all went well, 4 if some contacts could not be written, 3 if it asks before it takes much away, 1 if it
    failed, 2 if it was called wrongly.
    """
    from unisono.app.exports import Wanted
    from unisono.app.exports import export as run

    pairs = dict(value.split("=", 1) for value in values or [] if "=" in value)
    wanted = Wanted(name, file, kind, pairs, dry=dry_run, agreed=agreed)
    with _reported(as_json), _rows("Writing") as told:
        outcome = asyncio.run(run(_settings(settings), wanted, told))
    _tell(outcome, as_json=as_json)


@app.command()
def replicate(
    name: Annotated[str, typer.Argument(help="Name of a source, or the path of a vendor's .repxml with that name.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would change, and change nothing.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Read everything, not only what changed.")] = False,
    agreed: Annotated[bool, typer.Option("--yes", help="Do not ask, however much it takes away.")] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> None:
    """Read a source now. The server may be running.

    Ends with 0 if all went well, 4 if some rows were not taken, 3 if it asks before it takes much away (or would ask,
    in a dry run), 1 if it failed, 2 if it was called wrongly.
    """
    from unisono.app.sources import replicate as run
    from unisono.directory.runs.model import Mode

    mode = Mode.DRY if dry_run else Mode.FULL if full else None
    with _reported(as_json), _rows() as told:
        outcome = asyncio.run(run(_settings(settings), name, mode, told, agreed=agreed))
    _tell(outcome, as_json=as_json)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The archive to write, e.g. unisono-2026-11-23.tar.gz.", dir_okay=False)],
    settings: SettingsFile = None,
) -> None:
    """Make one archive of everything; the server may be running."""
    from unisono.app.backup import backup as run
    from unisono.storage import Database

    async def go() -> str:
        database = Database(_settings(settings).server.database_url())
        try:
            with _progress("Reading") as show:
                manifest = await run(database, target, settings, show)
        finally:
            await database.close()
        return f"{target}: {sum(rows for rows, _ in manifest.tables.values())} rows of {len(manifest.tables)} tables."

    typer.echo(asyncio.run(go()))


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="An archive made by `unisono backup`.", exists=True, dir_okay=False)],
    settings: SettingsFile = None,
) -> None:
    """Bring a backup back into a new, empty server; start it afterwards."""
    from unisono.app.backup import restore as run
    from unisono.app.folder import held
    from unisono.storage import Database

    chosen = _settings(settings)

    async def go() -> str:
        database = Database(chosen.server.database_url())
        try:
            with _progress("Writing") as show:
                manifest = await run(database, source, show)
        finally:
            await database.close()
        return f"Restored what was saved on {manifest.made} by Unisono {manifest.version}."

    with held(chosen.server.folder()):
        typer.echo(asyncio.run(go()))


@user.command("password")
def user_password(login: str, settings: SettingsFile = None) -> None:
    """Give a person a new random password and print it; a running server knows within seconds."""
    from unisono.app.accounts import reset_password

    typer.echo(asyncio.run(reset_password(_settings(settings), login)))


@user.command("add")
def user_add(
    login: str,
    name: str,
    admin: Annotated[bool, typer.Option(help="May administer the server.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Make an account with a random password and print it; a running server knows within seconds."""
    from unisono.app.accounts import add_account

    typer.echo(asyncio.run(add_account(_settings(settings), login, name, admin=admin)))


@app.command("settings")
def settings_example() -> None:
    """Print a settings file with every key, its meaning and its default."""
    from unisono.app.settings import Settings
    from unisono.kernel.settings import example

    typer.echo(example(Settings))


@app.command(hidden=True)
def migration(message: str) -> None:
    """For developers: write what changed in the tables as a new migration."""
    from unisono.app.migration import new_migration

    asyncio.run(new_migration(message))
