"""What a command shows while it works: progress and notes on stderr, finished stages on stdout."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

import typer

from avdf.events import Event, Note, Progress

if TYPE_CHECKING:
    from avdf.cli.meter import Meter


class Listener:
    """Shows the events of one command as they come.

    `notes_on_stdout`: notes belong to what the command was asked for, and are printed there.
    """

    def __init__(self, notes_on_stdout: bool = False) -> None:
        self._notes_on_stdout = notes_on_stdout
        self._meter: Meter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_task()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._show(event)
        elif isinstance(event, Note):
            # The bar stays: rich moves it below a line that is printed meanwhile.
            typer.echo(event.text, err=not self._notes_on_stdout)
        # A finished stage ends its bar first, so that its text is on a line of its own.
        else:
            self._end_task()
            typer.echo(event.text)

    def _show(self, now: Progress) -> None:
        # Imported when there is something to show: many commands end before that.
        from avdf.cli.meter import Meter

        # A task begins where the one before it has ended.
        if self._meter is None or self._meter.task != now.task:
            self._end_task()
            self._meter = Meter(now.task).__enter__()
        self._meter.show(now)

    def _end_task(self) -> None:
        if self._meter is not None:
            self._meter.__exit__(None, None, None)
            self._meter = None
