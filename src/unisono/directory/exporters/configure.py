"""Whether an export can be meant as it is configured. Pure but for looking at paths."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from unisono.directory.exporters.kinds import kind
from unisono.directory.exporters.model import Exporter
from unisono.directory.exporters.selection import Selection
from unisono.directory.replicators.stored_secrets import hidden, kept
from unisono.directory.runs.schedule import checked as checked_schedule
from unisono.kernel import text
from unisono.kernel.errors import Invalid
from unisono.kernel.settings import parse, secret_names

MOST_NAME = 60
KEPT = "exports"
"""The folder of exports that are only kept to be fetched, below that of the segments."""


def checked(wanted: Exporter, before: Exporter | None) -> Exporter:
    """The export as it is stored, with the secrets it had. Looks at no path: `target` does. Raises `Invalid`, says where."""
    name = text.name(wanted.name, MOST_NAME)
    if not name:
        message = f"Give the export a name of at most {MOST_NAME} characters."
        raise Invalid("export-name-missing", message, data={"field": "name"})
    found = kind(wanted.kind)
    wanted = replace(wanted, name=name, settings=settings_of(wanted, before))
    made = parse(wanted.settings, found.settings)
    for column in wanted.columns:
        found.named(column.name)
    selection = Selection(wanted, found.columns(wanted.settings))
    if found.writer is not None:
        found.writer(made, selection.names)
    checked_schedule(wanted.schedule)
    return wanted


def target(wanted: Exporter, exports: str) -> Path | None:
    """Where its file can be written in the operator's folder; None: it is only kept. Raises `Invalid`, says where."""
    if not wanted.file:
        return None
    if kind(wanted.kind).writer is None:
        raise Invalid("export-no-file", "An export of this kind makes no file.", data={"field": "file"})
    found = target_in(exports, wanted.file)
    check_folder(found)
    return found


def settings_of(wanted: Exporter, before: Exporter | None) -> dict[str, object]:
    """Its settings, where an empty secret means the stored one (`stored_secrets.py`). Raises `Invalid`."""
    found = kind(wanted.kind)
    stored = before.settings if before is not None and before.kind == wanted.kind else None
    return kept(wanted.settings, stored, secret_names(found.settings), ())


def leads_to(exports: str, file: str) -> Path:
    """The path of a file in a folder behind all links."""
    return (Path(exports) / file.replace("\0", "")).resolve()


def target_in(exports: str, file: str) -> Path:
    """Where in the operator's folder a file is. Raises `Invalid` if it is not in there."""
    if not exports:
        message = "Files can only be fetched here; to have them written, the operator sets a folder (directory.exports)."
        raise Invalid("no-export-folder", message, data={"field": "file"})
    folder, path = Path(exports).resolve(), leads_to(exports, file)
    relative = PurePosixPath(file)
    strange = relative.is_absolute() or ".." in relative.parts or relative.name.startswith(".") or "\0" in file
    if strange or file.endswith("/") or not path.is_relative_to(folder) or path == folder or path.is_dir():
        message = f"{file!r} is no name of a file in the folder of exports."
        raise Invalid("export-file-outside", message, data={"field": "file", "file": file})
    return path


def check_folder(target: Path) -> None:
    """Whether a file can be written there: no folder is made unasked, and only files are replaced. Raises `Invalid`."""
    if not target.parent.is_dir():
        message = f"There is no folder {target.parent}; make it, or choose another one."
        raise Invalid("export-folder-missing", message, data={"field": "file", "folder": str(target.parent)})
    if target.exists() and not target.is_file():
        message = f"{target} is a device, a pipe or a folder, and no file takes its place; choose another name."
        raise Invalid("export-no-file-there", message, data={"field": "file", "file": str(target)})


def target_of(exporter: Exporter, exports: str, folder: Path) -> Path:
    """Where an export's file is: in the operator's folder, else kept beside the segments. Raises `Invalid`."""
    if exporter.file:
        return target_in(exports, exporter.file)
    return folder / KEPT / f"{exporter.id}{kind(exporter.kind).suffix}"


def shown(exporter: Exporter) -> Exporter:
    """The same with empty secrets; without settings if its kind is not there, for nobody knows which are secret."""
    try:
        return replace(exporter, settings=hidden(exporter.settings, secret_names(kind(exporter.kind).settings)))
    except Invalid:
        return replace(exporter, settings={})
