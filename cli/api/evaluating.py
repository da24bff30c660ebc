"""`avdf.evaluate`: the scores of any detector, judged as those of avdf are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from avdf.arguments import as_path, check_fields, check_options
from avdf.cache.files.atomic_file import write_text
from avdf.cache.files.csv_table import write_table
from avdf.cache.files.ownership import check_folder, claim_folder
from avdf.compared_text import compared_lines
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.evaluate import evaluate as evaluate_scores
from avdf.model.evaluation.external import Comparable, as_listed, under_protocol
from avdf.model.evaluation.metrics_document import figures_document
from avdf.model.evaluation.score_table import read_scores
from avdf.model.evaluation.two_detectors import TwoDetectors, compare_detectors
from avdf.model.report.html import write_report
from avdf.model.report.material import ReportMaterial
from avdf.model.scoring.rows import VIDEO_COLUMNS, ScoredVideos
from avdf.result_text import figures_text
from avdf.sources import AnyPath, known_videos


@dataclass(frozen=True)
class EvaluateOptions:
    """How a table of scores is read and judged.

    labels        shards, a dataset's root or a manifest that knows the labels; None: the table does
    protocol      assigns videos to splits
    split         that is judged: train, val, test or all
    scale         of the scores: probability, or logit
    real_is_high  a high score means real
    lr            likelihood ratios too, from the validation videos
    against       a second table, of P(fake): whether the two detectors differ on the same videos
    """

    labels: AnyPath | None = None
    protocol: str = "dataset"
    split: Literal["train", "val", "test", "all"] = "test"
    scale: Literal["probability", "logit"] = "probability"
    real_is_high: bool = False
    lr: bool = False
    against: AnyPath | None = None

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, repr=False)
class EvaluateResult:
    """The figures of another detector under a protocol.

    table       the file that was judged
    comparable  its scores as rows, the thresholds from its validation rows, and notes
    evaluation  the figures
    compared    the same beside a second table; None where none was given
    """

    table: Path
    comparable: Comparable
    evaluation: Evaluation
    compared: TwoDetectors | None = None

    @property
    def scores(self) -> ScoredVideos:
        """A row for every video of the split."""
        return self.comparable.scores

    @property
    def complete(self) -> bool:
        """Whether every video of the split has a score."""
        return len(self.scores.scored) == len(self.scores.videos)

    def as_dict(self) -> dict[str, Any]:
        """The content of `metrics.json`."""
        compared = self.compared
        document = figures_document(self.scores, self.evaluation)
        return document if compared is None else {**document, **compared.as_dict()}

    def as_json(self) -> str:
        """The content of `metrics.json` as text."""
        return json.dumps(self.as_dict(), indent=1)

    def __repr__(self) -> str:
        return str(self).partition("\n")[0]

    def __str__(self) -> str:
        thresholds = self.comparable.thresholds
        lines = [
            figures_text(self.scores, self.evaluation),
            f"threshold for the video verdict: {thresholds.video:.3f} ({thresholds.origin})",
            *(f"  {note}" for note in self.comparable.notes),
            *(compared_lines(self.compared) if self.compared else ()),
        ]
        return "\n".join(lines)


def evaluate(
    table: AnyPath,
    options: EvaluateOptions = EvaluateOptions(),
    *,
    out: AnyPath | None = None,
) -> EvaluateResult:
    """Judge the scores of another detector: thresholds from its rows of `val`, figures on `test`.

    Args:
        table: CSV with the columns id and score (P(fake)), and label where no `labels` are given.
        out: folder for the figures and the report; None: nothing is written.

    Raises:
        SettingsError: the table cannot be read, or has nothing to judge under this protocol.
    """
    check_options(options, EvaluateOptions)
    path = as_path(table, "table")
    labels = None if options.labels is None else Path(options.labels)
    against = None if options.against is None else as_path(options.against, "against")
    if out is not None:
        given_paths = [one for one in (path, labels, against) if one is not None]
        check_folder(as_path(out, "out"), "evaluation", given_paths)
    # A logit or a score of being real becomes P(fake) here, once: all later steps know only that.
    given = read_scores(path, options.scale, options.real_is_high)
    # Labels of a dataset come before those in the table, which may be anyone's.
    videos = known_videos(labels) if labels is not None else given.infos
    split = "" if options.split == "all" else options.split
    # Thresholds come from the rows of `val`: from `test` they would be chosen with the answers.
    comparable = under_protocol(
        given, videos, options.protocol, split, with_ratios=options.lr
    )
    evaluation = evaluate_scores(comparable.scores, comparable.thresholds)
    compared = None
    if against is not None:
        # A table of logits becomes one of P(fake) with `avdf evaluate TABLE --scale logit --out`.
        second, _ = as_listed(read_scores(against), [video.id for video in videos])
        compared = compare_detectors(comparable.scores.videos, second)
    result = EvaluateResult(path, comparable, evaluation, compared)
    if out is not None:
        _write(Path(out), result)
    return result


def _write(out: Path, result: EvaluateResult) -> None:
    # Claimed only now, when there are figures to write.
    claim_folder(out, "evaluation")
    write_table(out / "videos.csv", VIDEO_COLUMNS, result.scores.videos)
    write_text(out / "metrics.json", result.as_json())
    material = ReportMaterial(
        title=f"avdf: scores of {result.table.name}",
        ratios=result.comparable.judgement.ratios,
        compared=result.compared,
    )
    write_report(out / "report.html", result.scores, result.evaluation, material)
