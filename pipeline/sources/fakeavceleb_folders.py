"""FakeAVCeleb's folders, which copies spell with other spaces and signs: `Asian_(East)`."""

import re
from functools import cache
from pathlib import Path

from avdf.pipeline.sources.paths import real_path


@cache
def plain(name: str) -> str:
    """The letters and digits of a name, in lower case: equal where copies differ in spelling."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def subfolders(folder: Path) -> dict[str, Path]:
    """Plain name -> path of each folder in a folder; empty if that is none."""
    if not folder.is_dir():
        return {}
    return {plain(path.name): path for path in folder.iterdir() if path.is_dir()}


class FileFinder:
    """Finds files in folders that may be spelled differently. Each folder is looked at once."""

    def __init__(self, root: Path) -> None:
        self._root = real_path(root)
        self._subfolders: dict[Path, dict[str, Path]] = {}
        self._found: dict[tuple[str, ...], Path] = {}

    def __call__(
        self,
        folder: tuple[str, ...],
        file: str,
    ) -> Path:
        """The path of a file in a folder, given by its parts in the dataset's own spelling."""
        if folder not in self._found:
            self._found[folder] = self._find(folder)
        return self._found[folder] / file

    def _find(self, parts: tuple[str, ...]) -> Path:
        folder = self._root
        for part in parts:
            if folder not in self._subfolders:
                self._subfolders[folder] = subfolders(folder)
            folder = self._subfolders[folder].get(plain(part), folder / part)
        return folder
