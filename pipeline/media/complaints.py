"""What ffmpeg prints while it decodes, and near which row it began to complain."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

# Printed of a file that is cut short. What follows from that is printed before or after it, as the
# threads of ffmpeg come to it.
CUT_SHORT = "partial file"
_MOST_LINES = 64
_LONGEST_LINE = 1000
# Printed where one filter graph follows another, about times of the output that nobody uses.
_HARMLESS = (b"non monotonically increasing dts to muxer",)
# The last lines where nothing was decoded: the cause stands before them.
_NO_CAUSE = (
    "Nothing was written into output file",
    "Terminating thread with return code",
    "Task finished with error code",
    "Could not open encoder before EOF",
)


class Complaints:
    """The last lines of ffmpeg's standard error.

    first_row  row that was being decoded when the first line came; None while there is none
    """

    def __init__(self, unused_codecs: Sequence[str] = ()) -> None:
        """Collect nothing yet.

        Args:
            unused_codecs: of streams that are not decoded. ffmpeg looks into them at first, and
                what it says of them is no damage of the others.
        """
        # ffmpeg's lines begin with the part that prints them, such as `[aac @ 0x55d0]`.
        self._unused = tuple(f"[{codec} @ ".encode() for codec in unused_codecs)
        self.first_row: int | None = None
        self._lines: deque[bytes] = deque(maxlen=_MOST_LINES)

    def listen(
        self,
        pipe: IO[bytes],
        current_row: Callable[[], int | None],
    ) -> None:
        """Collect lines until the pipe ends. Runs in a thread of its own.

        Args:
            current_row: the row that is being decoded; None: what is printed now means nothing.
        """
        with pipe:
            for line in pipe:
                if any(words in line for words in _HARMLESS):
                    continue
                if line.startswith(self._unused):
                    continue
                # Asked for until it is known: afterwards every line counts.
                if self.first_row is None:
                    self.first_row = current_row()
                if self.first_row is not None:
                    self._lines.append(line[:_LONGEST_LINE])

    def last(self, path: Path) -> str:
        """The last complaint, or that the file is cut short; '' where there is none."""
        text = b"".join(self._lines).decode(errors="replace")
        return last_line(text, path) if text.strip() else ""


def last_line(printed: str, path: Path) -> str:
    """The last line that ffmpeg printed about a file, without the path and its own prefixes.

    A line that says that the file is cut short comes before all others: it is the cause of them.
    """
    lines = _lines(printed, path)
    causes = [line for line in lines if CUT_SHORT in line]
    return (causes or lines or ["no reason given"])[-1]


def first_line(printed: str, path: Path) -> str:
    """The first line in the same form; '' where there is none. It is nearest to the cause."""
    lines = _lines(printed, path)
    return lines[0] if lines else ""


def _lines(printed: str, path: Path) -> list[str]:
    lines = [
        line.strip()
        for line in printed.splitlines()
        if line.strip() and not any(words in line for words in _NO_CAUSE)
    ]
    name = f"file:{path.resolve()}: "
    # Notes are joined by "; ": none of them holds that.
    clean = [line.replace(name, "").replace("; ", ", ") for line in lines]
    return [re.sub(r"^(\[[^\]]*\] )+", "", line)[:200] for line in clean]
