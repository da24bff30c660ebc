"""A synthetic dataset in which picture and sound are genuine, but may not belong together.

Each person speaks in two takes. Every video is a cut of a take's frames with a cut of the same
length of a take's sound, so that the same pictures and the same sounds are in genuine and in
mismatched videos. Neither of them alone tells one from the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME
from avdf.cache.core.labels import REAL
from avdf.cache.files.csv_table import write_rows
from avdf.pipeline.synthetic.clip import SyntheticClip, generate_clip
from avdf.pipeline.synthetic.clip_file import write_clip
from avdf.pipeline.synthetic.generate import OnPart, generate_parts, ignore_progress
from avdf.pipeline.synthetic.pair_options import PairOptions
from avdf.pipeline.synthetic.paired_person import (
    PairedPerson,
    gender_of,
    paired_persons,
)
from avdf.pipeline.synthetic.pairing import (
    KINDS,
    MOST_SHIFT,
    OTHER_PERSON,
    OTHER_WORDS,
    PAIRINGS,
    Pairing,
)
from avdf.pipeline.synthetic.speaker import random_speaker

DATASET = "synthetic_pairs"
MANIFEST = "manifest.csv"
TAKES = 2  # of each person
# Frames before the first that any video uses. A take begins with a syllable; only after about a
# second is a syllable as likely to begin at one instant as at another.
LEAD = 25
FIRST = LEAD + MOST_SHIFT  # frame of a take that is the first picture of every video
_SPEAKERS, _TAKES = 81, 82  # random streams


@dataclass(frozen=True)
class PairRow:
    """A row of the manifest; its columns are described in docs/manifest.md."""

    path: str
    label: int
    label_visual: int
    label_audio: int
    split: str
    category: str
    method: str
    identity: str
    gender: str
    dataset: str = DATASET


@dataclass(frozen=True)
class _Part:
    """The videos of one person."""

    root: Path
    person: PairedPerson
    options: PairOptions


def generate_pairs(
    root: Path,
    options: PairOptions | None = None,
    workers: int = 0,
    on_person: OnPart = ignore_progress,
) -> int:
    """Write the videos and `manifest.csv` below `root`; the same options give the same videos.

    Args:
        options: None: the defaults.
        workers: number of processes; 0: one for each core.
        on_person: called with the number of finished persons and of all.

    Returns:
        How many videos there are.

    Raises:
        ValueError: a split has too few persons for a kind.
    """
    options = options or PairOptions()
    parts = [_Part(root, person, options) for person in paired_persons(options)]
    rows: list[PairRow] = []
    for made in generate_parts(root, _write_person, parts, workers, on_person):
        rows += made
    write_rows(root / MANIFEST, PairRow, rows)
    return len(rows)


def clips_of(
    person: PairedPerson,
    options: PairOptions,
) -> Iterator[tuple[str, Pairing, SyntheticClip]]:
    """The clips of a person as (name of the file, kind, clip), kind after kind."""
    takes = [_take(person.number, number, options) for number in range(TAKES)]
    for kind in options.kinds:
        pairing = PAIRINGS[kind]
        for number in _pictures(person, pairing):
            # Whatever the kind, the sound is from a take that is genuine in another video.
            sound = takes[number]
            if pairing.sound == OTHER_WORDS:
                sound = takes[1 - number]
            elif pairing.sound == OTHER_PERSON:
                sound = _take(person.partner, number, options)
            clip = _cut(takes[number], sound, pairing.late, options.frames)
            yield f"{kind}_take{number + 1}.mp4", pairing, clip


def _write_person(part: _Part) -> list[PairRow]:
    """Write the videos of one person and return their rows of the manifest."""
    person = part.person
    rows = []
    for name, pairing, clip in clips_of(person, part.options):
        path = f"{person.name}/{name}"
        write_clip(part.root / path, clip)
        row = PairRow(
            path=path,
            label=pairing.label,
            label_visual=REAL,
            label_audio=REAL,
            split=person.split,
            category=pairing.category,
            method=pairing.name,
            identity=person.name,
            gender=person.gender,
        )
        rows.append(row)
    return rows


def _pictures(person: PairedPerson, pairing: Pairing) -> tuple[int, ...]:
    """The takes whose picture a kind shows: both if genuine, else one."""
    if pairing.label == REAL:
        return tuple(range(TAKES))
    # In turn, so that each picture is seen in about as many mismatched videos.
    turn = KINDS.index(pairing.name) + person.number
    return (turn % TAKES,)


def _take(person: int, number: int, options: PairOptions) -> SyntheticClip:
    """What a person says in a take, with enough before and after for every shift."""
    of_person = np.random.default_rng([options.seed, _SPEAKERS, person])
    of_take = np.random.default_rng([options.seed, _TAKES, person, number])
    frames = FIRST + options.frames + MOST_SHIFT
    return generate_clip(
        random_speaker(of_person, gender_of(person)),
        frames / FRAME_RATE,
        of_take,
    )


def _cut(
    picture: SyntheticClip,
    sound: SyntheticClip,
    late: int,
    frames: int,
) -> SyntheticClip:
    """The picture of one take with the sound of the same or another one.

    Args:
        late: what is heard at frame t is what the sound's take shows at frame t - late.
        frames: length of the clip.
    """
    heard = FIRST - late
    first_sample = heard * SAMPLES_PER_FRAME
    stop_sample = (heard + frames) * SAMPLES_PER_FRAME
    return SyntheticClip(
        picture.frames[FIRST : FIRST + frames],
        sound.audio[first_sample:stop_sample],
    )
