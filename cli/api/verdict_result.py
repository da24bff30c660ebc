"""One verdict of a result: its probability, its threshold, and how it prints."""

from dataclasses import dataclass
from typing import Protocol

from avdf.model.inference.decision import Judgement
from avdf.model.scoring.probabilities import Probabilities
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.verdicts import PerVerdict, Verdict
from avdf.result_text import sync_words, verdict_words


@dataclass(frozen=True, repr=False)
class VerdictResult:
    """One verdict on a video.

    probability  P(fake), in [0, 1]
    verdict      `fake`, `real`, `unsure`, or '' where the verdict is withheld
    threshold    from which on a probability means fake
    log10_ratio  log10 of the likelihood ratio; None where none was asked for or can be given
    """

    probability: float
    verdict: str
    threshold: float
    log10_ratio: float | None = None

    def __repr__(self) -> str:
        return verdict_words(self.verdict, self.probability, self.threshold)


@dataclass(frozen=True, repr=False)
class SyncResult:
    """Whether a video's picture and sound belong together.

    synchrony  all that was found: `sync`, `depth`, `curve`
    threshold  the probability from which they do not
    """

    synchrony: Synchrony
    threshold: float

    @property
    def probability(self) -> float:
        """P(they do not belong together), in [0, 1]."""
        assert self.synchrony.probability is not None  # else there is no such result
        return self.synchrony.probability

    @property
    def verdict(self) -> str:
        """`in sync`, `out of sync`, `unsure`, or '' where the verdict is withheld."""
        return self.synchrony.verdict

    @property
    def offset_ms(self) -> int | None:
        """By how many ms the sound is late; early: negative. None where no offset fits."""
        return self.synchrony.offset_ms

    def __repr__(self) -> str:
        return sync_words(self.synchrony, self.threshold)


class JudgedRow(Protocol):
    """A row of a table of videos or of faces."""

    @property
    def probability(self) -> Probabilities: ...
    @property
    def verdict(self) -> PerVerdict[str]: ...
    @property
    def log10_ratio(self) -> Probabilities: ...


def verdict_result(
    row: JudgedRow, name: Verdict, judgement: Judgement
) -> VerdictResult | None:
    """A verdict of a row; None where it was not examined."""
    probability = row.probability[name]
    if probability is None:
        return None
    return VerdictResult(
        probability,
        row.verdict[name],
        judgement.thresholds[name],
        row.log10_ratio[name],
    )


def sync_result(found: Synchrony, judgement: Judgement) -> SyncResult | None:
    """Whether picture and sound belong together; None where it was not examined."""
    calibration = judgement.sync.usable
    if found.probability is None or calibration is None:
        return None
    return SyncResult(found, calibration.threshold)
