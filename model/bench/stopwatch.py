"""Measuring how long work on a device takes."""

import time
from collections.abc import Callable

import torch

OnProgress = Callable[[int, int], None]  # (measurements done, all measurements)


def ignore_progress(_done: int, _all: int) -> None:
    """Report progress to nobody."""


class Stopwatch:
    """Times work on one device and reports how many of the planned measurements are done."""

    def __init__(
        self, device: torch.device, on_progress: OnProgress, planned: int
    ) -> None:
        self._device = device
        self._on_progress = on_progress
        self._planned = planned
        self._done = 0

    def time(self, work: Callable[[], object]) -> float:
        """Seconds that the work takes, until the device has finished it."""
        seconds = self.time_silently(work)
        self._done += 1
        self._on_progress(min(self._done, self._planned), self._planned)
        return seconds

    def time_silently(self, work: Callable[[], object]) -> float:
        """As `time`, for work that is not one of the planned measurements."""
        self._wait()
        started = time.perf_counter()
        work()
        self._wait()
        return time.perf_counter() - started

    def _wait(self) -> None:
        # A GPU works beside the program: without this, only the start of its work is timed.
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
