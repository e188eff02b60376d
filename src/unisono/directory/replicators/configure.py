"""Whether a replicator can be meant as it is configured, and what its change means. Pure but for looking at paths."""

from dataclasses import replace
from pathlib import Path

from unisono.directory.model import Field
from unisono.directory.replicators import expression, hooks
from unisono.directory.replicators.files import ReadsFiles
from unisono.directory.replicators.kinds import kind
from unisono.directory.replicators.mapping import Mapper
from unisono.directory.replicators.model import Replicator
from unisono.directory.replicators.stored_secrets import hidden, kept
from unisono.directory.runs.schedule import checked as checked_schedule
from unisono.directory.settings import DirectorySettings
from unisono.kernel import text
from unisono.kernel.errors import Invalid
from unisono.kernel.settings import parse, secret_names

MOST_NAME = 60
_SCHEMES = ("https:", "http:")


def checked(wanted: Replicator, before: Replicator | None, settings: DirectorySettings, uploads: Path) -> Replicator:
    """The replicator as it is stored, with the secrets it had. Raises `Invalid` and says where."""
    name = text.name(wanted.name, MOST_NAME)
    if not name:
        raise Invalid("name-missing", f"Give the source a name of at most {MOST_NAME} characters.", data={"field": "name"})
    full = settings_of(wanted, before, settings, uploads)
    Mapper(wanted.mapping, lambda raw, region: "")
    check_link(wanted.link)
    checked_schedule(wanted.schedule)
    hooks.check(wanted.options.before, settings.programs)
    hooks.check(wanted.options.after, settings.programs)
    known = before if before is not None and before.kind == wanted.kind else None
    return replace(
        wanted,
        name=name,
        settings=full,
        cursor=known.cursor if known is not None and known.settings == full else "",
        read_columns=known.read_columns if known is not None else (),
        full=known.full if known is not None else None,
        secret=before.secret if before is not None else "",
    )


def settings_of(
    wanted: Replicator, before: Replicator | None, settings: DirectorySettings, uploads: Path
) -> dict[str, object]:
    """The settings with the secrets they had, if they are right and name only what may be read. Raises `Invalid`."""
    full = with_kept_secrets(wanted, before)
    if before is None or before.settings != full:
        check_files(wanted.kind, full, settings.files, uploads)
    else:
        parse(full, kind(wanted.kind).settings)
    return full


def check_files(key: str, settings: dict[str, object], allowed: str, uploads: Path) -> None:
    """Whether a source reads only files that admins may let be read, as things are now. Raises `Invalid`."""
    parsed = parse(settings, kind(key).settings)
    if isinstance(parsed, ReadsFiles):
        for path in parsed.paths:
            check_path(path, allowed, uploads)


def with_kept_secrets(wanted: Replicator, before: Replicator | None) -> dict[str, object]:
    """The settings, where an empty secret means the stored one (`stored_secrets.py`)."""
    found = kind(wanted.kind)
    stored = before.settings if before is not None and before.kind == wanted.kind else None
    return kept(wanted.settings, stored, secret_names(found.settings), found.harmless)


def check_path(file: str, allowed: str, uploads: Path) -> None:
    """Whether an admin may let this file be read; `allowed`: folders with : between. Raises `Invalid`."""
    path = None if "\0" in file else Path(file).resolve()  # no file's name has a NUL
    folders = [uploads, *(Path(folder) for folder in allowed.split(":") if folder)]
    if path is None or not any(path.is_relative_to(folder.resolve()) for folder in folders):
        message = f"{file} is in no folder that may be read; upload it, or the operator allows its folder (directory.files)."
        raise Invalid("file-not-allowed", message, data={"field": "file", "file": file})


def check_link(link: str) -> None:
    """Whether a link's expression can be one. Raises `Invalid`."""
    if "\0" in link:
        raise Invalid("link-scheme", "A link has no NUL in it.", data={"field": Field.DIRECT_LINK.value})
    if link:
        parsed = expression.parse(link)
        first = parsed.parts[0]
        if isinstance(first, str) and not first.lower().startswith(_SCHEMES):
            raise Invalid("link-scheme", "A link begins with https:// or http://.", data={"field": Field.DIRECT_LINK.value})


def reads_otherwise(before: Replicator, after: Replicator) -> bool:
    """Whether other records come from the source now: a mark of before means nothing any more."""
    return (before.kind, before.settings) != (after.kind, after.settings)


def comes_out_otherwise(before: Replicator, after: Replicator) -> bool:
    """Whether the same records become other contacts now."""
    return (before.mapping, before.location_id, before.link) != (after.mapping, after.location_id, after.link)


def seen(replicator: Replicator, book: str) -> object:
    """What can be saved of it and the name of its book, without secrets and without what runs keep in it: for its tag."""
    return replace(replicator, settings=shown(replicator), secret="", cursor="", read_columns=(), full=None), book


def shown(replicator: Replicator) -> dict[str, object]:
    """Its settings with empty secrets; none of a kind that is not there, for nobody knows which are secret."""
    try:
        return hidden(replicator.settings, secret_names(kind(replicator.kind).settings))
    except Invalid:
        return {}
