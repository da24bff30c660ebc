"""The lines that a program prints, read within limits of time and number."""

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class BoundedLines:
    """The lines of a program. Iterate once; after the block, `is_all` says whether it was all.

    is_all  False where a limit was reached or the program failed
    """

    def __init__(self, process: "subprocess.Popen[bytes]", most: int) -> None:
        self.is_all = False
        self._process = process
        self._most = most
        self._late = False

    def __iter__(self) -> Iterator[bytes]:
        output = self._process.stdout
        assert output is not None
        for count, line in enumerate(output):
            if count >= self._most:
                return
            yield line
        self.is_all = not self._late

    def end(self) -> None:
        """End the program because it takes too long."""
        self._late = True
        self._process.kill()


@contextmanager
def bounded_lines(
    command: Sequence[str], seconds: float, most: int
) -> Iterator[BoundedLines]:
    """Run a program whose lines are read inside the block; it ends with the block.

    Args:
        seconds: after which the program is ended.
        most: how many lines are read.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Ctrl-C must not end it early: the file would look shorter than it is.
        process_group=0,
    )
    lines = BoundedLines(process, most)
    timer = threading.Timer(seconds, lines.end)
    timer.daemon = True
    timer.start()
    try:
        yield lines
    finally:
        if not lines.is_all:
            process.kill()
        if process.stdout is not None:
            process.stdout.close()
        # The timer still runs: a program that does not end after its last line is ended by it.
        code = process.wait()
        timer.cancel()
        lines.is_all = lines.is_all and code == 0
