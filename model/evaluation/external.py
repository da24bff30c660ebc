"""Scores of another detector under a protocol, judged as scores of avdf are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import SPLITS, VideoInfo
from avdf.model.evaluation.score_table import ScoreTable
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.likelihood.ratio_model import RatioModel, fit_ratio
from avdf.model.likelihood.ratio_words import PROPOSITIONS, support_words
from avdf.model.metrics import Labels, Scores
from avdf.model.protocols import Assignment, assign
from avdf.model.protocols.id_matching import match_ids, refuse_mostly_unknown
from avdf.model.scoring.probabilities import NOT_SCORED
from avdf.model.scoring.rows import ScoredVideos, VideoScore, scored_row, unscored_row
from avdf.model.thresholds import Thresholds, best_threshold
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict, labels_of


@dataclass(frozen=True)
class Comparable:
    """Scores of another detector under a protocol.

    scores     a row for each video of the split that is judged
    judgement  thresholds and likelihood ratios, from the rows of the validation split
    notes      sentences for the reader: what the figures rest on, and what is odd
    """

    scores: ScoredVideos
    judgement: Judgement
    notes: tuple[str, ...]

    @property
    def thresholds(self) -> Thresholds:
        """P(fake) from which a verdict is `fake`."""
        return self.judgement.thresholds


def under_protocol(
    table: ScoreTable,
    videos: Sequence[VideoInfo],
    protocol: str,
    split: str = "test",
    with_ratios: bool = False,
) -> Comparable:
    """Judge the scores of a table on a split, with thresholds from the validation split alone.

    Args:
        videos: with labels; those of the table itself where it has them.
        protocol: assigns videos to splits.
        split: that is judged; '' for every video.
        with_ratios: likelihood ratios too, from the validation split as well.

    Raises:
        SettingsError: an unknown protocol or split, nothing to judge, or no labels.
    """
    if split not in ("", *SPLITS):
        raise SettingsError(
            f"split {split!r} is unknown; use one of {', '.join(SPLITS)}, or all"
        )
    assignment = assign(protocol, videos)
    placed = [replace(video, split=assignment.of(video.id)) for video in videos]
    judged = [video for video in placed if split in ("", video.split)]
    _check_judged(
        table,
        judged,
        assignment,
        f"protocol {protocol} has no video of split {split!r} among {len(videos)}",
    )
    table, strange = as_listed(table, [video.id for video in videos])

    # Thresholds that were found on the judged videos would flatter the detector.
    validation = [video for video in placed if video.split == "val" and split != "val"]
    known_scores = _validation_scores(table, validation)
    found = known_scores.map(lambda pair: best_threshold(*pair))
    thresholds = Thresholds.from_validation(found)
    ratios = known_scores.map(lambda pair: fit_ratio(*pair)) if with_ratios else None
    rests_on = (
        f"Rests on scores of another detector ({table.path.name}): "
        "what it was trained on is not known here"
    )
    judgement = Judgement("mean", thresholds, rests_on=rests_on, ratios=ratios)
    rows = tuple(_row(table, video, judgement) for video in judged)
    notes = (rests_on, *_notes(strange, thresholds), *_ratio_notes(table, ratios))
    scores = ScoredVideos(
        videos=rows,
        segments=(),
        split=split,
        assignment=assignment,
        notes=notes,
    )
    return Comparable(scores, judgement, notes)


def _check_judged(
    table: ScoreTable,
    judged: Sequence[VideoInfo],
    assignment: Assignment,
    fault: str,
) -> None:
    """Refuse a split without videos, or without labels."""
    if not judged:
        why = "".join(f"; {note}" for note in assignment.notes)
        raise SettingsError(f"{table.path}: {fault}{why}")
    if not any(video.label in (REAL, FAKE) for video in judged):
        raise SettingsError(
            f"{table.path}: no labels; give a column label, or the dataset as labels"
        )


def as_listed(table: ScoreTable, ids: Sequence[str]) -> tuple[ScoreTable, list[str]]:
    """The table with its scores under the ids that are listed, however it spells them.

    Args:
        ids: of all videos that are known, whatever split they are in.

    Also gives the names in the table that stand for none of the listed videos.

    Raises:
        SettingsError: most rows are of no listed video, or two of the same one.
    """
    names = list(table.probability)
    meant = match_ids(table.probability, ids)
    strange = [name for name in names if name not in meant]
    refuse_mostly_unknown(
        table.path,
        given=names,
        missing=strange,
        listed=ids,
        used=meant.values(),
        what="id",
    )
    first: dict[str, str] = {}
    for name, video in meant.items():
        if first.setdefault(video, name) != name:
            raise SettingsError(
                f"{table.path}: {first[video]} and {name} are the same video; "
                "keep one of the two rows"
            )
    probability = {video: table.probability[name] for name, video in meant.items()}
    return replace(table, probability=probability), strange


def _validation_scores(
    table: ScoreTable, validation: Sequence[VideoInfo]
) -> PerVerdict[tuple[Labels, Scores]]:
    """Labels and P(fake) of the validation videos that are in the table; NaN without a score."""
    scored = [video for video in validation if video.id in table.probability]

    def known_scores(verdict: Verdict) -> tuple[Labels, Scores]:
        labels = [labels_of(video)[verdict] for video in scored]
        # None becomes NaN, which is left out.
        scores = [table.probability[video.id][verdict] for video in scored]
        return np.array(labels, np.int64), np.array(scores, np.float64)

    return PerVerdict.of(known_scores)


def _row(
    table: ScoreTable,
    video: VideoInfo,
    judgement: Judgement,
) -> VideoScore:
    probability = table.probability.get(video.id, NOT_SCORED)
    if probability.video is None:
        return unscored_row(video, "not_scored", "no score in the file")
    fake = probability.map(lambda p: np.array([np.nan if p is None else p]))
    ratios = judgement.log10_ratios(fake)
    return scored_row(
        video,
        probability,
        judgement,
        log10_ratio=ratios.map(lambda ratio: or_none(float(ratio[0]))),
    )


def _notes(strange: Sequence[str], thresholds: Thresholds) -> list[str]:
    notes = []
    if strange:
        notes.append(
            f"{len(strange)} rows are of videos that the protocol's data does not list: "
            + ", ".join(strange[:5])
        )
    if thresholds.origin == "default":
        notes.append(
            "no validation rows with both classes in the file: the threshold stays at 0.5"
        )
    return notes


def _ratio_notes(
    table: ScoreTable, ratios: PerVerdict[RatioModel | None] | None
) -> list[str]:
    """What likelihood ratios rest on, of the verdicts that the table has scores of."""
    if ratios is None:
        return []
    notes = [PROPOSITIONS]
    for verdict in REPORT_ORDER:
        given = (scores[verdict] for scores in table.probability.values())
        if any(score is not None for score in given):
            notes.append(f"{verdict}: {support_words(ratios[verdict])}")
    return notes
