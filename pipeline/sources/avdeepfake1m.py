"""AV-Deepfake1M and AV-Deepfake1M++ (Cai et al. 2024, 2025): `train_metadata.json`, `val_metadata.json`."""

from collections.abc import Iterator
from pathlib import Path

from avdf.cache.errors import SourceError
from avdf.cache.video import FAKE, REAL, Period, VideoInfo
from avdf.pipeline.sources.annotated import CATEGORIES, Entry, has_keys, listing_of, periods, read_entries
from avdf.pipeline.sources.listing import Listing

DATASET = "av-deepfake1m"
METADATA = {"train": "train_metadata.json", "val": "val_metadata.json", "test": "test_metadata.json"}
# modify_type -> (label_visual, label_audio); the two versions write the last with `_` and `-`
TYPES = {
    "real": (REAL, REAL),
    "visual_modified": (FAKE, REAL),
    "audio_modified": (REAL, FAKE),
    "both_modified": (FAKE, FAKE),
}


def is_avdeepfake1m(root: Path) -> bool:
    """Whether a folder looks like the dataset's root."""
    return any(has_keys(root / name, "file", "modify_type") for name in METADATA.values())


def avdeepfake1m(root: Path) -> Listing:
    """Every video with the labels of both modalities, the dataset's split, and its manipulated periods.

    Raises:
        SourceError: there is no metadata, or it cannot be understood.
    """
    found = {split: root / name for split, name in METADATA.items() if (root / name).is_file()}
    if not found:
        raise SourceError(
            f"{root}: no {METADATA['train']} here. AV-Deepfake1M is given for research on request: see "
            "https://github.com/ControlNet/AV-Deepfake1M, unpack it and name the folder that holds the metadata"
        )

    def entries() -> Iterator[tuple[Path, Entry]]:
        for split, path in found.items():
            yield from ((path, {"split": split, **entry}) for entry in read_entries(path))

    root = root.resolve()
    return listing_of(root, DATASET, entries(), lambda entry: _info(root, entry))


def _info(root: Path, entry: Entry) -> VideoInfo:
    kind = str(entry["modify_type"]).replace("-", "_")
    if kind not in TYPES:
        raise ValueError(f"modify_type {entry['modify_type']!r} is not one of {', '.join(TYPES)}")
    visual, audio = TYPES[kind]
    split, name = str(entry["split"]), str(entry["file"])
    inside = Path(name).parts[0] == split  # some copies name the split's folder, some do not
    place = Path(name) if inside else Path(split) / name
    return VideoInfo(
        id=place.as_posix(),
        path=str(root / place),
        dataset=DATASET,
        split=split,
        category=CATEGORIES[visual, audio],
        identity=place.parts[1] if len(place.parts) > 2 else place.stem,
        label=max(visual, audio),
        label_visual=visual,
        label_audio=audio,
        periods=_periods(entry, visual, audio),
    )


def _periods(entry: Entry, visual: int, audio: int) -> tuple[Period, ...]:
    """The spans of each modality where they are given, else those of the whole."""
    if "visual_fake_segments" not in entry and "audio_fake_segments" not in entry:
        return periods(entry.get("fake_segments", ()), visual, audio)
    return (
        *periods(entry.get("visual_fake_segments", ()), FAKE, REAL),
        *periods(entry.get("audio_fake_segments", ()), REAL, FAKE),
    )
