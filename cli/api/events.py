"""What long work reports while it goes on: progress, notes, and stages that are finished."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a task is: `done` of `total` units, with a few words beside."""

    task: str
    done: int
    total: int
    unit: str
    words: str = ""

    def __str__(self) -> str:
        more = f", {self.words}" if self.words else ""
        return f"{self.task}: {self.done} of {self.total} {self.unit}{more}"


@dataclass(frozen=True)
class Note:
    """A sentence on something that was noticed on the way."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Stage:
    """A stage that is finished, with what came of it."""

    text: str

    def __str__(self) -> str:
        return self.text


# Listeners tell the kinds apart by their class: progress may be shown or left out at will,
# since the next one replaces it.
Event = Progress | Note | Stage
OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Report nothing. Pass `print` instead to see everything."""
    del event
