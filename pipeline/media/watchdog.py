"""Ends a decoder that hangs, and says why."""

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from avdf.cache.core.clock import FRAME_RATE
from avdf.pipeline.settings import Limits

T = TypeVar("T")

_LOOK_EVERY = 0.5  # seconds
_TIMED_ROWS = 600 * FRAME_RATE  # what `Limits.decode_timeout` is allowed for


class Watchdog:
    """Kills a process that keeps its reader waiting, or that runs too long for what it has given.

    reason  why the process was killed; '' while it was not
    """

    def __init__(
        self,
        limits: Limits,
        rows_done: Callable[[], int],
    ) -> None:
        self.reason = ""
        self._limits = limits
        self._rows_done = rows_done
        self._started = time.monotonic()
        self._waiting_since: float | None = None
        self._over = threading.Event()

    def waited(self, read: Callable[[], T]) -> T:
        """What `read` returns; the time that it waits counts as a stall."""
        self._waiting_since = time.monotonic()
        try:
            return read()
        finally:
            self._waiting_since = None

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """Watch until the process ends or `stop` is called. Runs in a thread of its own."""
        while not self._over.wait(_LOOK_EVERY):
            self.reason = self._reason_to_kill(time.monotonic())
            if self.reason:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGKILL)
                return
            if process.poll() is not None:
                return

    def stop(self) -> None:
        """Nothing is left to watch."""
        self._over.set()

    def _reason_to_kill(self, now: float) -> str:
        # A longer video may take longer: the limit counts for each 10 minutes of it that are begun.
        allowed = self._limits.decode_timeout * (1 + self._rows_done() // _TIMED_ROWS)
        if now - self._started > allowed:
            return f"decoding took longer than {allowed:.0f} s"
        since = self._waiting_since
        if since is not None and now - since > self._limits.stall_timeout:
            return f"the decoder gave nothing for {self._limits.stall_timeout:.0f} s"
        return ""
