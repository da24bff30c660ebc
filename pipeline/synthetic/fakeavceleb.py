"""FakeAVCeleb in small, drawn: its folders, types, methods and groups, and the quirks of its `meta_data.csv`."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.pipeline.job.processes import process_pool
from avdf.pipeline.sources.synthetic_marker import mark_as_synthetic
from avdf.pipeline.synthetic.clip import Speaker, draw_speaker, film, write_clip

RACES = ("African", "Asian (East)", "Asian (South)", "Caucasian (American)", "Caucasian (European)")
GENDERS = ("men", "women")
# (type folder, method, category letter)
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
_HEADER = [
    "source",
    "target1",
    "target2",
    "method",
    "category",
    "type",
    "race",
    "gender",
    "path",
    "",
]


@dataclass(frozen=True)
class _Identity:
    number: int
    race: str
    gender: str
    partner: int  # whose face is pasted: somebody of the same group and gender

    @property
    def name(self) -> str:
        return f"id{self.number:05d}"


@dataclass(frozen=True)
class _Job:
    root: Path
    identity: _Identity
    seconds: float
    seed: int


def draw_fakeavceleb(
    root: Path,
    identities: int = 3,
    seconds: float = 1.8,
    seed: int = 0,
    workers: int = 0,
    on_identity: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Draw the dataset below `root`: `identities` in each of 5 groups x 2 genders, 8 videos each; returns how many.

    The same arguments give the same pictures and sounds. `workers` 0: one a core.
    """
    mark_as_synthetic(root)
    everybody = _everybody(identities)
    jobs = [_Job(root, identity, seconds, seed) for identity in everybody]
    rows: list[list[str]] = []
    with process_pool(workers) as pool:
        for done, made in enumerate(pool.map(_draw_identity, jobs), 1):
            rows += made
            on_identity(done, len(jobs))
    _write_metadata(root / "meta_data.csv", rows)
    return len(rows)


def _everybody(identities: int) -> list[_Identity]:
    people: list[_Identity] = []
    for race in RACES:
        for gender in GENDERS:
            first = len(people)
            for index in range(identities):
                people.append(
                    _Identity(first + index, race, gender, first + (index + 1) % identities)
                )
    return people


def _speaker(number: int, gender: str, seed: int) -> Speaker:
    return draw_speaker(np.random.default_rng([seed, number]), gender)


def _draw_identity(job: _Job) -> list[list[str]]:
    """Draw the eight videos of one identity; their rows of the table."""
    person = job.identity
    speaker = _speaker(person.number, person.gender, job.seed)
    other = _speaker(person.partner, person.gender, job.seed)
    rows = []
    for index, (kind, method, letter) in enumerate(KINDS):
        name = _file_name(person, method, letter)
        folder = Path(kind) / person.race / person.gender / person.name
        generator = np.random.default_rng([job.seed, person.number, index + 1])
        write_clip(
            job.root / folder / name,
            film(speaker, other, method, letter in "BD", job.seconds, generator),
        )
        swapped = f"id{person.partner:05d}" if "faceswap" in method or "fsgan" in method else "-"
        rows.append(
            [
                person.name,
                swapped,
                "-",
                method,
                letter,
                kind,
                person.race,
                person.gender,
                name,
                f"FakeAVCeleb/{folder}",
            ]
        )
    return rows


def _file_name(person: _Identity, method: str, letter: str) -> str:
    clip = f"{person.number * 7 + 1:05d}"
    if letter == "A":
        return f"{clip}.mp4"
    if letter == "B":
        return (
            f"{clip}.mp4" if person.number == 0 else f"{clip}_fake.mp4"
        )  # one name lacks `_fake`, as in the original
    target = f"_id{person.partner:05d}" if method != "wav2lip" else ""
    return f"{clip}{target}_{method.replace('wav2lip', 'wavtolip')}.mp4"


def _write_metadata(path: Path, rows: list[list[str]]) -> None:
    """Ten values under nine names, and a few videos listed under two methods, as in the original."""
    twice = [row for row in rows if row[3] == "faceswap-wav2lip"][:2]
    again = [[*row[:3], "wav2lip", *row[4:]] for row in twice]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([_HEADER, *rows, *again])
