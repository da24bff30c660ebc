"""The folder of forgeries: its files, its settings, and what is finished."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.atomic_file import remove_partials, write_text
from avdf.cache.files.csv_table import write_rows
from avdf.cache.files.ownership import claim_folder
from avdf.forge_job.manifest_row import ManifestRow

_DONE = ".done"  # one file for each finished video
_SETTINGS = "forge.json"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 80  # characters


@dataclass(frozen=True)
class DoneVideo:
    """What came of one genuine video: rows of its clips, and why forgeries are missing."""

    rows: tuple[ManifestRow, ...]
    failures: tuple[str, ...] = ()


class ForgeFolder:
    """Where clips go, and what is there already."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def shards(self) -> Path:
        """The genuine videos that were files, prepared."""
        return self.path / "shards"

    @property
    def manifest(self) -> Path:
        """The table of all clips; written last."""
        return self.path / "manifest.csv"

    @property
    def sheet(self) -> Path:
        """The picture that shows some of them."""
        return self.path / "sheet.png"

    def open(self, inputs: Sequence[Path], settings: Mapping[str, Any]) -> None:
        """Make the folder, or go on with it.

        Raises:
            SettingsError: it holds something else, or forgeries with other settings.
        """
        claim_folder(self.path, "forgeries", inputs)
        kept = self.path / _SETTINGS
        text = json.dumps(dict(settings), indent=1)
        if kept.is_file() and kept.read_text(encoding="utf-8") != text:
            raise SettingsError(
                f"{self.path} was begun with other sources, forgers or another seed; "
                "use those, or another output folder"
            )
        write_text(kept, text)
        (self.path / _DONE).mkdir(exist_ok=True)
        # A killed run may have left half-written files.
        for folder in (self.path, *self._clip_folders()):
            remove_partials(folder, ["*"])

    def clip(self, method: str, video: str, suffix: str) -> Path:
        """The file of a clip of a video; its folder is made."""
        folder = self.path / (method or "genuine")
        folder.mkdir(exist_ok=True)
        return folder / f"{_file_name(video)}{suffix}"

    def done(self, video: str) -> DoneVideo | None:
        """What came of a video; None where it is not finished."""
        mark = self._mark(video)
        if not mark.is_file():
            return None
        content = json.loads(mark.read_text(encoding="utf-8"))
        rows = tuple(ManifestRow(**row) for row in content["rows"])
        return DoneVideo(rows, tuple(content["failures"]))

    def finish(self, video: str, done: DoneVideo) -> None:
        """Note that all clips of a video are complete."""
        content = {
            "rows": [row.as_dict() for row in done.rows],
            "failures": list(done.failures),
        }
        write_text(self._mark(video), json.dumps(content))

    def write_manifest(self, rows: Sequence[ManifestRow]) -> None:
        """Write the table of all clips."""
        write_rows(self.manifest, ManifestRow, rows)

    def _mark(self, video: str) -> Path:
        return self.path / _DONE / f"{_file_name(video)}.json"

    def _clip_folders(self) -> list[Path]:
        return [one for one in self.path.iterdir() if one.is_dir()]


def _file_name(video: str) -> str:
    """A name for the files of a video: readable, and different for each id."""
    digest = hashlib.sha256(video.encode()).hexdigest()[:8]
    stem = _NOT_IN_NAMES.sub("_", str(Path(video).with_suffix(""))).strip("._")
    return f"{stem[-_LONGEST_NAME:]}-{digest}"
