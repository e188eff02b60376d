"""Secrets that do not print."""

import secrets as _secrets


class Secret:
    """A password or key: `reveal()` is the only way to its text, so it reaches no log by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself; call it where it leaves for the peer, nowhere else."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and _secrets.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(***)" if self._text else "Secret()"


def no_secret() -> Secret:
    """The empty secret, as a default in a declaration of settings (JSON Schema cannot hold a `Secret` value)."""
    return Secret("")


# Without 0/O, 1/l/I: people read these from a terminal.
_READABLE = "abcdefghijkmnpqrstuvwxyz23456789"


def new_password(length: int = 14) -> str:
    """A random password that can be read aloud; 14 characters hold 70 bits."""
    return "".join(_secrets.choice(_READABLE) for _ in range(length))


def new_token() -> str:
    """A random token of 256 bits, URL-safe."""
    return _secrets.token_urlsafe(32)
