"""The hash of what was read of a file."""

from pathlib import Path

from avdf.cache.core.errors import MediaError
from avdf.cache.files.digest import file_sha256
from avdf.cache.files.file_state import FileState, file_state


def sha256_of_what_was_read(path: Path, before: FileState) -> str:
    """The hash of a file that nobody has changed since it was decoded.

    Raises:
        MediaError: it was changed, so that its hash is not that of the frames and the audio.
    """
    sha256 = file_sha256(path)
    if not file_state(path).has_content_of(before):
        raise MediaError(
            "unreadable",
            "the file was changed while it was read; try again when nobody writes to it",
        )
    return sha256
