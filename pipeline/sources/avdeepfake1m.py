"""AV-Deepfake1M and AV-Deepfake1M++ (Cai et al. 2024, 2025): a folder and table for each split."""

from pathlib import Path, PurePosixPath

from avdf.cache.core.errors import SourceError
from avdf.cache.core.identity_split import WITHOUT_TEST
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import Period, VideoInfo
from avdf.pipeline.sources.json_entries import (
    CATEGORIES,
    Entry,
    EntryReader,
    file_of,
    read_entries,
)
from avdf.pipeline.sources.json_file import is_list_with_keys
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.paths import inside, real_path
from avdf.pipeline.sources.spans import Span, read_spans

# The folders of the splits. The test sets (`test` of the first version, `testA` and `testB` of ++)
# are given without labels; a table of theirs is read where somebody has one.
_FOLDERS = ("train", "val", "test", "testA", "testB")
METADATA = {folder: f"{folder}_metadata.json" for folder in _FOLDERS}
# modify_type -> (label_visual, label_audio); the second version writes `both-modified`.
TYPES = {
    "real": (REAL, REAL),
    "visual_modified": (FAKE, REAL),
    "audio_modified": (REAL, FAKE),
    "both_modified": (FAKE, FAKE),
}
# Folders of the second version (++) that hold a folder for each person.
_COLLECTIONS = ("vox_celeb_2", "lrs3", "silent_videos")


class AvDeepfake1M:
    """Reads both versions: labels of both modalities, the split, manipulated periods."""

    name = "av-deepfake1m"

    def recognises(self, root: Path) -> bool:
        """Whether the metadata of a folder have AV-Deepfake1M's keys."""
        tables = (root / name for name in METADATA.values())
        return any(is_list_with_keys(table, "file", "modify_type") for table in tables)

    def read(self, root: Path) -> Listing:
        """Every labelled video.

        An id is the folder of the split and then `file` as the metadata spells it.

        Raises:
            SourceError: there is no metadata, or most of it cannot be understood.
        """
        root = real_path(root)
        tables = {folder: root / name for folder, name in METADATA.items()}
        tables = {folder: table for folder, table in tables.items() if table.is_file()}
        if not tables:
            raise SourceError(
                f"{root}: no {METADATA['train']} here. AV-Deepfake1M is given for research on "
                "request: see https://github.com/ControlNet/AV-Deepfake1M, unpack it and name "
                "the folder that holds the metadata"
            )
        folder_of = {table: folder for folder, table in tables.items()}
        find = _FileFinder(root)

        def location(table: Path, name: str) -> tuple[str, Path]:
            folder = folder_of[table]
            return f"{folder}/{name}", find(folder, name)

        def info(table: Path, entry: Entry) -> VideoInfo:
            visual, audio = _labels(entry)
            folder, name = folder_of[table], file_of(entry)
            video_id, path = location(table, name)
            return VideoInfo(
                id=video_id,
                path=str(path),
                dataset=self.name,
                split="test" if folder.startswith("test") else folder,
                category=CATEGORIES[visual, audio],
                identity=_person(name),
                label=max(visual, audio),
                label_visual=visual,
                label_audio=audio,
                periods=_periods(entry, visual, audio),
            )

        has_test = any(folder.startswith("test") for folder in tables)
        notes = () if has_test else (self._test_note(root),)
        return read_entries(
            root,
            tables.values(),
            EntryReader(self.name, info, location),
            notes,
        )

    def _test_note(self, root: Path) -> str:
        folders = [
            name
            for name in METADATA
            if name.startswith("test") and (root / name).is_dir()
        ]
        if not folders:
            return WITHOUT_TEST[self.name]
        names = ", ".join(f"{name}/" for name in folders)
        return (
            f"{WITHOUT_TEST[self.name]}; {names} without labels is left out "
            "(name that folder to score it)"
        )


class _FileFinder:
    """Finds files: below the folder of their split, a folder of that name in it, or the root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        # (folder of the split, first part of a name) -> the folder that holds that part
        self._known: dict[tuple[str, str], Path] = {}

    def __call__(self, folder: str, name: str) -> Path:
        inside(self._root, name)  # refuses a name that leads out of the root
        first = PurePosixPath(name).parts[0]
        if (folder, first) not in self._known:
            self._known[folder, first] = self._look_for(folder, first)
        return self._known[folder, first] / name

    def _look_for(self, folder: str, first: str) -> Path:
        parents = [self._root / folder, self._root / folder / folder]
        # A name may begin with the split's folder itself.
        parents.insert(0 if first == folder else 2, self._root)
        return next(
            (parent for parent in parents if (parent / first).exists()), parents[0]
        )


def _labels(entry: Entry) -> tuple[int, int]:
    """(label_visual, label_audio) of an entry."""
    kind = str(entry["modify_type"]).replace("-", "_")
    if kind not in TYPES:
        raise ValueError(
            f"modify_type {entry['modify_type']!r} is not one of {', '.join(TYPES)}"
        )
    return TYPES[kind]


def _person(name: str) -> str:
    """Whose video it is: the speaker's folder; a file that is in none stands for itself."""
    parts = [part for part in PurePosixPath(name).parts if part not in METADATA]
    if parts[0] in _COLLECTIONS:
        parts = parts[1:]
    return parts[0] if len(parts) > 1 else PurePosixPath(name).stem


def _periods(
    entry: Entry,
    visual: int,
    audio: int,
) -> tuple[Period, ...]:
    """Each manipulated span once, with the modalities that are manipulated in it."""
    # The release has spans in the list of a stream that `modify_type` calls real: ignored.
    of_visual = read_spans(entry.get("visual_fake_segments")) if visual == FAKE else []
    of_audio = read_spans(entry.get("audio_fake_segments")) if audio == FAKE else []
    found: dict[Span, tuple[int, int]] = {}
    for span in (*of_visual, *of_audio):
        found[span] = (
            FAKE if span in of_visual else REAL,
            FAKE if span in of_audio else REAL,
        )

    # A span of `fake_segments` that neither stream lists: which stream it is in is unknown, unless
    # the streams list none at all.
    unknown = bool(found)
    other_visual = UNKNOWN if visual == FAKE and unknown else visual
    other_audio = UNKNOWN if audio == FAKE and unknown else audio
    if FAKE in (visual, audio):
        for span in read_spans(entry.get("fake_segments")):
            found.setdefault(span, (other_visual, other_audio))
    return tuple(Period(*span, *labels) for span, labels in sorted(found.items()))
