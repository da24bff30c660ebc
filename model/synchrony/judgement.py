"""From offset curves to what is said of a video: its figures, its probability and its verdict."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.synchrony.curve_figures import Array
from avdf.model.synchrony.made_pairs import FEWEST_ROWS, LEAST_SECONDS
from avdf.model.synchrony.offset_curves import MOST_FRAMES, OffsetCurves
from avdf.model.synchrony.synchrony import (
    IN_SYNC,
    NOTHING_COMPARED,
    OUT_OF_SYNC,
    UNSURE,
    Synchrony,
)

# With fewer genuine validation videos, what they say is largely chance.
FEW_GENUINE = 20
TOO_SHORT = f"fewer than {LEAST_SECONDS:.2f} s of picture with sound"


@dataclass(frozen=True)
class SyncJudgement:
    """How synchrony is judged.

    calibration  what validation says of `sync`; None where it says nothing
    note         why this run cannot judge synchrony; '' where it can
    abstain      half-width of the band around the threshold in which the verdict is `unsure`
    """

    calibration: SyncCalibration | None = None
    note: str = "this run does not compare picture and sound"
    abstain: float = 0.0

    @property
    def usable(self) -> SyncCalibration | None:
        """The calibration, where this run can judge synchrony."""
        return None if self.note else self.calibration

    @property
    def basis(self) -> str:
        """A sentence on what verdicts rest on; '' where none can be given."""
        found = self.usable
        if found is None or found.interval is None:
            return ""
        low, high = found.interval
        kinds = ", ".join(sorted(found.by_kind))
        few = ""
        if found.genuine < FEW_GENUINE:
            few = f"; so few genuine videos make this uncertain, at least {FEW_GENUINE} are needed"
        return (
            f"synchrony: checked on {found.genuine} genuine validation videos and {found.apart} "
            f"pairs that do not belong together ({kinds}), AUC {found.auc:.3f} "
            f"({low:.3f}-{high:.3f}){few}"
        )

    def verdict(self, probability: float) -> str:
        """`in sync`, `out of sync` or `unsure`; '' where this run cannot judge."""
        if self.usable is None:
            return ""
        threshold = self.usable.threshold
        # Never more than half of the way to 0 or to 1, so that both can still be given.
        below = min(self.abstain, threshold / 2)
        above = min(self.abstain, (1 - threshold) / 2)
        if threshold - below < probability < threshold + above:
            return UNSURE
        return OUT_OF_SYNC if probability >= threshold else IN_SYNC


NO_SYNC_JUDGEMENT = SyncJudgement()


def read_synchrony(
    curves: OffsetCurves, judgement: SyncJudgement
) -> Iterator[Synchrony]:
    """What the curves of n segments say: their figures, no verdict and not the curve itself.

    A dataset has millions of segments, whose curves would not fit into memory as numbers of Python.
    """
    calibration = judgement.usable
    least_depth = calibration.segment_depth if calibration else np.inf
    return _read(curves, judgement, least_depth)


def _read(
    curves: OffsetCurves, judgement: SyncJudgement, least_depth: float
) -> Iterator[Synchrony]:
    """The figures of curves. An offset is named where a curve is deeper than `least_depth`."""
    known = curves.is_known.tolist()
    columns = (curves.sync.tolist(), curves.depth.tolist(), curves.offset_ms.tolist())
    # A run that compares nothing is the reason, whatever the video has.
    nothing = Synchrony(note=judgement.note or NOTHING_COMPARED)
    for is_known, sync, depth, offset in zip(known, *columns, strict=True):
        if not is_known:
            yield nothing
            continue
        yield Synchrony(
            sync=sync,
            depth=depth,
            offset_ms=int(offset) if depth > least_depth else None,
            note=judgement.note,
        )


def judge_synchrony(
    curves: OffsetCurves, judgement: SyncJudgement
) -> Iterator[Synchrony]:
    """What the curves of n videos say, with the verdict on each."""
    here = curves.pairs[:, MOST_FRAMES].tolist()
    calibration = judgement.usable
    read = _read(curves, judgement, calibration.depth if calibration else np.inf)
    for pairs, bare, distance in zip(here, read, curves.distance, strict=True):
        if bare.sync is None:
            # Some was compared, but not enough for a curve.
            is_short = pairs and not judgement.note
            yield replace(bare, note=TOO_SHORT) if is_short else bare
            continue
        found = replace(bare, curve=_as_values(distance))
        if calibration is None:
            yield found
        elif pairs < FEWEST_ROWS:
            yield replace(found, note=TOO_SHORT, offset_ms=None)
        else:
            probability = float(calibration.probability(np.array(found.sync)))
            verdict = judgement.verdict(probability)
            judged = replace(found, probability=probability, verdict=verdict)
            yield compared_with_least(judged)


def compared_with_least(found: Synchrony) -> Synchrony:
    """The same, where the least distance of the curve is where it should be.

    Of a short video, a curve must be very deep to be deeper than those of other sound. Where the
    verdict `in sync` rests on D(0) and the least distance is there too, one confirms the other, and
    the offset is named. Where the verdict would be `out of sync`, they contradict each other:
    sound of somebody else fits best within a frame of where it is in 3 of 51 videos.
    """
    if not found.fits_as_it_is:
        return found
    if found.verdict == OUT_OF_SYNC:
        return replace(found, verdict=UNSURE)
    if found.offset_ms is None and found.verdict == IN_SYNC:
        return replace(found, offset_ms=found.least_ms)
    return found


def _as_values(distance: Array) -> tuple[float | None, ...]:
    """A curve (51,) with None where too little was compared."""
    known = np.isfinite(distance).tolist()
    values = zip(distance.tolist(), known, strict=True)
    return tuple(value if there else None for value, there in values)
