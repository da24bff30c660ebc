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
    """What came of one genuine video.

    rows      of its clips
    failures  why forgeries are missing, a sentence each
    is_final  whether another run would come to the same
    """

    rows: tuple[ManifestRow, ...]
    failures: tuple[str, ...] = ()
    is_final: bool = True


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

    def open(
        self, inputs: Sequence[Path], settings: Mapping[str, Any], videos: str
    ) -> None:
        """Make the folder, or go on with it.

        Args:
            videos: a digest of the genuine videos. Which of them there are decides from where
                sound is taken, also for the clips that are finished.

        Raises:
            SettingsError: it holds something else, or forgeries with other settings or of other
                videos.
        """
        claim_folder(self.path, "forgeries", inputs)
        kept = self.path / _SETTINGS
        wanted = {**settings, "videos": videos}
        if kept.is_file():
            self._check_same(json.loads(kept.read_text(encoding="utf-8")), wanted)
        write_text(kept, json.dumps(wanted, indent=1))
        (self.path / _DONE).mkdir(exist_ok=True)
        # A killed run may have left half-written files.
        for folder in (self.path, *self._clip_folders()):
            remove_partials(folder, ["*"])

    def _check_same(self, kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        if kept == wanted:
            return
        if {**kept, "videos": ""} == {**wanted, "videos": ""}:
            raise SettingsError(
                f"the genuine videos of the sources are not the same as when {self.path} was begun "
                "(some were added, removed, changed or labelled anew); use another output folder"
            )
        raise SettingsError(
            f"{self.path} was begun with other sources, options or another seed; "
            "use those, or another output folder"
        )

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
