"""Logs of a run: JSON lines, one for each step, validation or unreadable window."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol


class LogSink(Protocol):
    """Where lines of the log go."""

    def write(self, line: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


class LogWriter:
    """Appends JSON lines, each on disk before the next begins."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """JSON lines of a log, each with its step; from the first that was cut off or damaged on they are left out."""
    lines: list[dict[str, Any]] = []
    if path.is_file():
        for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                break
            if not isinstance(line, dict) or not isinstance(line.get("step"), int):
                break
            lines.append(line)
    return lines
