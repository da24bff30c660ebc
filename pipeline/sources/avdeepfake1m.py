"""AV-Deepfake1M and AV-Deepfake1M++ (Cai et al. 2024, 2025): `train_metadata.json`, `val_metadata.json`."""

from pathlib import Path, PurePosixPath

from avdf.cache.core.errors import SourceError
from avdf.cache.core.identity_split import WITHOUT_TEST
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import Period, VideoInfo
from avdf.pipeline.sources.annotated import CATEGORIES, Entry, file_of, has_keys, listing_of, spans
from avdf.pipeline.sources.listing import Listing, inside, real_path

DATASET = "av-deepfake1m"
# the folder of a split -> its metadata. The test sets (`test` of the first version, `testA` and `testB` of ++) are
# given without labels; a table of theirs is read where somebody has one
METADATA = {name: f"{name}_metadata.json" for name in ("train", "val", "test", "testA", "testB")}
# modify_type -> (label_visual, label_audio); the two versions write the last with `_` and `-`
TYPES = {
    "real": (REAL, REAL),
    "visual_modified": (FAKE, REAL),
    "audio_modified": (REAL, FAKE),
    "both_modified": (FAKE, FAKE),
}
_COLLECTIONS = ("vox_celeb_2", "lrs3", "silent_videos")  # of ++: the person is the folder below


def is_avdeepfake1m(root: Path) -> bool:
    """Whether a folder looks like the dataset's root."""
    return any(has_keys(root / name, "file", "modify_type") for name in METADATA.values())


def avdeepfake1m(root: Path) -> Listing:
    """Every labelled video with the labels of both modalities, the dataset's split, and its manipulated periods.

    An id is the folder of the split and then `file` as the metadata spells it.

    Raises:
        SourceError: there is no metadata, or most of it cannot be understood.
    """
    root = real_path(root)
    found = {name: root / file for name, file in METADATA.items() if (root / file).is_file()}
    if not found:
        raise SourceError(
            f"{root}: no {METADATA['train']} here. AV-Deepfake1M is given for research on request: see "
            "https://github.com/ControlNet/AV-Deepfake1M, unpack it and name the folder that holds the metadata"
        )
    folder_of = {path: name for name, path in found.items()}
    find = _Finder(root)
    notes = () if any(name.startswith("test") for name in found) else (_test_note(root),)
    return listing_of(
        root,
        DATASET,
        found.values(),
        lambda path, entry: _info(find, folder_of[path], entry),
        lambda path, name: (_id(folder_of[path], name), find(folder_of[path], name)),
        notes,
    )


def _id(folder: str, file: str) -> str:
    return f"{folder}/{file}"


def _test_note(root: Path) -> str:
    there = [f"{name}/" for name in METADATA if name.startswith("test") and (root / name).is_dir()]
    left_out = (
        f"; {', '.join(there)} without labels is left out (name that folder to score it)"
        if there
        else ""
    )
    return WITHOUT_TEST[DATASET] + left_out


class _Finder:
    """Finds files: below the folder of their split, in a folder of the same name within it, or by their name alone."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[
            tuple[str, str], Path
        ] = {}  # (folder of the split, first part of a name) -> its parent

    def __call__(self, folder: str, file: str) -> Path:
        inside(self._root, file)
        first = PurePosixPath(file).parts[0]
        if (folder, first) not in self._known:
            places = [self._root / folder, self._root / folder / folder]
            # `file` may begin with the split's folder itself
            places.insert(0 if first == folder else 2, self._root)
            there = (place for place in places if (place / first).exists())
            self._known[folder, first] = next(there, places[0])
        return self._known[folder, first] / file


def _info(find: _Finder, folder: str, entry: Entry) -> VideoInfo:
    kind = str(entry["modify_type"]).replace("-", "_")
    if kind not in TYPES:
        raise ValueError(f"modify_type {entry['modify_type']!r} is not one of {', '.join(TYPES)}")
    visual, audio = TYPES[kind]
    name = file_of(entry)
    return VideoInfo(
        id=_id(folder, name),
        path=str(find(folder, name)),
        dataset=DATASET,
        split="test" if folder.startswith("test") else folder,
        category=CATEGORIES[visual, audio],
        identity=_person(name),
        label=max(visual, audio),
        label_visual=visual,
        label_audio=audio,
        periods=_periods(entry, visual, audio),
    )


def _person(file: str) -> str:
    """Whose video it is: the speaker's folder; a file that lies in none stands for itself."""
    parts = [part for part in PurePosixPath(file).parts if part not in METADATA]
    if parts[0] in _COLLECTIONS:
        parts = parts[1:]
    return parts[0] if len(parts) > 1 else PurePosixPath(file).stem


def _periods(entry: Entry, visual: int, audio: int) -> tuple[Period, ...]:
    """Each manipulated span once, with the modalities that are manipulated in it.

    The release carries spans in the list of a stream that `modify_type` calls real: those are ignored. A span of
    `fake_segments` that neither stream lists has unknown modalities where the streams have spans of their own.
    """
    own_visual = spans(entry.get("visual_fake_segments")) if visual == FAKE else []
    own_audio = spans(entry.get("audio_fake_segments")) if audio == FAKE else []
    found = {
        span: (FAKE if span in own_visual else REAL, FAKE if span in own_audio else REAL)
        for span in (*own_visual, *own_audio)
    }
    unlisted = tuple(UNKNOWN if label == FAKE and found else label for label in (visual, audio))
    for span in spans(entry.get("fake_segments")) if FAKE in (visual, audio) else ():
        found.setdefault(span, (unlisted[0], unlisted[1]))
    return tuple(Period(*span, *labels) for span, labels in sorted(found.items()))
