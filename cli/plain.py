"""What commands print passes here: a name in a file or table must not control the terminal."""

from typing import Any

from avdf.cache.core.safe_text import printable


class PlainStream:
    """A text stream that spells out control characters, apart from line ends and tabs."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return int(self._stream.write(printable(text, keep="\n\t")))

    # typer and rich also ask a stream for `isatty`, `encoding`, `flush` and more.
    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
