"""Logs of a run: JSON lines, one for each step, validation or unreadable window."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol


class LogSink(Protocol):
    """Receives the lines of a log."""

    def write(self, line: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


class LogWriter:
    """Appends lines to a file, each handed to the system before the next one begins."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.flush()
        # On the disk before the run counts as finished, even if the machine loses power.
        os.fsync(self._file.fileno())
        self._file.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a log, each of which has its `step`; none where there is no file.

    A process that is killed can leave half a line. From the first line that cannot be read on, all
    are left out.
    """
    if not path.is_file():
        return []
    lines: list[dict[str, Any]] = []
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            break
        if not isinstance(line, dict) or not isinstance(line.get("step"), int):
            break
        lines.append(line)
    return lines
