"""Figures under perturbations."""

from collections.abc import Sequence

import pytest

from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.files.csv_table import flat
from avdf.model.evaluation.robustness import (
    PERTURBED_COLUMNS,
    ROBUSTNESS_COLUMNS,
    PerturbationLevel,
    robustness,
)
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.thresholds import Thresholds
from avdf.pipeline.perturbations import parse_perturbations
from tests.helpers.video_scores import video_score


def scored(*values: float | None) -> ScoredVideos:
    """The first video is real, the others are fake."""
    rows = [
        video_score(f"v{number}", FAKE if number else REAL, value)
        for number, value in enumerate(values)
    ]
    return ScoredVideos(tuple(rows), ())


CLEAN, HARMED = scored(0.1, 0.9), scored(0.6, 0.4)


def results_of(
    words: Sequence[str],
    perturbed: ScoredVideos = HARMED,
) -> list[dict[str, object]]:
    levels = parse_perturbations(words)
    found = robustness(CLEAN, levels, lambda _: perturbed, Thresholds())
    return [flat(result.row, ROBUSTNESS_COLUMNS) for result in found]


def test_the_first_row_is_that_of_the_videos_as_they_are() -> None:
    clean = results_of(["blur:3"])[0]
    assert (clean["perturbation"], clean["level"], clean["value"]) == ("none", 0, None)
    assert (clean["auc_video"], clean["accuracy"], clean["videos"]) == (1.0, 1.0, 2)


def test_each_level_has_a_row() -> None:
    rows = results_of(["blur"])
    assert [row["level"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert {row["perturbation"] for row in rows[1:]} == {"blur"}


def test_figures_are_those_of_the_perturbed_videos() -> None:
    row = results_of(["blur:3"])[1]
    assert (row["auc_video"], row["auc_visual"], row["accuracy"]) == (0.0, 0.0, 0.0)


def test_a_video_that_is_lost_under_a_perturbation_is_not_counted() -> None:
    row = results_of(["blur:3"], scored(0.1, None))[1]
    assert (row["videos"], row["auc_video"]) == (1, None)


def test_the_scores_of_each_video_are_kept() -> None:
    levels = parse_perturbations(["blur:2"])
    _, result = robustness(CLEAN, levels, lambda _: HARMED, Thresholds())
    rows = [flat(video, PERTURBED_COLUMNS) for video in result.videos]
    assert [(row["id"], row["level"], row["p_video"]) for row in rows] == [
        ("v0", 2, 0.6),
        ("v1", 2, 0.4),
    ]


def test_videos_are_scored_only_when_their_row_is_asked_for() -> None:
    asked: list[str] = []

    def score(level: PerturbationLevel) -> ScoredVideos:
        asked.append(level.name)
        return HARMED

    rows = robustness(CLEAN, parse_perturbations(["blur"]), score, Thresholds())
    next(rows)
    next(rows)
    assert asked == ["blur:1"]


def test_no_confidence_interval_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The 61 rows of `--perturb all` would draw a thousand times each, and show nothing of it."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a confidence interval was drawn")

    monkeypatch.setattr("avdf.model.evaluation.verdict_metrics.bootstrap", refuse)
    assert len(results_of(["all"])) == 61
