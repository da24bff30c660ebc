"""From scores to figures: kinds of fakes, how often a verdict was given, the silence probe."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import Period, VideoInfo
from avdf.model.evaluation.evaluate import Evaluation, evaluate
from avdf.model.evaluation.kinds import type_of
from avdf.model.evaluation.metrics_document import figures_document, weights_note
from avdf.model.evaluation.silence_probe import SilenceProbe, probe_silence
from avdf.model.evaluation.verdict_metrics import labels_and_scores
from avdf.model.scoring.rows import ScoredVideos, VideoScore, unscored_row
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.timelines import timeline_with_peak
from tests.helpers.video_scores import video_score


def real_video(number: int) -> VideoScore:
    """A real video of its own person, with a score of a tenth of its number."""
    return video_score(
        f"r{number}",
        REAL,
        0.1 * number,
        category="RVRA",
        identity=f"p{number}",
    )


REALS = [real_video(number) for number in range(5)]
FAKE_VISUAL = (
    "FVRA-WL",
    "FVFA-FS",
    "FVFA-GAN",
    "FVFA-WL",
)
CATEGORIES = (*FAKE_VISUAL, "RVFA")


def fakes_of(categories: tuple[str, ...]) -> list[VideoScore]:
    """Two fakes of each category, from 0.25 on, each category surer than the one before."""
    found = []
    for index, category in enumerate(categories):
        score = 0.25 + 0.1 * index
        for number in range(2):
            name = f"{category}{number}"
            found.append(video_score(name, FAKE, score, category=category))
    return found


def scored(*rows: VideoScore) -> ScoredVideos:
    return ScoredVideos(tuple(rows), ())


def evaluated(*rows: VideoScore) -> Evaluation:
    """The figures, with thresholds of one half."""
    return evaluate(scored(*rows), Thresholds())


# Kinds of fakes


@pytest.fixture
def with_all_categories() -> Evaluation:
    return evaluated(*REALS, *fakes_of(CATEGORIES))


@pytest.mark.parametrize("category", CATEGORIES)
def test_categories_are_compared_with_the_same_real_videos(
    category: str,
    with_all_categories: Evaluation,
) -> None:
    metrics = with_all_categories.by_category[category].metrics
    assert metrics.real == 5
    assert metrics.fake == 2


def test_each_category_of_fakes_is_measured(with_all_categories: Evaluation) -> None:
    assert set(with_all_categories.by_category) == set(CATEGORIES)


@pytest.mark.parametrize(
    ("category", "auc"),
    [
        ("FVRA-WL", 3 / 5),  # fakes at 0.25 are above 0, 0.1 and 0.2
        ("RVFA", 1.0),  # fakes at 0.65 are above all
    ],
)
def test_a_category_has_its_own_auc(
    category: str,
    auc: float,
    with_all_categories: Evaluation,
) -> None:
    found = with_all_categories.by_category[category].metrics.auc
    assert found == pytest.approx(auc)


def test_the_average_over_fake_visual_categories_is_a_plain_mean(
    with_all_categories: Evaluation,
) -> None:
    areas = []
    for category in FAKE_VISUAL:
        metrics = with_all_categories.by_category[category].metrics
        assert metrics.auc is not None
        areas.append(metrics.auc)
    average = with_all_categories.average_fake_visual
    assert average is not None
    assert average["auc"] == pytest.approx(np.mean(areas))


def test_there_is_no_average_where_a_category_is_missing() -> None:
    without_the_last = fakes_of(FAKE_VISUAL[:3])
    evaluation = evaluated(*REALS, *without_the_last)
    assert evaluation.average_fake_visual is None


def test_methods_are_kinds_too() -> None:
    swapped = video_score("f", FAKE, 0.9, method="swap")
    of_unknown_method = video_score("g", FAKE, 0.8)
    evaluation = evaluated(*REALS, swapped, of_unknown_method)
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
    row = unscored_row(info, "no_face", "")
    assert type_of(row) == expected


# How often a verdict was given


def test_coverage_counts_every_status() -> None:
    lost = video_score("lost", FAKE, None)
    evaluation = evaluated(*REALS, lost)
    assert evaluation.coverage == {"listed": 6, "ok": 5, "no_face": 1}


def test_decided_leaves_out_unsure_and_unlabelled_videos() -> None:
    right = video_score("a", FAKE, 0.9)
    wrong = video_score("b", REAL, 0.9)
    between = video_score("u", REAL, 0.5)
    unsure = replace(between, verdict=PerVerdict("", "", "unsure"))
    unlabelled = video_score("c", UNKNOWN, 0.9)

    evaluation = evaluated(right, wrong, unsure, unlabelled)

    decided = evaluation.decided.video
    assert decided.unsure == 1
    assert decided.decided == 2
    assert decided.accuracy == 0.5


def test_a_verdict_that_was_never_given_has_no_accuracy() -> None:
    assert evaluated(*REALS).decided.visual.accuracy is None


def test_videos_without_labels_have_nothing_to_compare_with() -> None:
    unlabelled = video_score("a", UNKNOWN, 0.4)
    assert not evaluated(unlabelled).has_labels


def test_real_videos_alone_are_labelled() -> None:
    assert evaluated(*REALS).has_labels


def test_a_missing_score_is_nan() -> None:
    labels, scores = labels_and_scores([video_score("lost", FAKE, None)], "audio")
    assert labels.tolist() == [FAKE]
    assert np.isnan(scores).all()


# The silence probe


def silent(name: str, label: int, seconds: float | None) -> VideoScore:
    """A video that begins with silence of that length."""
    row = video_score(name, label, 0.5)
    return replace(row, leading_silence=seconds)


@pytest.fixture
def telling_silence() -> SilenceProbe:
    """Two real videos with little silence, and a fake one with much."""
    rows = [
        silent("a", REAL, 0.0),
        silent("b", REAL, 0.1),
        silent("c", FAKE, 0.5),
    ]
    scores = replace(scored(*rows), trimmed=True)
    return probe_silence(scores)


def test_silence_that_separates_the_classes_is_found(
    telling_silence: SilenceProbe,
) -> None:
    assert telling_silence.videos == 3
    assert telling_silence.auc_video == 1.0
    assert telling_silence.auc_audio == 1.0


def test_the_probe_tells_the_median_of_each_class(
    telling_silence: SilenceProbe,
) -> None:
    assert telling_silence.median_real == 0.05
    assert telling_silence.median_fake == 0.5


def test_the_probe_says_whether_the_silence_was_trimmed(
    telling_silence: SilenceProbe,
) -> None:
    assert telling_silence.trimmed


def test_videos_of_unknown_silence_take_no_part() -> None:
    unknown = silent("a", REAL, None)
    known = silent("b", FAKE, 0.2)
    probe = probe_silence(scored(unknown, known))
    assert probe.videos == 1
    assert probe.auc_video is None
    assert probe.median_real is None


# Documents


def test_the_figures_have_the_video_verdict_first(
    with_all_categories: Evaluation,
) -> None:
    document = with_all_categories.as_dict()
    order = ["video", "visual", "audio"]
    assert list(document["verdicts"]) == order
    assert list(document["decided"]) == order


def test_without_timelines_no_verdict_is_located(
    with_all_categories: Evaluation,
) -> None:
    assert with_all_categories.as_dict()["localisation"] == {}


def test_the_figures_are_json(with_all_categories: Evaluation) -> None:
    document = with_all_categories.as_dict()
    assert json.loads(json.dumps(document)) is not None


def test_only_verdicts_that_were_located_are_written() -> None:
    info = VideoInfo(
        id="a",
        path="a",
        label=FAKE,
        label_visual=FAKE,
        label_audio=REAL,
    )
    # Its audio is real: there is nothing in it to locate.
    scores = replace(
        scored(unscored_row(info, "ok", "")),
        timelines={"a": (timeline_with_peak(25, 50),)},
        periods={"a": (Period(1.0, 2.0, FAKE, REAL),)},
    )
    document = evaluate(scores, Thresholds()).as_dict()
    assert list(document["localisation"]) == ["video", "visual"]


def test_the_document_names_the_split_and_the_notes() -> None:
    scores = replace(
        scored(*REALS),
        split="",
        notes=("odd",),
        trained_on=2,
    )
    document = figures_document(scores, evaluate(scores, Thresholds()))
    assert document["split"] == "all"
    assert document["notes"] == ["odd"]
    assert document["trained_on"] == 2
    assert document["protocol"] is None


# Weights


def backbone(weights: str, is_real: bool) -> Any:
    """What a run tells of one backbone."""
    return SimpleNamespace(
        architecture="demo",
        weights=weights,
        is_real=is_real,
    )


def test_weights_of_the_foundation_models_need_no_note() -> None:
    clip = backbone("openai", is_real=True)
    assert weights_note({"clip": clip}) == ""


def test_other_weights_are_named() -> None:
    backbones = {
        "clip": backbone("demo", is_real=False),
        "whisper": backbone("random", is_real=False),
    }
    expected = "These figures rest on clip demo (demo) and whisper demo (random)"
    assert weights_note(backbones).startswith(expected)


def test_the_cost_of_likelihood_ratios_is_measured() -> None:
    ratios = {"a": -1.0, "b": 0.3, "c": 1.2, "d": 0.1}
    labels = {"a": 0, "b": 0, "c": 1, "d": 1}
    videos = [
        replace(
            video_score(name, labels[name], 0.5),
            log10_ratio=PerVerdict(None, None, ratio),
        )
        for name, ratio in ratios.items()
    ]
    found = evaluate(ScoredVideos(tuple(videos), ()), Thresholds())

    # 1/2 (mean over fakes of log2(1 + 1/LR) + mean over reals of log2(1 + LR))
    of_fake = [np.log2(1 + 10 ** -ratios[name]) for name in "cd"]
    of_real = [np.log2(1 + 10 ** ratios[name]) for name in "ab"]
    cost = found.ratio_costs.video
    assert cost is not None
    assert cost.cllr == pytest.approx((np.mean(of_fake) + np.mean(of_real)) / 2)
    assert found.ratio_costs.audio is None
    assert list(found.as_dict()["likelihood_ratios"]) == ["video"]
