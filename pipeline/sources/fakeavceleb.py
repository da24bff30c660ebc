"""FakeAVCeleb v1.2 (Khalid et al. 2021), with the quirks of its `meta_data.csv`. Layout: docs/datasets.md."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.ethnic_split import ETHNIC_SPLIT
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.listing import (
    Listing,
    each_once,
    faulty,
    real_path,
    refuse_mostly_faulty,
    unlisted_media,
)

DATASET = "fakeavceleb"
METADATA = "meta_data.csv"

# type folder -> (label_visual, label_audio)
TYPES = {
    "RealVideo-RealAudio": (REAL, REAL),
    "RealVideo-FakeAudio": (REAL, FAKE),
    "FakeVideo-RealAudio": (FAKE, REAL),
    "FakeVideo-FakeAudio": (FAKE, FAKE),
}
# (type folder, method) -> category; five of them are those of the paper's Table 2
CATEGORIES = {
    ("RealVideo-RealAudio", "real"): "RVRA",
    ("RealVideo-FakeAudio", "rtvc"): "RVFA",
    ("FakeVideo-RealAudio", "wav2lip"): "FVRA-WL",
    ("FakeVideo-RealAudio", "faceswap"): "FVRA-FS",
    ("FakeVideo-RealAudio", "fsgan"): "FVRA-GAN",
    ("FakeVideo-FakeAudio", "faceswap-wav2lip"): "FVFA-FS",
    ("FakeVideo-FakeAudio", "fsgan-wav2lip"): "FVFA-GAN",
    ("FakeVideo-FakeAudio", "wav2lip"): "FVFA-WL",
}
_FOLDER_DEPTH = 4  # type / race / gender / id
_IDENTITY = re.compile(r"(?<![A-Za-z0-9])id\d{5}(?!\d)")


@dataclass(frozen=True)
class _Row:
    source: str
    method: str
    kind: str
    race: str
    gender: str
    file: str
    folder: tuple[str, ...]  # type, race, gender, id
    targets: tuple[
        str, ...
    ] = ()  # the others who are seen or heard, the first on screen in a face swap

    @property
    def id(self) -> str:
        return "/".join((*self.folder, self.file))


def is_fakeavceleb(root: Path) -> bool:
    """Whether a folder looks like the dataset's root."""
    return (root / METADATA).is_file() and any(_folders(root).get(_plain(kind)) for kind in TYPES)


def fakeavceleb(root: Path) -> Listing:
    """Every video once, with labels, category, method, identity, group, gender and the paper's split.

    Raises:
        SourceError: there is no `meta_data.csv`, or it cannot be understood.
    """
    if not (root / METADATA).is_file():
        raise SourceError(
            f"{root}: no {METADATA} here. FakeAVCeleb is given for research on request: fill in the form linked from "
            "https://github.com/DASH-Lab/FakeAVCeleb, unpack the archive and name the folder that holds meta_data.csv"
        )
    table = root / METADATA
    entries = list(_read(table))
    rows, duplicates = _without_duplicates([entry for entry in entries if isinstance(entry, _Row)])
    resolve = _Resolver(root)
    faults = [entry for entry in entries if isinstance(entry, VideoInfo)]
    videos = (*(_info(row, resolve) for row in rows), *each_once(faults))
    refuse_mostly_faulty(table, videos)
    if not videos:
        raise SourceError(f"{table}: lists no videos; take the table from the dataset again")
    notes = []
    if duplicates:
        notes.append(
            f"{duplicates} files are listed twice in {METADATA}; each was taken once, as faceswap-wav2lip"
        )
    return Listing(DATASET, videos, tuple(notes), unlisted_media(root, videos))


