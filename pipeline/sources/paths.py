"""Paths of listed files."""

import os
from pathlib import Path, PurePosixPath


def real_path(path: Path) -> Path:
    """The absolute path without links; of a link that leads to itself, the link's own."""
    return Path(os.path.realpath(path))


def inside(root: Path, name: str) -> Path:
    """The path below a root that a dataset's table names.

    Raises:
        ValueError: the name is empty or leads out of the root.
    """
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise ValueError(f"the name {name!r} leads out of {root}")
    return root / path
