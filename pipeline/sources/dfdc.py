"""DFDC (Dolhansky et al. 2020): folders with a `metadata.json` or a `labels.csv` each.

The parts of training are `dfdc_train_part_N`, alone or below `train`; Kaggle's sample is
`train_sample_videos`; validation and test are in folders of those names. Any of these may be the
root itself.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.core.identity_split import split_by_identity
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.pipeline.sources.dfdc_tables import METADATA, find_tables, split_of_folder
from avdf.pipeline.sources.faults import faulty, refuse_mostly_faulty
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.media_files import unlisted_media
from avdf.pipeline.sources.paths import inside, real_path

LABELS = {
    "REAL": REAL,
    "FAKE": FAKE,
    "0": REAL,
    "1": FAKE,
}
_LABELS_TABLE = TableKind(
    ("filename", "label"),
    SourceError,
    "unpack DFDC's test set again",
)
_NOT_METADATA = "not the metadata of a part of DFDC"


class Dfdc:
    """Reads DFDC: labels of the video alone, identities, and splits as far as they are there."""

    name = "dfdc"

    def recognises(self, root: Path) -> bool:
        """Whether a folder looks like the dataset's root, or like a part of it."""
        return bool(find_tables(root))

    def read(self, root: Path) -> Listing:
        """Every labelled video. The identity is the original, which its fakes share.

        Where the validation set is not there and the test set is, 15 % of the originals of the
        training parts are set aside for validation. Where neither is there, no split is given:
        identities decide.

        Raises:
            SourceError: there are no metadata, or most of one cannot be understood.
        """
        root = real_path(root)
        tables = find_tables(root)
        if not tables:
            raise SourceError(
                f"{root}: no dfdc_train_part_*/{METADATA} and no test/labels.csv here. DFDC is "
                "given after registration: see https://ai.meta.com/datasets/dfdc, unpack it and "
                "name the folder that holds the parts"
            )
        videos: list[VideoInfo] = []
        for path in tables:
            table = _Table(self.name, root, path)
            found = list(table.metadata() if path.name == METADATA else table.labels())
            refuse_mostly_faulty(path, found)
            videos += found
        if not videos:
            raise SourceError(
                f"{root}: the tables of {self.name} list no videos; unpack it again"
            )
        videos = _with_validation(videos)
        return Listing(
            self.name,
            tuple(videos),
            (),
            unlisted_media(root, videos),
        )


def _with_validation(videos: Sequence[VideoInfo]) -> list[VideoInfo]:
    """The videos with a validation split: the dataset's own, or some of the training originals."""
    given = {video.split for video in videos}
    if "val" in given:
        return list(videos)
    if "test" not in given:
        return [replace(video, split="") for video in videos]
    train = [video for video in videos if video.split != "test"]
    # Of the split by identity only its validation part is used; its test part is trained on.
    by_identity = zip(
        train,
        split_by_identity(train, 0),
        strict=True,
    )
    set_aside = {video.id for video, split in by_identity if split == "val"}

    def with_split(video: VideoInfo) -> VideoInfo:
        if video.split == "test":
            return video
        return replace(video, split="val" if video.id in set_aside else "train")

    return [with_split(video) for video in videos]


class _Table:
    """One table of labels; ids are paths from the root."""

    def __init__(
        self,
        dataset: str,
        root: Path,
        path: Path,
    ) -> None:
        self._dataset = dataset
        self._root = root
        self._path = path
        self._folder = path.parent
        self._split = split_of_folder(root, path.parent)

    def metadata(self) -> Iterator[VideoInfo]:
        """The videos of a `metadata.json`: an object with the files as keys."""
        for name, entry in self._read_json().items():
            try:
                label = LABELS.get(str(entry["label"]))
                if label is None:
                    raise ValueError(
                        f"the label {entry['label']!r} is not REAL or FAKE"
                    )
                identity = Path(str(entry.get("original") or name)).stem
                yield self._info(inside(self._folder, name), label, identity)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                yield self._faulty(name, f"{_NOT_METADATA} ({error})")

    def labels(self) -> Iterator[VideoInfo]:
        """The videos of a `labels.csv`; the files are beside it or in a folder beside it."""
        inner = sorted(path for path in self._folder.iterdir() if path.is_dir())
        folders = [self._folder, *inner]
        for line, row in read_rows(self._path, _LABELS_TABLE):
            name, label = row["filename"], LABELS.get(row["label"])
            if not name or label is None:
                reason = f"line {line} is not filename,label with a label of 0 or 1"
                yield self._faulty(name or f"line {line}", reason)
                continue
            try:
                paths = [inside(folder, name) for folder in folders]
            except ValueError as error:
                yield self._faulty(name, str(error))
                continue
            path = next((path for path in paths if path.exists()), paths[0])
            yield self._info(path, label, Path(name).stem)

    def _read_json(self) -> dict[str, Any]:
        try:
            entries: Any = json.loads(self._path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise SourceError(f"{self._path}: {_NOT_METADATA} ({error!r})") from None
        if not isinstance(entries, dict):
            raise SourceError(
                f"{self._path}: {_NOT_METADATA}, which is one object with the files as keys"
            )
        return entries

    def _info(
        self,
        path: Path,
        label: int,
        identity: str,
    ) -> VideoInfo:
        # Nobody says which modality of a fake is fake.
        modality = REAL if label == REAL else UNKNOWN
        return VideoInfo(
            id=path.relative_to(self._root).as_posix(),
            path=str(path),
            dataset=self._dataset,
            split=self._split,
            category="real" if label == REAL else "fake",
            identity=identity,
            label=label,
            label_visual=modality,
            label_audio=modality,
        )

    def _faulty(self, name: str, reason: str) -> VideoInfo:
        """The row of an entry that is not understood, with the file's path if it names one."""
        names_a_file = Path(name).name == name and name not in ("", "..")
        path = self._folder / name if names_a_file else self._path
        folder = self._folder.relative_to(self._root).as_posix()
        video_id = f"{folder}/{name}".removeprefix("./")
        return faulty(
            self._dataset,
            path,
            video_id,
            f"{self._path.name}: {reason}",
        )
