"""`log.jsonl` of a case: every step of the examination, when it began, and how long it took."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from avdf.cache.files.atomic_file import write_text
from avdf.events import Note, OnEvent


@dataclass(frozen=True)
class Step:
    """One line of the log.

    step     what was done
    began    time in UTC, ISO 8601 with milliseconds
    seconds  how long it took
    """

    step: str
    began: str
    seconds: float


class StepLog:
    """The steps that were taken so far. A listener hears of each one as it begins."""

    def __init__(self, on_event: OnEvent) -> None:
        self.steps: list[Step] = []
        self._on_event = on_event

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Take the time of a block. A step that fails has no line: it ends the examination."""
        self._on_event(Note(f"case: {words}"))
        began = now()
        started = time.perf_counter()
        yield
        seconds = round(time.perf_counter() - started, 3)
        self.steps.append(Step(words, began, seconds))

    def write(self, path: Path) -> None:
        """Write a line of JSON for each step."""
        lines = [json.dumps(asdict(step)) for step in self.steps]
        write_text(path, "".join(f"{line}\n" for line in lines))


def now() -> str:
    """The present time in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
