"""A small synthetic FakeAVCeleb: its folders, types, methods, groups, and its table's quirks."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.ethnic_split import ETHNIC_SPLIT
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.clip_file import write_clip
from avdf.pipeline.synthetic.forgery import Forgery
from avdf.pipeline.synthetic.generate import OnPart, generate_parts, ignore_progress
from avdf.pipeline.synthetic.speaker import Speaker, random_speaker

Row = list[str]
"""One row of `meta_data.csv`."""

RACES = tuple(sorted(ETHNIC_SPLIT))
GENDERS = ("men", "women")
# (folder of the type, method, letter of the category); the order decides the seed of each clip
KINDS = (
    ("RealVideo-RealAudio", "real", "A"),
    ("RealVideo-FakeAudio", "rtvc", "B"),
    ("FakeVideo-RealAudio", "faceswap", "C"),
    ("FakeVideo-RealAudio", "fsgan", "C"),
    ("FakeVideo-RealAudio", "wav2lip", "C"),
    ("FakeVideo-FakeAudio", "faceswap-wav2lip", "D"),
    ("FakeVideo-FakeAudio", "fsgan-wav2lip", "D"),
    ("FakeVideo-FakeAudio", "wav2lip", "D"),
)
_COLUMNS = [
    "source",
    "target1",
    "target2",
    "method",
    "category",
    "type",
    "race",
    "gender",
    "path",
]
_HEADER = [*_COLUMNS, ""]  # the folder's column has no name, as in the original
_METHOD = _COLUMNS.index("method")
_DOUBLED_ROWS = 2


@dataclass(frozen=True)
class _Identity:
    """Somebody of the dataset; `partner` is the number of another of the same race and gender."""

    number: int
    race: str
    gender: str
    partner: int

    @property
    def name(self) -> str:
        return _identity_name(self.number)


@dataclass(frozen=True)
class _Part:
    """The videos of one identity."""

    root: Path
    identity: _Identity
    seconds: float
    seed: int


def generate_fakeavceleb(
    root: Path,
    identities: int = 3,
    seconds: float = 1.8,
    seed: int = 0,
    workers: int = 0,
    on_identity: OnPart = ignore_progress,
) -> int:
    """Write the dataset below `root`; the same arguments give the same videos.

    Args:
        identities: of each of 5 races and 2 genders; each has 8 videos.
        seconds: length of each video.
        workers: number of processes; 0: one for each core.
        on_identity: called with the number of finished identities and of all.

    Returns:
        How many videos there are.
    """
    parts = [
        _Part(root, identity, seconds, seed) for identity in _all_identities(identities)
    ]
    rows: list[Row] = []
    for made in generate_parts(root, _generate_identity, parts, workers, on_identity):
        rows += made
    _write_table(root / "meta_data.csv", rows)
    return len(rows)


def _all_identities(per_cell: int) -> list[_Identity]:
    """The identities of each race and gender; the partner of each is the next one of these."""
    found: list[_Identity] = []
    for race in RACES:
        for gender in GENDERS:
            first = len(found)
            for index in range(per_cell):
                partner = first + (index + 1) % per_cell
                found.append(_Identity(first + index, race, gender, partner))
    return found


def _generate_identity(part: _Part) -> list[Row]:
    """Write the eight videos of one identity and return their rows of the table."""
    identity = part.identity
    speaker = _speaker(
        identity.number,
        identity.gender,
        part.seed,
    )
    partner = _speaker(
        identity.partner,
        identity.gender,
        part.seed,
    )
    rows = []
    for number, (type_folder, method, letter) in enumerate(KINDS, 1):
        forgery = Forgery(
            method,
            fake_audio=letter in "BD",
            other=partner,
        )
        generator = np.random.default_rng([part.seed, identity.number, number])
        clip = generate_clip(
            speaker,
            part.seconds,
            generator,
            forgery,
        )
        folder = Path(type_folder) / identity.race / identity.gender / identity.name
        name = _file_name(identity, method, letter)
        write_clip(part.root / folder / name, clip)

        target = _identity_name(identity.partner) if forgery.swap else "-"
        kind = [method, letter, type_folder]
        place = [identity.race, identity.gender, name, f"FakeAVCeleb/{folder}"]
        rows.append([identity.name, target, "-", *kind, *place])
    return rows


def _speaker(number: int, gender: str, seed: int) -> Speaker:
    return random_speaker(np.random.default_rng([seed, number]), gender)


def _identity_name(number: int) -> str:
    return f"id{number:05d}"


def _file_name(
    identity: _Identity,
    method: str,
    letter: str,
) -> str:
    clip = f"{identity.number * 7 + 1:05d}"
    if letter == "A":
        return f"{clip}.mp4"
    if letter == "B":
        # One name lacks `_fake`, as in the original.
        return f"{clip}.mp4" if identity.number == 0 else f"{clip}_fake.mp4"
    target = "" if method == "wav2lip" else f"_{_identity_name(identity.partner)}"
    return f"{clip}{target}_{method.replace('wav2lip', 'wavtolip')}.mp4"


def _write_table(path: Path, rows: list[Row]) -> None:
    """Write ten values under nine names, and two videos under two methods, as in the original."""
    swaps = [row for row in rows if row[_METHOD] == "faceswap-wav2lip"]
    doubled = [
        [*row[:_METHOD], "wav2lip", *row[_METHOD + 1 :]]
        for row in swaps[:_DOUBLED_ROWS]
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([_HEADER, *rows, *doubled])
