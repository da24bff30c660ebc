"""The SHA-256 of a file's content, which identifies the file."""

import hashlib
from pathlib import Path


def file_sha256(path: Path) -> str:
    """The hash in hexadecimal digits; the file is read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
