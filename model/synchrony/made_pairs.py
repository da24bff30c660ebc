"""Pairs of picture and sound that do not belong together, made of genuine ones.

A run can be checked for synchrony without any dataset of such pairs: the aligned features of two
genuine videos are exchanged, or the sound of one is moved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SEGMENT_FRAMES, SEGMENT_SECONDS
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.synchrony.aligned_run import AlignedRun
from avdf.model.synchrony.offset_curves import OffsetCurves, join_curves, offset_curves

Kind = Literal["genuine", "known", "other sound", "moved sound"]

# Frames by which the sound is moved, to both sides: 0.2, 0.4 and 0.8 s.
SHIFTS = (5, 10, 20)
# A shorter video is not judged: its curve is uncertain.
FEWEST_ROWS = 2 * SEGMENT_FRAMES
LEAST_SECONDS = 2 * SEGMENT_SECONDS


@dataclass(frozen=True)
class Subject:
    """A validation video whose synchrony is known.

    identity  the person, or the video where no person is named
    label     0: picture and sound belong together; 1: they do not, though both are genuine
    run       its aligned features
    """

    identity: str
    label: int
    run: AlignedRun


@dataclass(frozen=True)
class SyncPairs:
    """Curves of n pairs of picture and sound.

    kind    (n,) how each was made
    label   (n,) 0: they belong together, 1: they do not
    source  (n,) the identity whose picture it is
    curves  of n pairs
    segments  of the segments of all pairs with other sound
    """

    kind: npt.NDArray[np.str_]
    label: npt.NDArray[np.int64]
    source: npt.NDArray[np.object_]
    curves: OffsetCurves
    segments: OffsetCurves


def sync_pairs(subjects: Sequence[Subject]) -> SyncPairs:
    """The subjects as they are, and for each genuine one the pairs made of it."""
    long_enough = [one for one in subjects if len(one.run.visual) >= FEWEST_ROWS]
    pairs = [(one, _kind(one), one.run) for one in long_enough]
    genuine = [one for one in long_enough if one.label == REAL]
    for number, one in enumerate(genuine):
        pairs += [(one, "moved sound", run) for run in _moved(one.run)]
        other = _next_person(genuine, number)
        if other is not None:
            pairs.append((one, "other sound", _exchanged(one.run, other.run)))
    return SyncPairs(
        kind=np.array([kind for _, kind, _ in pairs], np.str_),
        label=np.array([kind != "genuine" for _, kind, _ in pairs], np.int64),
        source=np.array([one.identity for one, _, _ in pairs], np.object_),
        curves=join_curves([whole_curve(run) for _, _, run in pairs]),
        segments=join_curves(
            [
                offset_curves(run.visual, run.audio)
                for _, kind, run in pairs
                if kind == "other sound"
            ]
        ),
    )


def whole_curve(run: AlignedRun) -> OffsetCurves:
    """One curve of all frames of a run."""
    curves = offset_curves(run.visual, run.audio)
    return curves.by_video(np.zeros(len(curves.sums), np.int64), 1)


def _kind(subject: Subject) -> Kind:
    return "known" if subject.label == FAKE else "genuine"


def _moved(run: AlignedRun) -> Iterator[AlignedRun]:
    """The run with its sound late and early, as far as it is long enough for that."""
    for frames in SHIFTS:
        if len(run.visual) - frames < SEGMENT_FRAMES:
            continue
        # Late: what is heard with frame t belongs to frame t - frames.
        yield AlignedRun(run.video, run.visual[frames:], run.audio[:-frames])
        yield AlignedRun(run.video, run.visual[:-frames], run.audio[frames:])


def _next_person(genuine: Sequence[Subject], number: int) -> Subject | None:
    """The next genuine subject of another person; None where there is nobody else."""
    own = genuine[number].identity
    following = [*genuine[number + 1 :], *genuine[:number]]
    return next((one for one in following if one.identity != own), None)


def _exchanged(picture: AlignedRun, sound: AlignedRun) -> AlignedRun:
    """The picture of one run with the sound of another, as long as the shorter one."""
    rows = min(len(picture.visual), len(sound.audio))
    return AlignedRun(picture.video, picture.visual[:rows], sound.audio[:rows])
