"""From dataclasses to XML and back: a field's name, type and place in the class are its element, content and order.

Classes are written in the order of the schema (ECMA-323 6th edition): that is the order in which elements are emitted; they
are read in any order, and unknown ones are skipped. A field is

    str, int, bool          an element with text                       monitor_cross_ref_id -> monitorCrossRefID
    an enumeration          the same; a word we do not know is as if the element were missing
    a dataclass             an element with its own children
    a class with `from_element` and `write`    which reads and writes itself
    tuple[T, ...]           with metadata `item`: a wrapper around items of that name; without: the element itself repeated
    frozenset[enumeration]  one child per member, "true" or, with metadata `present`, empty
    ... | None or with a default: optional, also when its content makes no sense; all others are required to read

Metadata: `name` (an element name that does not follow from the field's), `item`, `present` (an empty element stands for
true), `namespace` (of this element and its children).
"""

import re
import typing
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, dataclass_transform
from xml.etree.ElementTree import Element

from unisono.wire.csta.errors import CodecError
from unisono.wire.csta.xml import Output, escape, local

T = TypeVar("T")
Read = Callable[[Element], Any]
Write = Callable[[Output, str, Any], None]

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_UPPER = {"id": "ID", "dn": "DN", "nid": "NID"}


class _Nonsense(ValueError):
    """The content of an element does not fit its type."""


@dataclass(frozen=True, slots=True)
class _Child:
    attribute: str
    element: str
    read: Read
    write: Write
    repeated: bool
    absent: Any
    """What a missing element means; `MISSING`: it is required."""
    omit: Any
    """The content for which no element is written; `MISSING`: always written."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Declare a part of messages: a frozen, slotted dataclass."""
    return dataclass(frozen=True, slots=True)(cls)


def element_name(attribute: str) -> str:
    """The element a field stands for: monitor_cross_ref_id -> monitorCrossRefID."""
    first, *others = attribute.split("_")
    return first + "".join(_UPPER.get(word, word.capitalize()) for word in others)


def children(cls: type) -> tuple[str, ...]:
    """The elements of a class in the order in which they are emitted."""
    return tuple(child.element for child in _compile(cls)[0])


def read_struct(cls: type[T], element: Element) -> T:
    """An instance from an element; raises `CodecError` when something required is missing or makes no sense."""
    all_children, by_element = _compile(cls)
    values: dict[str, Any] = {}
    for part in element:
        child = by_element.get(local(part.tag))
        if child is None:
            continue
        try:
            content = child.read(part)
        except (_Nonsense, CodecError) as error:
            if child.absent is MISSING:
                raise CodecError(f"{cls.__name__}, {child.element}: {error}") from error
            continue
        if child.repeated:
            values.setdefault(child.attribute, []).append(content)
        else:
            values.setdefault(child.attribute, content)
    for child in all_children:
        if child.attribute not in values:
            values[child.attribute] = _absent(cls, child)
        elif child.repeated:
            values[child.attribute] = tuple(values[child.attribute])
    return cls(**values)


def _absent(cls: type, child: _Child) -> Any:
    if child.absent is MISSING:
        raise CodecError(f"{cls.__name__} lacks {child.element}.")
    return child.absent


def write_struct(out: Output, instance: Any) -> None:
    """Append the children of an instance, in the order of its fields; what equals its default is left out."""
    for child in _compile(type(instance))[0]:
        content = getattr(instance, child.attribute)
        if content is None or content == child.omit:
            continue
        if child.repeated:
            for one in content:
                child.write(out, child.element, one)
        else:
            child.write(out, child.element, content)


_compiled: dict[type, tuple[tuple[_Child, ...], dict[str, _Child]]] = {}


def _compile(cls: Any) -> tuple[tuple[_Child, ...], dict[str, _Child]]:
    if cls not in _compiled:
        hints = typing.get_type_hints(cls)
        found = tuple(_child(part, hints[part.name]) for part in fields(cls))
        _compiled[cls] = found, {child.element: child for child in found}
    return _compiled[cls]


def _child(part: Field[Any], hint: Any) -> _Child:
    inner, optional = _strip_none(hint)
    meta = part.metadata
    default: Any = part.default if part.default_factory is MISSING else part.default_factory()
    repeated = typing.get_origin(inner) is tuple and "item" not in meta
    absent = default
    if absent is MISSING:
        absent = None if optional else _EMPTY.get(typing.get_origin(inner), MISSING)
    read, write = _codec(typing.get_args(inner)[0] if repeated else inner, meta)
    if meta.get("namespace"):
        write = _in_namespace(write, meta["namespace"])
    return _Child(part.name, meta.get("name", element_name(part.name)), read, write, repeated, absent, default)