def _read(path: Path) -> Iterator[_Row | VideoInfo]:
    """Rows of the table; a faulty video for a row that is not understood.

    The original has ten values under nine names: the tenth is the folder.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip().lower() for name in next(reader, [])]
            named = [name for name in header if name]
            missing = {"source", "method", "type", "race", "gender", "path"} - set(named)
            if missing:
                raise SourceError(
                    f"{path}: no column {', '.join(sorted(missing))} in the header ({', '.join(named)})"
                )
            for values in reader:
                if not any(values):
                    continue
                row = dict(zip(header, (value.strip() for value in values), strict=False))
                file_name = row.get("filename") or row.get("vid") or row["path"]
                folder = (
                    row["path"]
                    if file_name != row["path"]
                    else values[len(named)]
                    if len(values) > len(named)
                    else ""
                )
                try:
                    yield _row(row, file_name, folder)
                except (KeyError, ValueError) as error:
                    what = f"no value for {error}" if isinstance(error, KeyError) else str(error)
                    name = "/".join(
                        [*re.split(r"[/\\]", folder)[-_FOLDER_DEPTH:], file_name]
                    ).strip("/")
                    name = name or f"{METADATA}, line {reader.line_num}"
                    yield faulty(DATASET, path, name, f"line {reader.line_num}: {what}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"{path}: not a CSV file in UTF-8 ({error}); unpack the archive again"
        ) from None


def _row(row: dict[str, str], file_name: str, folder: str) -> _Row:
    kind, race = _spelt(row["type"], TYPES), _spelt(row["race"], ETHNIC_SPLIT)
    if kind is None or race is None:
        wrong = f"type {row['type']!r}" if kind is None else f"race {row['race']!r}"
        raise ValueError(f"{wrong} is not one of FakeAVCeleb's")
    parts = tuple(part for part in re.split(r"[/\\]", folder) if part)[-_FOLDER_DEPTH:]
    if len(parts) < _FOLDER_DEPTH:
        parts = (kind, race, row["gender"], row["source"])
    place = (kind, race, parts[2], parts[3])
    name = re.split(r"[/\\]", file_name)[-1]
    if not name or not all(place) or ".." in (name, *place):
        raise ValueError(f"{'/'.join((*place, name))!r} is not the place of a file")
    targets = _people(row["source"], row.get("target1", ""), row.get("target2", ""), name)
    return _Row(
        row["source"], row["method"].lower(), kind, race, row["gender"], name, place, targets
    )


def _people(source: str, target1: str, target2: str, file: str) -> tuple[str, ...]:
    """Who takes part in a video beside its source, each once: the first target first.

    The columns of targets also hold `-` and pieces of file names; and not all who stand in a name stand in a column.
    """
    named = [*_IDENTITY.findall(f"{target1} {target2}"), *_IDENTITY.findall(file)]
    return tuple(name for name in dict.fromkeys(named) if name != source)


def _without_duplicates(rows: list[_Row]) -> tuple[list[_Row], int]:
    """22 files stand under `wav2lip` and `faceswap-wav2lip`: keep the latter."""
    kept: dict[str, _Row] = {}
    for row in rows:
        known = kept.get(row.id)
        if known is None or row.method == "faceswap-wav2lip":
            kept[row.id] = row
    return list(kept.values()), len(rows) - len(kept)


class _Resolver:
    """Finds a row's file although copies spell folders with other spaces and signs."""

    def __init__(self, root: Path) -> None:
        self._root = real_path(root)
        self._known: dict[Path, dict[str, Path]] = {}
        self._places: dict[tuple[str, ...], Path] = {}

    def __call__(self, row: _Row) -> Path:
        if row.folder not in self._places:
            self._places[row.folder] = self._find(row.folder)
        return self._places[row.folder] / row.file

    def _find(self, parts: tuple[str, ...]) -> Path:
        folder = self._root
        for part in parts:
            if folder not in self._known:
                self._known[folder] = _folders(folder)
            folder = self._known[folder].get(_plain(part), folder / part)
        return folder


def _folders(folder: Path) -> dict[str, Path]:
    return (
        {_plain(path.name): path for path in folder.iterdir() if path.is_dir()}
        if folder.is_dir()
        else {}
    )


def _spelt(name: str, known: Iterable[str]) -> str | None:
    """A type or group as the dataset spells it, from how a copy does."""
    return next((right for right in known if right == name), None) or next(
        (right for right in known if _plain(right) == _plain(name)), None
    )


@cache
def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _info(row: _Row, resolve: _Resolver) -> VideoInfo:
    visual, audio = TYPES[row.kind]
    return VideoInfo(
        id=row.id,
        path=str(resolve(row)),
        dataset=DATASET,
        split=ETHNIC_SPLIT[row.race],
        category=CATEGORIES.get((row.kind, row.method), ""),
        method=row.method,
        identity=row.source,
        group=row.race,
        gender=row.gender,
        targets=" ".join(row.targets),
        label=max(visual, audio),
        label_visual=visual,
        label_audio=audio,
    )
