"""From scores to figures: kinds of fakes, how often a verdict was given, the silence probe."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import Period, VideoInfo
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.evaluation.kinds import type_of
from avdf.model.evaluation.metrics_document import figures_document, weights_note
from avdf.model.evaluation.silence_probe import probe_silence
from avdf.model.evaluation.verdict_metrics import labels_and_scores
from avdf.model.scoring.rows import ScoredVideos, VideoScore, unscored_row
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.timelines import timeline_with_peak
from tests.helpers.video_scores import video_score

REALS = [
    video_score(f"r{n}", REAL, 0.1 * n, category="RVRA", identity=f"p{n}")
    for n in range(5)
]
CATEGORIES = ("FVRA-WL", "FVFA-FS", "FVFA-GAN", "FVFA-WL", "RVFA")


def fakes_of(categories: tuple[str, ...]) -> list[VideoScore]:
    """Two fakes of each category, each surer than the one before."""
    return [
        video_score(f"{category}{number}", FAKE, 0.25 + 0.1 * index, category=category)
        for index, category in enumerate(categories)
        for number in range(2)
    ]


def scored(*rows: VideoScore) -> ScoredVideos:
    return ScoredVideos(tuple(rows), ())


def test_categories_are_compared_with_the_same_real_videos() -> None:
    evaluation = evaluate(scored(*REALS, *fakes_of(CATEGORIES)), Thresholds())
    found = {
        name: measured.metrics for name, measured in evaluation.by_category.items()
    }
    assert {(metrics.real, metrics.fake) for metrics in found.values()} == {(5, 2)}
    assert found["FVRA-WL"].auc == pytest.approx(3 / 5)
    assert found["RVFA"].auc == 1.0


def test_the_average_over_fake_visual_categories_is_a_plain_mean() -> None:
    evaluation = evaluate(scored(*REALS, *fakes_of(CATEGORIES)), Thresholds())
    areas = [evaluation.by_category[name].metrics.auc or 0.0 for name in CATEGORIES[:4]]
    assert evaluation.average_fake_visual is not None
    assert evaluation.average_fake_visual["auc"] == pytest.approx(np.mean(areas))


def test_there_is_no_average_where_a_category_is_missing() -> None:
    evaluation = evaluate(scored(*REALS, *fakes_of(CATEGORIES[:3])), Thresholds())
    assert evaluation.average_fake_visual is None


def test_methods_are_kinds_too() -> None:
    fakes = [video_score("f", FAKE, 0.9, method="swap"), video_score("g", FAKE, 0.8)]
    evaluation = evaluate(scored(*REALS, *fakes), Thresholds())
    assert list(evaluation.by_method) == ["swap"]


@pytest.mark.parametrize(
    ("visual", "audio", "expected"),
    [
        (FAKE, REAL, "FVRA"),
        (REAL, FAKE, "RVFA"),
        (UNKNOWN, FAKE, ""),
        (FAKE, UNKNOWN, ""),
    ],
)
def test_the_type_names_both_modalities(visual: int, audio: int, expected: str) -> None:
    info = VideoInfo(
        id="a",
        path="a",
        label=FAKE,
        label_visual=visual,
        label_audio=audio,
    )
    assert type_of(unscored_row(info, "no_face", "")) == expected


def test_coverage_counts_every_status() -> None:
    evaluation = evaluate(scored(*REALS, video_score("lost", FAKE, None)), Thresholds())
    assert evaluation.coverage == {"listed": 6, "ok": 5, "no_face": 1}


def test_decided_leaves_out_unsure_and_unlabelled_videos() -> None:
    unsure = replace(video_score("u", REAL, 0.5), verdict=PerVerdict("", "", "unsure"))
    rows = [video_score("a", FAKE, 0.9), video_score("b", REAL, 0.9), unsure]
    evaluation = evaluate(scored(*rows, video_score("c", UNKNOWN, 0.9)), Thresholds())
    decided = evaluation.decided.video
    assert (decided.unsure, decided.decided, decided.accuracy) == (1, 2, 0.5)


def test_a_verdict_that_was_never_given_has_no_accuracy() -> None:
    evaluation = evaluate(scored(*REALS), Thresholds())
    assert evaluation.decided.visual.accuracy is None


def test_videos_without_labels_have_nothing_to_compare_with() -> None:
    assert not evaluate(scored(video_score("a", UNKNOWN, 0.4)), Thresholds()).has_labels
    assert evaluate(scored(*REALS), Thresholds()).has_labels


def test_a_missing_score_is_nan() -> None:
    labels, scores = labels_and_scores([video_score("lost", FAKE, None)], "audio")
    assert labels.tolist() == [FAKE]
    assert np.isnan(scores).all()


def silent(name: str, label: int, seconds: float | None) -> VideoScore:
    return replace(video_score(name, label, 0.5), leading_silence=seconds)


def test_silence_that_separates_the_classes_is_found() -> None:
    rows = [silent("a", REAL, 0.0), silent("b", REAL, 0.1), silent("c", FAKE, 0.5)]
    probe = probe_silence(replace(scored(*rows), trimmed=True))
    assert (probe.videos, probe.auc_video, probe.auc_audio) == (3, 1.0, 1.0)
    assert (probe.median_real, probe.median_fake) == (0.05, 0.5)
    assert probe.trimmed


def test_videos_of_unknown_silence_take_no_part() -> None:
    probe = probe_silence(scored(silent("a", REAL, None), silent("b", FAKE, 0.2)))
    assert (probe.videos, probe.auc_video, probe.median_real) == (1, None, None)


def test_the_figures_are_json_with_the_video_verdict_first() -> None:
    scores = scored(*REALS, *fakes_of(CATEGORIES))
    document = evaluate(scores, Thresholds()).as_dict()
    assert (
        list(document["verdicts"])
        == list(document["decided"])
        == ["video", "visual", "audio"]
    )
    assert document["localisation"] == {}
    assert json.loads(json.dumps(document)) is not None


def test_only_verdicts_that_were_located_are_written() -> None:
    info = VideoInfo(id="a", path="a", label=FAKE, label_visual=FAKE, label_audio=REAL)
    scores = replace(
        scored(unscored_row(info, "ok", "")),
        timelines={"a": (timeline_with_peak(25, 50),)},
        periods={"a": (Period(1.0, 2.0, FAKE, REAL),)},
    )
    document = evaluate(scores, Thresholds()).as_dict()
    assert list(document["localisation"]) == ["video", "visual"]


def test_the_document_names_the_split_and_the_notes() -> None:
    scores = replace(scored(*REALS), split="", notes=("odd",), trained_on=2)
    document = figures_document(scores, evaluate(scores, Thresholds()))
    assert (document["split"], document["notes"], document["trained_on"]) == (
        "all",
        ["odd"],
        2,
    )
    assert document["protocol"] is None


def backbone(weights: str, is_real: bool) -> Any:
    return SimpleNamespace(architecture="demo", weights=weights, is_real=is_real)


def test_weights_of_the_foundation_models_need_no_note() -> None:
    assert weights_note({"clip": backbone("openai", is_real=True)}) == ""


def test_other_weights_are_named() -> None:
    note = weights_note(
        {
            "clip": backbone("demo", is_real=False),
            "whisper": backbone("random", is_real=False),
        }
    )
    assert note.startswith(
        "These figures rest on clip demo (demo) and whisper demo (random)"
    )