# A wrapper that a peer left out is taken for an empty one.
_EMPTY: dict[Any, Any] = {tuple: (), frozenset: frozenset()}


def _strip_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) in (typing.Union, UnionType):
        inner = [one for one in typing.get_args(hint) if one is not NoneType]
        if len(inner) != 1:
            raise TypeError(f"{hint} has no place in a message")
        return inner[0], True
    return hint, False


def _codec(kind: Any, meta: typing.Mapping[str, Any]) -> tuple[Read, Write]:
    origin = typing.get_origin(kind)
    if origin is tuple:
        return _list(typing.get_args(kind)[0], meta["item"])
    if origin is frozenset:
        return _flags(typing.get_args(kind)[0], bool(meta.get("present")))
    if kind is bool and meta.get("present"):
        return lambda element: True, _write_empty
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enumeration(kind)
    if hasattr(kind, "from_element"):
        return kind.from_element, lambda out, name, content: content.write(out, name)
    if isinstance(kind, type) and is_dataclass(kind):
        return lambda element: read_struct(kind, element), _write_nested
    raise TypeError(f"{kind} has no place in a message")


def _list(kind: Any, item: str) -> tuple[Read, Write]:
    read_item, write_item = _codec(kind, {})

    def read(element: Element) -> tuple[Any, ...]:
        return tuple(read_item(part) for part in element if local(part.tag) == item)

    def write(out: Output, name: str, content: tuple[Any, ...]) -> None:
        out.append(f"<{name}>")
        for one in content:
            write_item(out, item, one)
        out.append(f"</{name}>")

    return read, write


def _flags(kind: type[Enum], present: bool) -> tuple[Read, Write]:
    members = {member.value: member for member in kind}

    def read(element: Element) -> frozenset[Enum]:
        found = ((members.get(local(part.tag)), (part.text or "").strip()) for part in element)
        return frozenset(member for member, text in found if member is not None and text not in ("false", "0"))

    def write(out: Output, name: str, content: frozenset[Enum]) -> None:
        out.append(f"<{name}>")
        out += [
            f"<{member.value}/>" if present else f"<{member.value}>true</{member.value}>"
            for member in kind
            if member in content
        ]
        out.append(f"</{name}>")

    return read, write


def _enumeration(kind: type[Enum]) -> tuple[Read, Write]:
    members = {member.value: member for member in kind}

    def read(element: Element) -> Enum:
        word = (element.text or "").strip()
        if word not in members:
            raise _Nonsense(f"{word[:40]!r} is not known")
        return members[word]

    return read, lambda out, name, content: out.append(f"<{name}>{content.value}</{name}>")


def _read_int(element: Element) -> int:
    text = (element.text or "").strip()
    if not _INTEGER.fullmatch(text):
        raise _Nonsense(f"{text[:40]!r} is no number")
    return int(text)


def _read_bool(element: Element) -> bool:
    match (element.text or "").strip():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case other:
            raise _Nonsense(f"{other[:40]!r} is neither true nor false")


def _write_text(out: Output, name: str, content: str) -> None:
    out.append(f"<{name}>{escape(content)}</{name}>")


def _write_empty(out: Output, name: str, content: bool) -> None:
    if content:
        out.append(f"<{name}/>")


def _write_nested(out: Output, name: str, content: Any) -> None:
    out.append(f"<{name}>")
    write_struct(out, content)
    out.append(f"</{name}>")


def _in_namespace(write: Write, namespace: str) -> Write:
    def with_namespace(out: Output, name: str, content: Any) -> None:
        start = len(out)
        write(out, name, content)
        out[start] = out[start].replace(f"<{name}", f'<{name} xmlns="{namespace}"', 1)

    return with_namespace


_SIMPLE: dict[Any, tuple[Read, Write]] = {
    str: (lambda element: element.text or "", _write_text),
    int: (_read_int, lambda out, name, content: out.append(f"<{name}>{content}</{name}>")),
    bool: (_read_bool, lambda out, name, content: out.append(f"<{name}>{'true' if content else 'false'}</{name}>")),
}
