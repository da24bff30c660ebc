"""From a video's scores to its verdicts: thresholds, temperatures, and when no verdict is given.

Thresholds and temperatures come from validation videos, whose segment scores a checkpoint keeps;
never from the videos that are judged.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video_measures import VideoMeasures
from avdf.model.inference.aggregate import Aggregate
from avdf.model.inference.reliability import usable_threshold
from avdf.model.inference.temperature import fit_temperature
from avdf.model.inference.validation import Validation
from avdf.model.likelihood.difference import Difference, find_differences
from avdf.model.likelihood.ratio_model import RatioModel, fit_ratio
from avdf.model.likelihood.reference_videos import ReferenceVideos
from avdf.model.logistic import logit, sigmoid
from avdf.model.synchrony.judgement import NO_SYNC_JUDGEMENT, SyncJudgement
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict, Verdict

Array = npt.NDArray[np.float64]

NO_TEMPERATURES = PerVerdict.same(1.0)
ONLY_SYNTHETIC = (
    "the run was trained on synthetic videos alone: it cannot judge recorded videos"
)


@dataclass(frozen=True)
class Judgement:
    """How videos are judged.

    aggregate       how the scores of segments become the score of their video
    thresholds      P(fake) from which a verdict is `fake`
    temperatures    P(fake) becomes sigmoid(logit(P) / T); 1 leaves it as it is
    abstain         half-width of the band around the threshold in which the verdict is `unsure`
    rests_on        one line: training videos, weights, checkpoint, validation
    only_synthetic  the detector was trained on generated videos alone: no verdict on recordings
    notes           sentences on what the run cannot be relied on for
    sync            how synchrony is judged
    ratios          None: no likelihood ratios were asked for; else of each verdict what gives its
                    ratio, or None where the validation videos cannot support one
    reference       what the videos look and sound like that the ratios rest on; None: unknown

    Raises:
        SettingsError: `abstain` is not in [0, 0.5).
    """

    aggregate: Aggregate
    thresholds: Thresholds
    temperatures: PerVerdict[float] = NO_TEMPERATURES
    abstain: float = 0.0
    rests_on: str = ""
    only_synthetic: bool = False
    notes: tuple[str, ...] = ()
    sync: SyncJudgement = NO_SYNC_JUDGEMENT
    ratios: PerVerdict[RatioModel | None] | None = None
    reference: ReferenceVideos | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.abstain < 0.5:
            raise SettingsError(f"an abstain band of {self.abstain} is not in [0, 0.5)")

    def calibrated(self, fake: PerVerdict[Array]) -> PerVerdict[Array]:
        """P(fake) of any number of frames, segments or videos under the temperatures; NaN stays."""

        def calibrate(verdict: Verdict) -> Array:
            p, temperature = fake[verdict], self.temperatures[verdict]
            return p if temperature == 1 else sigmoid(logit(p) / temperature)

        return PerVerdict.of(calibrate)

    def log10_ratios(self, fake: PerVerdict[Array]) -> PerVerdict[Array]:
        """log10(LR) of videos from their P(fake), as `aggregate` gives it; NaN where none is given.

        Temperatures play no part: the ratios were fitted to P(fake) as it is before them.
        """

        def ratios(verdict: Verdict) -> Array:
            model = None if self.ratios is None else self.ratios[verdict]
            p = fake[verdict]
            return np.full(len(p), np.nan) if model is None else model.log10_ratio(p)

        return PerVerdict.of(ratios)

    @property
    def compares(self) -> bool:
        """Whether videos are compared with those that the likelihood ratios rest on."""
        return self.ratios is not None and self.reference is not None

    def differences(self, measures: VideoMeasures | None) -> tuple[Difference, ...]:
        """In which respects a video is unlike those that the likelihood ratios rest on."""
        if measures is None or self.reference is None or self.ratios is None:
            return ()
        return find_differences(measures, self.reference)

    def verdict(self, verdict: Verdict, p: float | None) -> str:
        """`fake`, `real` or `unsure`; '' where nothing was scored."""
        if p is None:
            return ""
        low, high = self.band(verdict)
        if low < p < high:
            return "unsure"
        return "fake" if p >= self.thresholds[verdict] else "real"

    def band(self, verdict: Verdict) -> tuple[float, float]:
        """The P(fake) between which a verdict is `unsure`: `abstain` to each side of the threshold.

        It never covers more than half of the way to 0 or to 1, so that `real` and `fake` can both
        still be given.
        """
        threshold = self.thresholds[verdict]
        below = min(self.abstain, threshold / 2)
        above = min(self.abstain, (1 - threshold) / 2)
        return threshold - below, threshold + above

    def withheld(self, synthetic: bool) -> str:
        """Why a video, synthetic or recorded, gets no verdict; '' if it gets one."""
        return ONLY_SYNTHETIC if self.only_synthetic and not synthetic else ""


def judge(
    validation: Validation,
    how: Aggregate,
    calibrate: bool = False,
    abstain: float = 0.0,
) -> Judgement:
    """How to judge videos, with thresholds, and temperatures if wanted, from validation videos."""
    found = validation.of(how)
    temperatures = NO_TEMPERATURES
    if calibrate:
        temperatures = found.map(lambda pair: fit_temperature(*pair))
    usable = found.map(lambda pair: usable_threshold(*pair))

    # Thresholds were found on uncalibrated scores: they move together with them.
    def calibrated(verdict: Verdict) -> float | None:
        best, temperature = usable[verdict], temperatures[verdict]
        if best is None or temperature == 1:
            return best
        return float(sigmoid(logit(np.array(best)) / temperature))

    thresholds = Thresholds.from_validation(PerVerdict.of(calibrated))
    return Judgement(how, thresholds, temperatures, abstain)


def ratios_of(validation: Validation, how: Aggregate) -> PerVerdict[RatioModel | None]:
    """The likelihood ratios that the validation videos support, of scores aggregated like this."""
    return validation.of(how).map(lambda pair: fit_ratio(*pair))
