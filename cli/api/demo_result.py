"""What the demo came to, in figures and in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.counted import counted
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.sync_metrics import SyncMetrics
from avdf.model.runs.config import RunConfig
from avdf.model.verdicts import REPORT_ORDER

# Whether synchrony is learned depends on these two settings.
_OF_SYNCHRONY = (("training", "matching"), ("model", "align_from"))


@dataclass(frozen=True, repr=False)
class DemoResult:
    """What the demo came to: figures on persons whom the detector has not seen.

    folder      of everything
    evaluation  figures of the three verdicts, on the held-out persons of the dataset
    seconds     that the call took
    config      how the detector was trained
    sync        figures of the fourth score, on the pairs
    sync_note   why the detector cannot judge synchrony; '' if it can
    """

    folder: Path
    evaluation: Evaluation
    seconds: float
    config: RunConfig
    sync: SyncMetrics
    sync_note: str = ""

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.folder / "scores" / "report.html"

    @property
    def pairs_report(self) -> Path:
        """The page on the pairs."""
        return self.folder / "pairs-scores" / "report.html"

    def __repr__(self) -> str:
        return str(self).partition("\n")[0]

    def __str__(self) -> str:
        lines = [
            *self._verdict_lines(),
            *self._sync_lines(),
            "These figures are of synthetic faces and small backbones: "
            "they show that the chain works, no more.",
            *self._unlike_paper(),
            f"report: {self.report}",
            f"report on the pairs: {self.pairs_report}",
        ]
        return "\n".join(lines)

    def _verdict_lines(self) -> Iterator[str]:
        scored = self.evaluation.coverage.get("ok", 0)
        yield f"held-out persons ({counted(scored, 'video')}), after {self.seconds:.0f} s:"
        for name in REPORT_ORDER:
            metrics = self.evaluation.verdicts[name].metrics
            known = f"{metrics.real} real, {metrics.fake} fake"
            yield f"  {name:7} AUC {_area(metrics.auc)}  ({known})"

    def _sync_lines(self) -> Iterator[str]:
        found = self.sync
        pairs = counted(found.together + found.apart, "pair")
        yield f"do picture and sound belong together? ({pairs} of other persons)"
        if self.sync_note:
            yield f"  sync    not examined: {self.sync_note}"
            return
        known = f"{found.together} belong together, {found.apart} do not"
        right = round((found.accuracy or 0) * found.decided)
        unsure = found.together + found.apart - found.decided
        more = f", {unsure} unsure" if unsure else ""
        yield (
            f"  sync    AUC {_area(found.auc)}  ({known}); "
            f"{right} of {counted(found.decided, 'verdict')} right{more}"
        )

    def _unlike_paper(self) -> Iterator[str]:
        """A sentence on settings that are not the paper's, and how to get the paper's."""
        here, paper = self.config.as_dict(), RunConfig().as_dict()
        own, papers = [], []
        for section, key in _OF_SYNCHRONY:
            if here[section][key] != paper[section][key]:
                own.append(f"{section}.{key}={here[section][key]}")
                papers.append(f"--set {section}.{key}={paper[section][key]}")
        if own:
            yield (
                f"Unlike in the paper, the detector was trained with {' and '.join(own)}; "
                f"as in the paper: {' '.join(papers)}"
            )


def _area(auc: float | None) -> str:
    return "unknown" if auc is None else f"{auc:.3f}"
