"""What a room writes into the log: an event in words, and facts as keys and values."""

from typing import Any


class Log:
    """Lines under a name. The library comes with the first one: a command or a run mostly writes none, and starts sooner."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: Any = None

    def info(self, event: str, **facts: object) -> None:
        """What is good to know."""
        self._write().info(event, **facts)

    def warning(self, event: str, **facts: object) -> None:
        """What somebody should look at."""
        self._write().warning(event, **facts)

    def error(self, event: str, **facts: object) -> None:
        """What does not work."""
        self._write().error(event, **facts)

    def exception(self, event: str, **facts: object) -> None:
        """The same, with the exception that is being handled."""
        self._write().exception(event, **facts)

    def _write(self) -> Any:
        if self._lines is None:
            import structlog

            self._lines = structlog.get_logger(self._name)
        return self._lines
