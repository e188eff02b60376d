"""Settings: declared once, typed, bounded, documented; from the declaration come the example file and the checks.

A room declares a `msgspec.Struct` with `forbid_unknown_fields=True` whose fields are `Annotated[type, Meta(...)]`. `load`
reads TOML; an unknown key or a bad value is an `Invalid` fault that names file, key and remedy.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from unisono.kernel.errors import Culprit, Invalid
from unisono.kernel.misfit import misfit
from unisono.kernel.secrets import Secret

T = TypeVar("T")


def load(path: Path | None, kind: type[T], *, environ: dict[str, str] | None = None) -> T:
    """Read `path` (TOML; none: all defaults) into `kind`; `UNISONO_SECTION__KEY` variables win over the file."""
    data: dict[str, object] = {}
    if path is not None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise Invalid(
                "settings-unreadable", f"Cannot read {path}: {error.strerror}. Check the path and its permissions."
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise Invalid("settings-syntax", f"{path} is not valid TOML: {error}.") from error
    _overlay(data, dict(os.environ) if environ is None else environ)
    try:
        return msgspec.convert(data, kind, strict=False)
    except msgspec.ValidationError as error:
        where = path or "the environment"
        raise Invalid(
            "settings-invalid",
            f"{where}: {error}. See the example file of `unisono settings`.",
            culprit=Culprit.USER,
        ) from error


def _overlay(data: dict[str, object], environ: dict[str, str]) -> None:
    for name, value in environ.items():
        if not name.startswith("UNISONO_") or "__" not in name:
            continue
        *sections, key = name.removeprefix("UNISONO_").lower().split("__")
        here = data
        for section in sections:
            inner = here.setdefault(section, {})
            if not isinstance(inner, dict):
                raise Invalid("settings-invalid", f"{name}: {section} is not a section.")
            here = inner
        here[key] = value


def parse(raw: Mapping[str, object], kind: type[T]) -> T:
    """Settings as stored or entered (plain JSON values) as their declaration; `Invalid` names the field."""
    try:
        return msgspec.convert(dict(raw), kind, strict=False, dec_hook=_secret)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("`$.")[2].rstrip("`") if "`$." in str(error) else ""
        data = {"field": field, **misfit(str(error))}
        raise Invalid("settings-invalid", f"The settings are wrong: {error}.", data=data) from error


def schema(kind: type) -> dict[str, Any]:
    """A declaration as JSON Schema, for a form and the guide; secrets have `format: password`."""
    return msgspec.json.schema(kind, schema_hook=_secret_schema)


def secret_names(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The names of settings that must never be shown."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(kind) if _is_secret(field.type))


def _is_secret(kind: object) -> bool:
    return Secret in (kind, getattr(kind, "__origin__", None))


def _secret(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    if kind is Secret and isinstance(value, Secret):
        return value
    raise NotImplementedError(kind)


def _secret_schema(kind: type) -> dict[str, Any]:
    if kind is Secret:
        return {"type": "string", "format": "password", "writeOnly": True}
    raise NotImplementedError(kind)


def example(kind: type) -> str:
    """The example TOML file of a settings declaration: every key with its meaning and default, commented out."""
    lines: list[str] = []
    info = msgspec.inspect.type_info(kind)
    if not isinstance(info, msgspec.inspect.StructType):
        raise TypeError(f"{kind!r} is not a settings declaration")
    for section in info.fields:
        inner = section.type
        if not isinstance(inner, msgspec.inspect.StructType):
            continue
        lines += [f"[{section.encode_name}]"]
        lines += [line for field in inner.fields for line in _field(field)]
        lines += [""]
    return "\n".join(lines)


def _field(field: msgspec.inspect.Field) -> list[str]:
    kind = field.type
    about = ""
    if isinstance(kind, msgspec.inspect.Metadata):
        about = str((kind.extra_json_schema or {}).get("description", ""))
    default = field.default if field.default is not msgspec.NODEFAULT else ""
    text = str(default).lower() if isinstance(default, bool) else repr(default).replace("'", '"')
    text = "" if default is None else text
    return ([f"# {about}"] if about else []) + [f"# {field.encode_name} = {text}"]
