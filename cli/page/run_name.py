"""How the page names a run."""

from pathlib import Path


def run_name(folder: Path) -> str:
    """The last two folders of its path: many runs are called `run`."""
    return "/".join(folder.resolve().parts[-2:]).lstrip("/")
