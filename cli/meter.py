"""Progress on stderr: a live bar on a terminal, otherwise a plain line every ten seconds."""

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from avdf.events import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as ProgressBar

_SECONDS_BETWEEN_LINES = 10.0


class Meter:
    """Shows how far one task is."""

    def __init__(self, task: str) -> None:
        self.task = task
        self._bar: ProgressBar | None = None
        self._last = time.monotonic()
        self._latest = self._printed = ""

    def __enter__(self) -> Self:
        # A log file or a pipe gets plain lines: a bar would fill it with control characters.
        self._bar = _make_bar()
        if self._bar is not None:
            # The total is known from the first event on.
            self._bar_task = self._bar.add_task(self.task, total=None, words="")
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
        # The last numbers are the right ones: they are printed even if a line was printed just now.
        elif self._latest != self._printed:
            self._print()

    def show(self, now: Progress) -> None:
        """Show how far the task is now."""
        if self._bar is not None:
            self._bar.update(
                self._bar_task, completed=now.done, total=now.total, words=now.words
            )
            return
        self._latest = str(now)
        # A line every ten seconds: a night's log stays short enough to read.
        seconds = time.monotonic()
        if seconds - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = seconds
            self._print()

    def _print(self) -> None:
        print(self._latest, file=sys.stderr)
        self._printed = self._latest


def _make_bar() -> "ProgressBar | None":
    """A bar on the terminal; None where there is no terminal."""
    # FORCE_COLOR tells rich that a pipe leads to a terminal. Without either, rich is not imported.
    if not sys.stderr.isatty() and "FORCE_COLOR" not in os.environ:
        return None
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as ProgressBar

    console = Console(stderr=True)
    if not console.is_terminal:
        return None
    return ProgressBar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
