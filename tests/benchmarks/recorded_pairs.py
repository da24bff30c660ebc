"""Pairs of picture and sound made of prepared recordings, by moving whole rows.

A pair takes rows of one clip's crops and rows of one clip's samples. Nothing is encoded again and
nothing is joined, so that no seam gives a made pair away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from avdf.cache import open_shards
from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES

Kind = Literal["genuine", "other_speaker", "own_other", "shifted"]

SHIFTS = (5, 10, 20)  # rows: 0.2, 0.4 and 0.8 s
MOST_SOUNDS = 3  # other clips whose sound one clip gets, of each kind


@dataclass(frozen=True, eq=False)
class Clip:
    """One recorded sentence, prepared.

    crops  (rows, 224, 224, 3) uint8 RGB
    pcm    (640 rows,) int16

    Raises:
        ValueError: picture and sound are of different lengths.
    """

    name: str
    speaker: str
    crops: UInt8Array
    pcm: Pcm

    def __post_init__(self) -> None:
        if len(self.pcm) != len(self) * SAMPLES_PER_FRAME:
            raise ValueError(
                f"{self.name}: {len(self)} rows with {len(self.pcm)} samples"
            )

    def __len__(self) -> int:
        return len(self.crops)


@dataclass(frozen=True)
class Pair:
    """Rows of one clip's picture with as many rows of one clip's sound.

    picture, sound  numbers of the clips
    shift           rows by which the sound is late; negative: early
    seen, heard     the first row of each
    rows            how many
    """

    kind: Kind
    picture: int
    sound: int
    shift: int
    seen: int
    heard: int
    rows: int


def read_clips(shards: Path, left_out: Sequence[str]) -> list[Clip]:
    """The first track of each video, in the order of names; the speaker is its identity."""
    found = []
    for shard in open_shards(shards):
        first_rows = shard.column("tracks/frame")
        ends = np.append(first_rows[1:], len(shard.offsets) - 1)
        owners = shard.column("tracks/video").tolist()
        for number, info in enumerate(shard.videos):
            if info.id in left_out:
                continue
            track = owners.index(number)
            row = int(first_rows[track])
            rows = int(ends[track]) - row
            crops = shard.images(row, rows)
            pcm = shard.pcm(row, rows)
            found.append(Clip(info.id, info.identity, crops, pcm))
    return sorted(found, key=lambda clip: clip.name)


@dataclass(frozen=True)
class Fold:
    """Clips that are in no training of a fold, by their numbers.

    tested  each is tested
    sounds  of them only the sound is used, with the frames of the tested clips
    """

    tested: list[int]
    sounds: list[int]

    @property
    def left_out(self) -> list[int]:
        """All of them."""
        return [*self.tested, *self.sounds]


def pairs_to_test(clips: Sequence[Clip], fold: Fold) -> Iterator[Pair]:
    """Each tested clip as it is, shifted, and with the sound of other clips of its fold."""
    for number in fold.tested:
        rows = len(clips[number])
        yield Pair("genuine", number, number, 0, 0, 0, rows)
        for shift in SHIFTS:
            left = rows - shift
            # What is heard at row t was seen at row t - shift.
            yield Pair("shifted", number, number, shift, shift, 0, left)
            yield Pair("shifted", number, number, -shift, 0, shift, left)
        for kind, sounds in _other_sounds(clips, fold.left_out, number):
            for sound in sounds[:MOST_SOUNDS]:
                common = min(rows, len(clips[sound]))
                yield Pair(kind, number, sound, 0, 0, 0, common)


def _other_sounds(
    clips: Sequence[Clip], left_out: Sequence[int], number: int
) -> Iterator[tuple[Kind, list[int]]]:
    """Left-out clips of other speakers and of the same one, each kind from `number` onwards."""
    # Each clip begins at another place of the list, so that no sound is preferred.
    place = list(left_out).index(number)
    others = [*left_out[place + 1 :], *left_out[:place]]
    speaker = clips[number].speaker
    yield "other_speaker", [i for i in others if clips[i].speaker != speaker]
    yield "own_other", [i for i in others if clips[i].speaker == speaker]


def speaker_folds(clips: Sequence[Clip], folds: int) -> list[Fold]:
    """Whole speakers, so that folds are of like size.

    With as many folds as speakers, each fold tests one of them. A second one is left out as well:
    the next in the order of names. With its sound, every speaker has pairs with the sound of
    somebody who was not in training.

    Raises:
        ValueError: there are fewer speakers than folds.
    """
    clips_of: dict[str, list[int]] = {}
    for number, clip in enumerate(clips):
        clips_of.setdefault(clip.speaker, []).append(number)
    if len(clips_of) < folds:
        raise ValueError(f"{len(clips_of)} speakers cannot be {folds} folds")
    if len(clips_of) == folds:
        names = sorted(clips_of)
        nexts = [*names[1:], names[0]]
        pairs = zip(names, nexts, strict=True)
        return [Fold(clips_of[name], clips_of[other]) for name, other in pairs]
    found: list[list[int]] = [[] for _ in range(folds)]
    # The speaker with most clips first, each to the smallest fold.
    for speaker in sorted(clips_of, key=lambda name: (-len(clips_of[name]), name)):
        min(found, key=len).extend(clips_of[speaker])
    return [Fold(sorted(fold), []) for fold in found]


@dataclass(frozen=True)
class Draw:
    """Windows of a training batch.

    seen, heard  (B, 2) clip and first row of what is seen and of what is heard
    labels       (B, 3) of the video, of the picture and of the sound: 0 real, 1 fake
    """

    seen: npt.NDArray[np.int64]
    heard: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]


def draw_batch(
    rows: dict[int, int],
    size: int,
    fakes: int,
    per_clip: int,
    generator: np.random.Generator,
) -> Draw:
    """A batch of `size` windows, of which the last `fakes` have the sound of another place.

    Windows with their own sound do not overlap: the same frame twice would be its own opposite.

    Args:
        rows: of each training clip, by its number.
        per_clip: how many windows of a clip come before those of the next clip.
    """
    order = generator.permutation(list(rows)).tolist()
    windows = {clip: _grid(clip, rows[clip], generator) for clip in order}
    seen = []
    # All clips get `per_clip` windows before any gets more of them.
    for begin in range(0, max(map(len, windows.values())), per_clip):
        for clip in order:
            seen += windows[clip][begin : begin + per_clip]
    seen = seen[:size]
    heard = list(seen)
    labels = np.zeros((len(seen), 3), np.int64)
    for place in range(len(seen) - fakes, len(seen)):
        heard[place] = _elsewhere(seen[place], rows, generator)
        labels[place, 0] = 1
    return Draw(np.array(seen), np.array(heard), labels)


def _grid(
    clip: int, rows: int, generator: np.random.Generator
) -> list[tuple[int, int]]:
    """Windows (clip, row) that do not overlap, in random order, from a random row on."""
    first = int(generator.integers(rows % SEGMENT_FRAMES + 1))
    starts = first + SEGMENT_FRAMES * np.arange(rows // SEGMENT_FRAMES)
    return [(clip, int(row)) for row in generator.permutation(starts)]


def _elsewhere(
    window: tuple[int, int], rows: dict[int, int], generator: np.random.Generator
) -> tuple[int, int]:
    """Sound for a made pair: of another clip at the same row, or of the same clip 5 to 20 away."""
    clip, row = window
    last = rows[clip] - SEGMENT_FRAMES
    if generator.random() < 0.5:
        away = np.arange(min(SHIFTS), max(SHIFTS) + 1)
        places = np.concatenate([row - away, row + away])
        places = places[(places >= 0) & (places <= last)]
        return clip, int(generator.choice(places))
    others = [other for other in rows if other != clip]
    other = int(generator.choice(others))
    return other, min(row, rows[other] - SEGMENT_FRAMES)
