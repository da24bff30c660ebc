"""Generate a synthetic dataset: its parts in several processes, and the mark that it has."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from avdf.pipeline.job.processes import process_pool
from avdf.pipeline.sources.synthetic_marker import mark_as_synthetic

Part = TypeVar("Part")
Made = TypeVar("Made")

OnPart = Callable[[int, int], None]
"""Called after each part with the number of finished parts and of all."""


def ignore_progress(_done: int, _all: int) -> None:
    """What is called after each part where nobody wants to know."""


def generate_parts(
    root: Path,
    make: Callable[[Part], Made],
    parts: Sequence[Part],
    workers: int = 0,
    on_part: OnPart = ignore_progress,
) -> Iterator[Made]:
    """Mark `root` as synthetic, then make each part and yield what `make` returns, in order.

    Args:
        make: writes the files of one part (an identity, an actor, ...); runs in a process.
        workers: number of processes; 0: one for each core.
    """
    mark_as_synthetic(root)
    with process_pool(workers) as pool:
        for done, made in enumerate(pool.map(make, parts), 1):
            yield made
            on_part(done, len(parts))
