"""Progress on stderr: a live bar on a terminal, else a plain line now and then."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_SECONDS_BETWEEN_LINES = 10.0


class Meter:
    """Counts up to a total, with a few words beside."""

    def __init__(self, name: str, unit: str) -> None:
        self.name, self.unit = name, unit
        self._console = Console(stderr=True)
        self._bar: Progress | None = None
        self._last = time.monotonic()
        self._latest = self._printed = ""

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[words]}"),
                TimeRemainingColumn(), console=self._console, transient=True,
            )  # fmt: skip
            self._task = self._bar.add_task(self.name, total=None, words="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        self.close()

    def close(self) -> None:
        """Print where it ended, unless that is the last line already: the last numbers are the right ones."""
        if self._bar is None and self._latest != self._printed:
            self._print()

    def show(self, done: int, total: int, words: str = "") -> None:
        """`done` of `total`."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, words=words)
            return
        now, text = (
            time.monotonic(),
            f"{self.name}: {done} of {total} {self.unit}{', ' if words else ''}{words}",
        )
        self._latest = text
        if now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            self._print()

    def _print(self) -> None:
        print(self._latest, file=sys.stderr)
        self._printed = self._latest
