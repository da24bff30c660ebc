"""Checks of an input file before ffmpeg sees it."""

import stat
from pathlib import Path

from avdf.cache.core.errors import MediaError

_START_BYTES = 256
# What playlists and scripts begin with, in lower case: they could make ffmpeg open other files.
_PLAYLISTS = (
    b"#extm3u",
    b"ffconcat version",
    b"[playlist]",
    b"<?xml",
    b"<mpd",
    b"<smil",
    b"<asx",
    b"v=0\r",
    b"v=0\n",
)


def check_input_file(path: Path) -> None:
    """Raise unless the path is a file that can be read, holds something, and is no playlist.

    Raises:
        MediaError: `missing`, `unreadable`, `corrupt` (empty), or `unsupported` (a playlist).
    """
    try:
        start = _first_bytes(path)
    except FileNotFoundError:
        raise MediaError("missing", "no such file") from None
    except IsADirectoryError:
        raise MediaError("unreadable", "a folder, not a file") from None
    except OSError as error:
        raise MediaError("unreadable", error.strerror or str(error)) from None
    if not start:
        raise MediaError("corrupt", "the file is empty")
    without_byte_order_mark = start.removeprefix(b"\xef\xbb\xbf")
    text = without_byte_order_mark.lstrip().lower()
    if text.startswith(_PLAYLISTS):
        raise MediaError(
            "unsupported", "a playlist or a description of media, not media itself"
        )


def _first_bytes(path: Path) -> bytes:
    # Opening a pipe could wait for ever. A folder is left to `open`, which names it.
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        raise MediaError("unreadable", "a pipe, a socket or a device, not a file")
    with path.open("rb") as file:
        return file.read(_START_BYTES)
