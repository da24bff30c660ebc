"""Folders that reproduce the layout and the quirks of datasets; `put` makes each media file."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Put = Callable[[Path], object]
"""Makes a media file at a path."""

_FRAMES, _SAMPLES = 40, 25_600  # of each video that a table describes: 1.6 s


def touch(path: Path) -> Path:
    """A file of one byte, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def write_json(path: Path, content: object) -> Path:
    """A JSON file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_lavdf(root: Path, put: Put = touch) -> None:
    """Four videos of each split: real, fake frames, fake audio, both; with keys nobody needs."""
    entries = []
    for split in ("train", "dev", "test"):
        modified = ((False, False), (True, False), (False, True), (True, True))
        for number, (visual, audio) in enumerate(modified):
            name = f"{split}/{number:06d}.mp4"
            entries.append(_lavdf_entry(name, split, visual, audio))
            put(root / name)
    write_json(root / "metadata.json", entries)


def _lavdf_entry(name: str, split: str, visual: bool, audio: bool) -> dict[str, Any]:
    spans = [[0.2, 0.6]] if visual or audio else []
    return {
        "file": name,
        "n_fakes": len(spans),
        "fake_periods": spans,
        "duration": 1.6,
        "original": f"{split}/000000.mp4" if spans else None,
        "modify_video": visual,
        "modify_audio": audio,
        "split": split,
        "video_frames": _FRAMES,
        "audio_channels": 1,
        "audio_frames": _SAMPLES,
        "timestamps": [["word", 0.1, 0.2]],
        "transcript": "ä",
    }


def write_avdeepfake1m(root: Path, put: Put = touch, plus: bool = False) -> None:
    """Four videos of training and four of validation.

    Args:
        plus: as the second version is laid out: `both-modified`, and the split in `file`.
    """
    both = "both-modified" if plus else "both_modified"
    for split in ("train", "val"):
        entries = []
        for kind in ("real", "visual_modified", "audio_modified", both):
            name = f"id0{len(split)}00{int(plus)}/clip/00001/{kind}.mp4"
            file = f"{split}/{name}" if plus else name
            entries.append(_avdeepfake1m_entry(file, split, kind))
            put(root / split / name)
        write_json(root / f"{split}_metadata.json", entries)


def _avdeepfake1m_entry(file: str, split: str, kind: str) -> dict[str, Any]:
    visual = [[0.1, 0.4], [0.8, 1.0]] if kind.startswith(("visual", "both")) else []
    audio = [[0.3, 0.5]] if kind.startswith(("audio", "both")) else []
    return {
        "file": file,
        "original": None,
        "split": split,
        "modify_type": kind,
        "audio_model": "x",
        "visual_fake_segments": visual,
        "audio_fake_segments": audio,
        "fake_segments": sorted(visual + audio),
        "video_frames": _FRAMES,
        "audio_frames": _SAMPLES,
    }


def write_dfdc(root: Path, put: Put = touch, test: bool = True) -> None:
    """Two parts of ten originals with a fake each, and, if asked for, a test set."""
    for part in range(2):
        folder = root / f"dfdc_train_part_{part}"
        entries: dict[str, dict[str, str]] = {}
        for number in range(10):
            real, fake = f"r{part}{number}.mp4", f"f{part}{number}.mp4"
            entries[real] = {"label": "REAL", "split": "train"}
            entries[fake] = {"label": "FAKE", "split": "train", "original": real}
            put(folder / real)
            put(folder / fake)
        write_json(folder / "metadata.json", entries)
    if test:
        put(root / "test" / "videos" / "aa.mp4")
        put(root / "test" / "videos" / "bb.mp4")
        write_dfdc_labels(root / "test", {"aa.mp4": 0, "bb.mp4": 1})


def write_dfdc_labels(folder: Path, labels: dict[str, int]) -> None:
    """The table of a test set of DFDC: 0 is real, 1 is fake."""
    rows = [f"{name},{label}" for name, label in labels.items()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.csv").write_text(
        "\n".join(["filename,label", *rows, ""]),
        encoding="utf-8",
    )


def write_kodf(
    root: Path,
    put: Put = touch,
    actors: Sequence[str] = ("101", "102", "103"),
) -> None:
    """An original of each actor, and a synthesis of each by each of the five methods."""
    methods = ("dfl", "dffs", "fsgan", "fo", "audio-driven")
    for actor in actors:
        put(root / "original_videos" / actor / f"{actor}_001.mp4")
        for code, method in enumerate(methods, 1):
            folder = root / "synthesized_videos" / method / "20210101" / actor
            put(folder / f"{actor}_{int(actor) + 1}_{code}_0001.mp4")
