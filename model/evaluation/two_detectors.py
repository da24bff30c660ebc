"""Two detectors on the same videos: whether their AUCs differ by more than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.identities import identity_of
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.bootstrap import PairedBootstrap, paired_bootstrap
from avdf.model.delong import DeLong, delong
from avdf.model.evaluation.score_table import ScoreTable
from avdf.model.evaluation.verdict_metrics import labels_and_scores
from avdf.model.scoring.probabilities import NOT_SCORED, Probabilities
from avdf.model.scoring.rows import VideoScore
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict


@dataclass(frozen=True)
class AucDifference:
    """One verdict of two detectors, on the videos with a label that both scored.

    real, fake   how many such videos of each class there are
    test         DeLong's test, which takes videos for independent; None with fewer than two videos
                 of a class
    by_identity  the bootstrap over identities; None where it cannot be had
    """

    real: int
    fake: int
    test: DeLong | None
    by_identity: PairedBootstrap | None

    def as_dict(self) -> dict[str, Any]:
        """As `metrics.json` holds it; None where there is nothing to compare."""
        test, drawn = self.test, self.by_identity
        return {
            "real": self.real,
            "fake": self.fake,
            "auc": test.first if test else None,
            "auc_against": test.second if test else None,
            "difference": test.difference if test else None,
            "delong": {
                "standard_error": test.error,
                "interval_95": test.interval,
                "p_value": test.p_value,
            }
            if test
            else None,
            "bootstrap_over_identities": asdict(drawn) if drawn else None,
        }


@dataclass(frozen=True)
class TwoDetectors:
    """The scores of two tables compared, verdict by verdict.

    against   the second table
    verdicts  differences are: the second less the first
    one_only  videos of the split that only one of the tables has a video verdict of
    """

    against: Path
    verdicts: PerVerdict[AucDifference]
    one_only: int

    def as_dict(self) -> dict[str, Any]:
        """As `metrics.json` holds it."""
        differences = {name: self.verdicts[name].as_dict() for name in REPORT_ORDER}
        return {
            "comparison": {
                "against": str(self.against),
                "scored_by_one_alone": self.one_only,
                **differences,
            }
        }


def compare_detectors(
    videos: Sequence[VideoScore], against: ScoreTable
) -> TwoDetectors:
    """Compare scores with those of a second table, on the videos that both scored.

    Args:
        videos: of the first detector, with the labels that both are compared with.
        against: the second detector's P(fake), under the same ids; its labels are not used.

    Raises:
        SettingsError: no video is in both tables.
    """
    second = against.probability
    both = [video for video in videos if video.info.id in second]
    if not both:
        raise SettingsError(
            f"{against.path}: none of its {len(against.probability)} ids is among the "
            f"{len(videos)} videos that are judged"
        )
    one_only = sum(
        (video.probability.video is None)
        != (second.get(video.info.id, NOT_SCORED).video is None)
        for video in videos
    )
    found = PerVerdict.of(lambda verdict: _difference(both, second, verdict))
    return TwoDetectors(against.path, found, one_only)


def _difference(
    videos: Sequence[VideoScore],
    second: Mapping[str, Probabilities],
    verdict: Verdict,
) -> AucDifference:
    labels, first = labels_and_scores(videos, verdict)
    other = np.array([second[video.info.id][verdict] for video in videos], np.float64)
    names = np.array([identity_of(video.info) for video in videos], dtype=object)
    # Only what both have judged and somebody has labelled can be compared.
    kept = np.isin(labels, (REAL, FAKE)) & np.isfinite(first) & np.isfinite(other)
    labels, first, other = labels[kept], first[kept], other[kept]
    real, fake = int((labels == REAL).sum()), int((labels == FAKE).sum())
    test = delong(labels, first, other)
    drawn = paired_bootstrap(labels, first, other, names[kept]) if test else None
    return AucDifference(real, fake, test, drawn)
