"""Signals that end a program end a command as Ctrl-C does: what it has begun is removed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended

# A service manager, a batch system and `kill` send the first, a closed terminal the second.
_KINDS = (signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """A signal other than that of Ctrl-C has ended the command.

    code  the exit code: 128 and the number of the signal, as a shell reports it
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = 128 + number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Inside the block, the signals that end a program raise `Terminated`."""
    # Python lets only the main thread set handlers.
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        # A second signal ends the program at once, whatever is still to be removed.
        signal.signal(number, signal.SIG_DFL)
        raise Terminated(number)

    # A signal that is ignored, as under `nohup`, stays ignored.
    heeded = [kind for kind in _KINDS if signal.getsignal(kind) is not signal.SIG_IGN]
    before = [(kind, signal.signal(kind, end)) for kind in heeded]
    try:
        yield
    finally:
        for kind, handler in before:
            signal.signal(kind, handler)


def exit_code(error: KeyboardInterrupt) -> int:
    """The exit code after a signal has ended a command."""
    code = getattr(error, "code", INTERRUPTED)
    return code if isinstance(code, int) else INTERRUPTED
